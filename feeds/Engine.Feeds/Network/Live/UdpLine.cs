using System.Net;

namespace Engine.Feeds.Network.Live;

/// <summary>One line to listen to.</summary>
/// <param name="Name">What it is called in reports and journals; unique, not empty.</param>
/// <param name="Address">An IPv4 multicast group, or an address of this host, or 0.0.0.0 for all of them (unicast).</param>
/// <param name="Port">UDP port; 0 only for unicast: the kernel picks one.</param>
/// <param name="Interface">The interface that the group is joined on, by name (<c>eth0</c>) or by its IPv4 address; null leaves it to the routes.</param>
/// <param name="Source">The only sender wanted (source-specific multicast), or null for any.</param>
internal sealed record UdpLine(string Name, IPAddress Address, int Port, string? Interface = null, IPAddress? Source = null)
{
    /// <summary>Whether the address is a multicast group: 224.0.0.0 to 239.255.255.255.</summary>
    public bool IsMulticast => Ipv4.ToNumber(Address) >> 28 == 0xE;

    /// <summary>The line as messages name it.</summary>
    public override string ToString() => $"line {Name} ({Address}:{Port})";
}

/// <summary>How a <see cref="UdpReceiver"/> receives.</summary>
internal sealed record UdpOptions
{
    /// <summary>Most datagrams of a batch.</summary>
    public const int MaxBatch = 1_024;

    /// <summary>Most bytes of a datagram's slot: the longest UDP payload of IPv4, rounded up.</summary>
    public const int MaxSlotBytes = 65_536;

    /// <summary>Receive buffer asked of the kernel, bytes a socket.</summary>
    public int ReceiveBufferBytes { get; init; } = 16 << 20;

    /// <summary>Most datagrams taken from a socket at once.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Bytes kept of a datagram; a longer one is truncated and counted.</summary>
    public int SlotBytes { get; init; } = 9_216;

    /// <summary>µs that a receive polls the device itself (SO_BUSY_POLL); 0 does not ask for it.</summary>
    public int BusyPollMicros { get; init; }

    /// <exception cref="LiveFeedException">A value outside its range.</exception>
    public void Check()
    {
        Check("receive buffer", ReceiveBufferBytes, 1, int.MaxValue / 2);
        Check("batch", BatchSize, 1, MaxBatch);
        Check("slot", SlotBytes, 64, MaxSlotBytes);
        Check("busy poll", BusyPollMicros, 0, 1_000_000);
    }

    private static void Check(string what, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new LiveFeedException($"the {what} of live lines is {value:N0}: give {least:N0} to {most:N0}");
        }
    }
}
