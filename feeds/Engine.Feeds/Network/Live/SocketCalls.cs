using System.Runtime.InteropServices;

namespace Engine.Feeds.Network.Live;

/// <summary>The socket calls of 64-bit Linux that live lines need, with their constants and structures.</summary>
internal static unsafe partial class SocketCalls
{
    /// <summary>socket(): IPv4.</summary>
    public const int Inet = 2;

    /// <summary>socket(): datagrams, non-blocking, closed on exec.</summary>
    public const int DatagramNonBlocking = 2 | 2_048 | 524_288;

    /// <summary>Level of options that every socket has.</summary>
    public const int LevelSocket = 1;

    /// <summary>Level of IPv4's options.</summary>
    public const int LevelIp = 0;

    /// <summary>SO_REUSEADDR: several sockets may bind one group and port.</summary>
    public const int ReuseAddress = 2;

    /// <summary>SO_RCVBUF: receive buffer, up to the host's limit; reads back doubled.</summary>
    public const int ReceiveBuffer = 8;

    /// <summary>SO_RCVBUFFORCE: the same beyond the host's limit, with CAP_NET_ADMIN.</summary>
    public const int ReceiveBufferForce = 33;

    /// <summary>SO_TIMESTAMPNS, and the type of the control message that it adds.</summary>
    public const int TimestampNanos = 35;

    /// <summary>SO_RXQ_OVFL, and the type of the control message that it adds.</summary>
    public const int QueueOverflow = 40;

    /// <summary>SO_BUSY_POLL: µs that a receive looks at the device itself.</summary>
    public const int BusyPoll = 46;

    /// <summary>SO_MEMINFO: u32 counts of the socket; the drops are at <see cref="MemoryInfoDrops"/>.</summary>
    public const int MemoryInfo = 55;

    /// <summary>Index of the drops in SO_MEMINFO.</summary>
    public const int MemoryInfoDrops = 8;

    /// <summary>Counts in SO_MEMINFO.</summary>
    public const int MemoryInfoCounts = 9;

    /// <summary>IP_ADD_MEMBERSHIP, with <see cref="GroupRequest"/>.</summary>
    public const int AddMembership = 35;

    /// <summary>MCAST_JOIN_SOURCE_GROUP, with <see cref="SourceGroupRequest"/>: IP_ADD_SOURCE_MEMBERSHIP by interface index.</summary>
    public const int JoinSourceGroup = 46;

    /// <summary>IP_MULTICAST_ALL: 0 keeps groups away that other sockets of the host joined.</summary>
    public const int MulticastAll = 49;

    /// <summary>MSG_DONTWAIT.</summary>
    public const int DontWait = 64;

    /// <summary>MSG_TRUNC: asked, lengths are those on the wire; answered, the datagram was longer than its slot.</summary>
    public const int Truncated = 32;

    /// <summary>poll(): there is something to read.</summary>
    public const short PollIn = 1;

    /// <summary>The call was interrupted by a signal.</summary>
    public const int Interrupted = 4;

    /// <summary>Nothing there now.</summary>
    public const int Again = 11;

    /// <summary>struct sockaddr_in; port and address in network byte order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SocketAddress
    {
        /// <summary><see cref="Inet"/>.</summary>
        public ushort Family;

        /// <summary>Big-endian.</summary>
        public ushort Port;

        /// <summary>Big-endian.</summary>
        public uint Address;

        /// <summary>Unused.</summary>
        public ulong Zero;
    }

    /// <summary>struct ip_mreqn.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct GroupRequest
    {
        /// <summary>Big-endian.</summary>
        public uint Group;

        /// <summary>Address of the interface, big-endian; not looked at where the index is given.</summary>
        public uint Interface;

        /// <summary>0 leaves the choice to the routes.</summary>
        public int InterfaceIndex;
    }

    /// <summary>struct group_source_req: two addresses in 128 bytes each.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 264)]
    public struct SourceGroupRequest
    {
        /// <summary>0 leaves the choice to the routes.</summary>
        [FieldOffset(0)]
        public uint InterfaceIndex;

        /// <summary>The group.</summary>
        [FieldOffset(8)]
        public SocketAddress Group;

        /// <summary>The only sender wanted.</summary>
        [FieldOffset(136)]
        public SocketAddress Source;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Piece
    {
        /// <summary>First byte.</summary>
        public byte* Start;

        /// <summary>Bytes.</summary>
        public nuint Length;
    }

    /// <summary>struct mmsghdr: struct msghdr and the length received.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHead
    {
        /// <summary>Where the sender's address goes.</summary>
        public SocketAddress* Name;

        /// <summary>Room for it; the kernel overwrites it.</summary>
        public uint NameLength;

        /// <summary>Where the datagram goes.</summary>
        public Piece* Pieces;

        /// <summary>How many pieces.</summary>
        public nuint PieceCount;

        /// <summary>Where control messages go.</summary>
        public byte* Control;

        /// <summary>Room for them; the kernel overwrites it with what it used.</summary>
        public nuint ControlLength;

        /// <summary>Set by the kernel. struct msghdr ends here, padded to 8 bytes.</summary>
        public long Flags;

        /// <summary>Bytes of the datagram.</summary>
        public uint Length;
    }

    /// <summary>struct cmsghdr; its data follow, padded to 8 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ControlHead
    {
        /// <summary>Bytes with this head, without padding.</summary>
        public nuint Length;

        /// <summary>Level of the option that asked for it.</summary>
        public int Level;

        /// <summary>Its kind.</summary>
        public int Kind;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        /// <summary>Socket.</summary>
        public int Descriptor;

        /// <summary>What is waited for.</summary>
        public short Wanted;

        /// <summary>What there is.</summary>
        public short Found;
    }

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpecification
    {
        /// <summary>Whole seconds.</summary>
        public long Seconds;

        /// <summary>Nanoseconds below one second.</summary>
        public long Nanos;
    }

    // SAFETY: the signatures are those of 64-bit Linux; callers pass addresses that live through the call, with their own sizes.
    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Open(int family, int kind, int protocol);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int descriptor, SocketAddress* address, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetName(int descriptor, SocketAddress* address, uint* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int descriptor, int level, int option, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(int descriptor, int level, int option, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int descriptor, MessageHead* heads, uint count, int flags, TimeSpecification* timeout);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(int descriptor, byte* data, nuint length, int flags, SocketAddress* address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, TimeSpecification* timeout, void* signals);
}
