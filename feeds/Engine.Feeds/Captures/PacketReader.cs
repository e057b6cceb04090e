using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Engine.Feeds.Captures;

/// <summary>
/// Steps through the packets of one capture in memory. The current packet is in plain properties, so that a merge compares
/// captures without calling into them; only <see cref="Advance"/> depends on the format.
/// </summary>
internal abstract unsafe class PacketReader : IDisposable
{
    /// <summary>The <see cref="LinkType"/> of a packet whose capture does not say how it is framed.</summary>
    public const int NoInterface = -1;

    /// <param name="file">The capture; owned from here on.</param>
    protected PacketReader(CaptureFile file)
    {
        File = file;
        At = file.Start;
        End = file.Start + file.Length;
    }

    /// <summary>The file.</summary>
    public CaptureFile File { get; }

    /// <summary>The format in words: <c>pcap (ns)</c>, <c>pcapng</c>.</summary>
    public abstract string Format { get; }

    /// <summary>Whether there is a current packet.</summary>
    public bool HasRecord { get; protected set; }

    /// <summary>Link type of the current packet as the tcpdump group numbers them, or <see cref="NoInterface"/>.</summary>
    public int LinkType { get; protected set; }

    /// <summary>The current packet's time, ns since the Unix epoch. Where the capture gives none, that of the packet before it.</summary>
    public long Time { get; protected set; }

    /// <summary>Whether the capture gives that time, and it is well formed.</summary>
    public bool HasGoodTime { get; protected set; }

    /// <summary>Whether <see cref="Time"/> has come from the capture at all; if not, it is 0.</summary>
    public bool HasClock { get; protected set; }

    /// <summary>The current packet's bytes; they stay valid after <see cref="Advance"/>, until the file is closed.</summary>
    public byte* Data { get; protected set; }

    /// <summary>How many.</summary>
    public int Length { get; protected set; }

    /// <summary>What the current packet's interface stands for.</summary>
    public InterfaceRole Role { get; protected set; }

    /// <summary>Index of the current packet's line in a recording; 0 in any other capture.</summary>
    public int RecordedLine { get; protected set; }

    /// <summary>Whether the packet on the wire was longer than what was captured.</summary>
    public bool IsTruncated { get; protected set; }

    /// <summary>Why there is no further packet, when the file did not end where a packet ends.</summary>
    public SourceFault? Fault => Damage.ToFault(File);

    /// <summary>The same as the reading thread notes it.</summary>
    protected CaptureDamage Damage { get; set; }

    /// <summary>What is read next.</summary>
    protected byte* At { get; set; }

    /// <summary>The end of the content.</summary>
    protected byte* End { get; }

    /// <summary>Whether the writer's byte order is not this machine's.</summary>
    protected bool IsSwapped { get; set; }

    /// <summary>Opens a packet capture by its first four bytes.</summary>
    /// <exception cref="CaptureException">A damaged head, another version, or a link type that is not read.</exception>
    public static PacketReader Open(CaptureFile file) =>
        PcapngReader.IsOne(file) ? new PcapngReader(file) : new PcapReader(file);

    /// <summary>Steps to the next packet.</summary>
    public abstract void Advance();

    /// <summary>Adds what is counted of the file apart from its packets.</summary>
    public virtual void AddCounts(FeedStatistics statistics)
    {
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => File.Dispose();

    /// <summary>There is no further packet.</summary>
    /// <param name="damage">Why, the byte apart; none at a clean end.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    protected void Stop(CaptureDamage damage)
    {
        HasRecord = false;
        Damage = damage with
        {
            Kind = damage.Kind == DamageKind.None && File.Damage is not null ? DamageKind.Gzip : damage.Kind,
            Offset = At - File.Start,
        };
        At = End;
    }

    /// <summary>A u32 in the writer's byte order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected uint U32(byte* at)
    {
        // SAFETY: callers have checked that the header this field belongs to lies within the mapped file.
        uint value = Unsafe.ReadUnaligned<uint>(at);
        return IsSwapped ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    /// <summary>A u16 in the writer's byte order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected ushort U16(byte* at)
    {
        // SAFETY: as in U32.
        ushort value = Unsafe.ReadUnaligned<ushort>(at);
        return IsSwapped ? BinaryPrimitives.ReverseEndianness(value) : value;
    }
}
