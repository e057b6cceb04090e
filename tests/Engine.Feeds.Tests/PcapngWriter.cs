namespace Engine.Feeds.Tests;

/// <summary>Writes pcapng blocks byte by byte, for tests. Begins with a section header.</summary>
internal sealed class PcapngWriter
{
    private readonly List<byte> _bytes = [];
    private bool _bigEndian;

    public PcapngWriter(bool bigEndian = false)
    {
        Section(bigEndian);
    }

    public int Length => _bytes.Count;

    public byte[] ToArray() => [.. _bytes];

    public PcapngWriter Section(bool bigEndian, ushort major = 1)
    {
        _bigEndian = bigEndian;
        return Block(0x0A0D0D0A, [.. U32(0x1A2B3C4D), .. U16(major), .. U16(0), .. Enumerable.Repeat((byte)0xFF, 8)]);
    }

    /// <summary>An interface; options are left out where null.</summary>
    public PcapngWriter Interface(int linkType = 1, byte? resolution = 9, long? offsetSeconds = null, uint snap = 0)
    {
        List<byte> body = [.. U16((uint)linkType), 0, 0, .. U32(snap), .. Option(2, "eth0"u8.ToArray())];
        if (resolution is { } r)
        {
            body.AddRange(Option(9, [r]));
        }

        if (offsetSeconds is { } o)
        {
            body.AddRange(Option(14, Value((ulong)o, 8)));
        }

        body.AddRange(U32(0));
        return Block(1, [.. body]);
    }

    public PcapngWriter Enhanced(uint source, ulong ticks, byte[] frame, int? onWire = null, int? captured = null) => Block(6,
        [.. U32(source), .. Time(ticks), .. Sizes(frame, onWire, captured), .. Padded(frame), .. Option(2, [0, 0, 0, 1]), .. U32(0)]);

    public PcapngWriter Obsolete(uint source, ulong ticks, byte[] frame, int? onWire = null) =>
        Block(2, [.. U16(source), 0xFF, 0xFF, .. Time(ticks), .. Sizes(frame, onWire, null), .. Padded(frame)]);

    public PcapngWriter Simple(byte[] frame, int? onWire = null) => Block(3, [.. U32((uint)(onWire ?? frame.Length)), .. Padded(frame)]);

    public PcapngWriter Block(uint type, byte[] body)
    {
        byte[] length = U32((uint)body.Length + 12);
        _bytes.AddRange([.. U32(type), .. length, .. body, .. length]);
        return this;
    }

    public byte[] Option(uint code, byte[] value) => [.. U16(code), .. U16((uint)value.Length), .. Padded(value)];

    public byte[] U16(uint value) => Value(value, 2);

    public byte[] U32(uint value) => Value(value, 4);

    private static byte[] Padded(byte[] bytes) => [.. bytes, .. new byte[-bytes.Length & 3]];

    private byte[] Time(ulong ticks) => [.. U32((uint)(ticks >> 32)), .. U32((uint)ticks)];

    private byte[] Sizes(byte[] frame, int? onWire, int? captured) =>
        [.. U32((uint)(captured ?? frame.Length)), .. U32((uint)(onWire ?? frame.Length))];

    private byte[] Value(ulong value, int size)
    {
        byte[] bytes = PcapWriter.Big(value, size);
        if (!_bigEndian)
        {
            Array.Reverse(bytes);
        }

        return bytes;
    }
}
