using System.Buffers.Binary;
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
internal sealed unsafe class PcapReader : IDisposable
{
    /// <summary>Longest record that is believed, bytes: libpcap's own maximum snap length.</summary>
    public const int MaxRecord = 262_144;

    private const int FileHeader = 24;
    private const int RecordHeader = 16;
    private const long NanosPerSecond = 1_000_000_000;

    private readonly CaptureFile _file;
    private readonly bool _swapped;
    private readonly uint _fractionNanos;
    private byte* _at;
    private readonly byte* _end;

    /// <exception cref="CaptureException">A header that is cut, of another version or of a link type not read.</exception>
    public PcapReader(CaptureFile file)
    {
        _file = file;
        if (file.Length < FileHeader)
        {
            throw new CaptureException($"{file.Path}: is cut within its pcap header at byte {file.Length:N0} of {FileHeader}", 1);
        }

        _at = file.Start;
        _end = file.Start + file.Length;
        uint magic = Unsafe.ReadUnaligned<uint>(_at);
        _swapped = magic is 0xD4C3B2A1 or 0x4D3CB2A1;
        IsNanos = magic is 0xA1B23C4D or 0x4D3CB2A1;
        _fractionNanos = IsNanos ? 1u : 1_000u;

        int major = (int)(_swapped ? U32(4) >> 16 : U32(4) & 0xFFFF);
        if (major != 2)
        {
            throw new CaptureException($"{file.Path}: is pcap version {major}; only version 2 is read", 2);
        }

        // The upper bits of the link field say whether a frame check sequence follows each packet; it is padding to us.
        LinkType = (int)(U32(20) & 0xFFFF);
        Network.FrameReader.ThrowIfUnknown(file.Path, LinkType);
        _at += FileHeader;
        Advance();
    }

    /// <summary>The file.</summary>
    public CaptureFile File => _file;

    /// <summary>Whether times are in nanoseconds.</summary>
    public bool IsNanos { get; }

    /// <summary>Link type as pcap numbers it.</summary>
    public int LinkType { get; }

    /// <summary>Whether there is a current record.</summary>
    public bool HasRecord { get; private set; }

    /// <summary>The current record's time, ns since the Unix epoch.</summary>
    public long Time { get; private set; }

    /// <summary>Whether the time's fraction is less than a second, as it must be.</summary>
    public bool HasGoodTime { get; private set; }

    /// <summary>The current record's bytes; they stay valid after <see cref="Advance"/>.</summary>
    public byte* Data { get; private set; }

    /// <summary>How many bytes.</summary>
    public int Length { get; private set; }

    /// <summary>Whether the packet on the wire was longer than what was captured.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Why there is no further record, when the file did not end where a record ends.</summary>
    public SourceFault? Fault { get; private set; }

    /// <summary>Steps to the next record.</summary>
    public void Advance()
    {
        long room = _end - _at;
        if (room < RecordHeader)
        {
            Stop(room == 0 ? null : "is cut in the middle of a packet's header");
            return;
        }

        _file.ReadAhead(_at);
        uint seconds = U32(0), fraction = U32(4), captured = U32(8), onWire = U32(12);
        if (captured > MaxRecord)
        {
            Stop($"has a packet of {captured:N0} bytes, which cannot be");
            return;
        }

        if (captured > room - RecordHeader)
        {
            Stop("is cut in the middle of a packet");
            return;
        }

        long nanos = fraction * (long)_fractionNanos;
        HasGoodTime = nanos < NanosPerSecond;
        Time = (seconds * NanosPerSecond) + nanos;
        Data = _at + RecordHeader;
        Length = (int)captured;
        IsTruncated = captured < onWire;
        _at += RecordHeader + captured;
        HasRecord = true;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Stop(string? what)
    {
        HasRecord = false;
        long offset = _at - _file.Start;
        if (what is not null)
        {
            string cause = _file.Damage is { } damage ? $" (its gzip is {damage})" : "";
            Fault = new SourceFault(_file.Path, offset, $"{_file.Path} {what} at byte {offset:N0}{cause}; everything before it counts");
        }
        else if (_file.Damage is { } damage)
        {
            Fault = new SourceFault(_file.Path, offset, $"{_file.Path} is {damage} gzip; the content ends at byte {offset:N0}, everything before it counts");
        }

        _at = _end;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint U32(int offset)
    {
        // SAFETY: callers have checked that the header these fields belong to lies within the mapped file.
        uint value = Unsafe.ReadUnaligned<uint>(_at + offset);
        return _swapped ? BinaryPrimitives.ReverseEndianness(value) : value;
    }
}
