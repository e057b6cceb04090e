using System.Buffers.Binary;
using System.Runtime.InteropServices;
using static Engine.Feeds.Network.Live.SocketCalls;

namespace Engine.Feeds.Network.Live;

/// <summary>What the kernel granted a line.</summary>
/// <param name="Line">The line's name.</param>
/// <param name="Where">Address and port it is bound to, and the interface.</param>
/// <param name="AskedBufferBytes">Receive buffer asked for.</param>
/// <param name="GrantedBufferBytes">Receive buffer granted.</param>
/// <param name="HasKernelTimes">The kernel stamps datagrams with their receive time.</param>
/// <param name="CountsDrops">The kernel counts the datagrams that it drops.</param>
/// <param name="BusyPoll">What became of busy polling, in words.</param>
internal sealed record UdpLineReport(
    string Line, string Where, int AskedBufferBytes, int GrantedBufferBytes, bool HasKernelTimes, bool CountsDrops, string BusyPoll)
{
    /// <summary>One line for people.</summary>
    public string Sentence =>
        $"{Line}: {Where}, receive buffer {GrantedBufferBytes:N0} bytes"
        + (GrantedBufferBytes < AskedBufferBytes ? $" of {AskedBufferBytes:N0} asked (raise net.core.rmem_max)" : "")
        + (HasKernelTimes ? ", kernel receive times" : ", no kernel receive times")
        + (CountsDrops ? "" : ", drops of the kernel are not counted")
        + $", busy poll {BusyPoll}";
}

/// <summary>Opens, binds and joins the socket of one line. Cold.</summary>
internal static unsafe class UdpBinding
{
    private const int NotPermitted = 1, NoAccess = 13, NoDevice = 19, NoMemory = 12, ProcessFiles = 24, HostFiles = 23;
    private const int InUse = 98, NotAvailable = 99, NoBuffers = 105;
    private const int FirstFreePort = 1_024, LastPort = 65_535;

    /// <summary>Opens a line.</summary>
    /// <exception cref="LiveFeedException">It cannot be: no such interface, an address in use, no permission.</exception>
    public static UdpSocket Open(UdpLine line, UdpOptions options, out UdpLineReport report)
    {
        uint address = Ipv4.ToNumber(line.Address);
        uint? source = line.Source is { } given ? Ipv4.ToNumber(given) : null;
        Check(line);
        int index = Ipv4.InterfaceIndex(line.ToString(), line.Interface);
        int descriptor = SocketCalls.Open(Inet, DatagramNonBlocking, 0);
        ThrowIfFailed(line, descriptor, "open a socket");
        try
        {
            ThrowIfFailed(line, Set(descriptor, LevelSocket, ReuseAddress, 1), "share the address");
            int granted = SetBuffer(descriptor, options.ReceiveBufferBytes);
            bool times = Set(descriptor, LevelSocket, TimestampNanos, 1) == 0;
            bool drops = Set(descriptor, LevelSocket, QueueOverflow, 1) == 0;
            string busy = SetBusyPoll(descriptor, options.BusyPollMicros);
            if (line.IsMulticast)
            {
                // Before binding, so that nothing of other groups is queued.
                ThrowIfFailed(line, Set(descriptor, LevelIp, MulticastAll, 0), "keep other groups away");
            }

            int port = Bind(line, descriptor, address);
            if (line.IsMulticast)
            {
                Join(line, descriptor, address, source, index);
            }

            string where = $"{line.Address}:{port}" + (line.Interface is null ? "" : $" on {line.Interface}") + (line.Source is null ? "" : $" from {line.Source}");
            report = new UdpLineReport(line.Name, where, options.ReceiveBufferBytes, granted, times, drops, busy);
            return new UdpSocket(descriptor, options, port);
        }
        catch
        {
            _ = Close(descriptor);
            throw;
        }
    }

    private static void Check(UdpLine line)
    {
        if (line.Port is < 0 or > LastPort || (line.Port == 0 && line.IsMulticast))
        {
            throw new LiveFeedException($"{line}: {line.Port} is not a port: give 1 to {LastPort}");
        }

        if (line.Source is not null && !line.IsMulticast)
        {
            throw new LiveFeedException($"{line}: only a multicast group is joined for one source: leave the source {line.Source} out");
        }
    }

