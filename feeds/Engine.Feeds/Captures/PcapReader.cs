using System.Runtime.CompilerServices;

namespace Engine.Feeds.Captures;

/// <summary>
/// Steps through the records of one classic pcap in memory.
/// </summary>
/// <remarks>
/// <code>
/// file    0         4       6       8          12        16       20        24
///         +---------+-------+-------+----------+---------+--------+---------+
///         | magic   | major | minor | thiszone | sigfigs | snaplen| link    |
///         +---------+-------+-------+----------+---------+--------+---------+
/// record  0         4            8          12          16
///         +---------+------------+----------+-----------+----------------------+
///         | seconds | us or ns   | captured | on wire   | captured bytes ...   |
///         +---------+------------+----------+-----------+----------------------+
/// </code>
/// All u32 (major, minor u16) in the writer's byte order, which the magic tells: a1b2c3d4 for microseconds, a1b23c4d for
/// nanoseconds. Layout: the libpcap file format (IETF draft-gharris-opsawg-pcap).
/// </remarks>
internal sealed unsafe class PcapReader : PacketReader
{
    /// <summary>Longest record that is believed, bytes: libpcap's own maximum snap length.</summary>
    public const int MaxRecord = 262_144;

    private const int FileHeader = 24;
    private const int RecordHeader = 16;
    private const long NanosPerSecond = 1_000_000_000;

    private readonly uint _fractionNanos;

    /// <exception cref="CaptureException">A header that is cut, of another version or of a link type not read.</exception>
    public PcapReader(CaptureFile file)
        : base(file)
    {
        if (file.Length < FileHeader)
        {
            throw new CaptureException($"{file.Path}: is cut within its pcap header at byte {file.Length:N0} of {FileHeader}", 1);
        }

        // SAFETY: the whole header is in the file.
        uint magic = Unsafe.ReadUnaligned<uint>(At);
        IsSwapped = magic is 0xD4C3B2A1 or 0x4D3CB2A1;
        IsNanos = magic is 0xA1B23C4D or 0x4D3CB2A1;
        _fractionNanos = IsNanos ? 1u : 1_000u;

        int major = U16(At + 4);
        if (major != 2)
        {
            throw new CaptureException($"{file.Path}: is pcap version {major}; only version 2 is read", 2);
        }

        // The upper bits of the link field say whether a frame check sequence follows each packet; it is padding to us.
        LinkType = (int)(U32(At + 20) & 0xFFFF);
        Network.FrameReader.ThrowIfUnknown(file.Path, LinkType);
        At += FileHeader;
        HasClock = true;
        Advance();
    }

    /// <summary>Whether times are in nanoseconds.</summary>
    public bool IsNanos { get; }

    /// <inheritdoc/>
    public override string Format => IsNanos ? "pcap (ns)" : "pcap (µs)";

    /// <inheritdoc/>
    public override void Advance()
    {
        byte* at = At;
        long room = End - at;
        if (room < RecordHeader)
        {
            Stop(new CaptureDamage(room == 0 ? DamageKind.None : DamageKind.CutPacketHead));
            return;
        }

        File.ReadAhead(at);
        uint seconds = U32(at), fraction = U32(at + 4), captured = U32(at + 8), onWire = U32(at + 12);
        if (captured > MaxRecord)
        {
            Stop(new CaptureDamage(DamageKind.LongPacket, First: captured));
            return;
        }

        if (captured > room - RecordHeader)
        {
            Stop(new CaptureDamage(DamageKind.CutPacket));
            return;
        }

        long nanos = fraction * (long)_fractionNanos;
        HasGoodTime = nanos < NanosPerSecond;
        Time = (seconds * NanosPerSecond) + nanos;
        Data = at + RecordHeader;
        Length = (int)captured;
        IsTruncated = captured < onWire;
        At = at + RecordHeader + captured;
        HasRecord = true;
    }
}