    private static int Bind(UdpLine line, int descriptor, uint address)
    {
        SocketAddress name = Name(address, line.Port);
        uint length = (uint)sizeof(SocketAddress);

        // SAFETY: locals, with their size.
        ThrowIfFailed(line, SocketCalls.Bind(descriptor, &name, length), "bind");
        ThrowIfFailed(line, GetName(descriptor, &name, &length), "bind");
        return BinaryPrimitives.ReverseEndianness(name.Port);
    }

    private static void Join(UdpLine line, int descriptor, uint group, uint? source, int index)
    {
        int result;
        if (source is { } one)
        {
            SourceGroupRequest request = new() { InterfaceIndex = (uint)index, Group = Name(group, 0), Source = Name(one, 0) };
            result = SetOption(descriptor, LevelIp, JoinSourceGroup, &request, (uint)sizeof(SourceGroupRequest));
        }
        else
        {
            GroupRequest request = new() { Group = BinaryPrimitives.ReverseEndianness(group), InterfaceIndex = index };
            result = SetOption(descriptor, LevelIp, AddMembership, &request, (uint)sizeof(GroupRequest));
        }

        ThrowIfFailed(line, result, "join the group");
    }

    /// <summary>An address in network byte order.</summary>
    public static SocketAddress Name(uint address, int port) => new()
    {
        Family = Inet,
        Port = BinaryPrimitives.ReverseEndianness((ushort)port),
        Address = BinaryPrimitives.ReverseEndianness(address),
    };

    /// <summary>Asks for a receive buffer, with force where the host's limit is below it.</summary>
    /// <returns>Bytes granted; the kernel tells twice that, for its own overhead.</returns>
    private static int SetBuffer(int descriptor, int bytes)
    {
        _ = Set(descriptor, LevelSocket, ReceiveBuffer, bytes);
        if (Granted(descriptor) < bytes)
        {
            _ = Set(descriptor, LevelSocket, ReceiveBufferForce, bytes);
        }

        return Granted(descriptor);
    }

    private static int Granted(int descriptor)
    {
        int value = 0;
        uint length = sizeof(int);

        // SAFETY: a local, with its size.
        return GetOption(descriptor, LevelSocket, ReceiveBuffer, &value, &length) == 0 ? value / 2 : 0;
    }

    private static string SetBusyPoll(int descriptor, int micros) =>
        micros == 0 ? "not asked for"
        : Set(descriptor, LevelSocket, BusyPoll, micros) == 0 ? $"{micros} µs"
        : Marshal.GetLastPInvokeError() == NotPermitted ? $"{micros} µs refused: it needs CAP_NET_ADMIN or net.core.busy_read at least that high"
        : $"{micros} µs refused (errno {Marshal.GetLastPInvokeError()})";

    private static int Set(int descriptor, int level, int option, int value) =>
        SetOption(descriptor, level, option, &value, sizeof(int)); // SAFETY: a local, with its size.

    private static void ThrowIfFailed(UdpLine line, int result, string what)
    {
        if (result >= 0)
        {
            return;
        }

        int error = Marshal.GetLastPInvokeError();
        throw new LiveFeedException($"{line}: cannot {what}: " + error switch
        {
            InUse => "another program holds this address and port and does not share it: end it, or take another port",
            NotAvailable => $"{line.Address} is not an address of this host: give one of its own, 0.0.0.0 or a multicast group",
            NoAccess or NotPermitted when line.Port is > 0 and < FirstFreePort =>
                $"no permission: ports below {FirstFreePort:N0} need CAP_NET_BIND_SERVICE; take a higher port or grant it",
            NoAccess or NotPermitted => "no permission: the host forbids it to this user",
            NoDevice => "no route leads to the group: name the interface it comes in on",
            NoBuffers => "the host allows no further memberships: raise net.ipv4.igmp_max_memberships",
            ProcessFiles or HostFiles => "too many files are open: raise the limit (ulimit -n)",
            NoMemory => "the host has no memory for it",
            _ => $"errno {error} ({Marshal.GetPInvokeErrorMessage(error)})",
        });
    }
}
