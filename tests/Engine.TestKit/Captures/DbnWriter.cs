using System.Buffers.Binary;
using System.Text;

namespace Engine.TestKit.Captures;

/// <summary>A price level of an mbp-10 record; a price of <see cref="DbnWriter.NoPrice"/> is no level.</summary>
public readonly record struct DbnLevel(long Bid, uint BidSize, long Ask, uint AskSize);

/// <summary>Writes DBN files of versions 1 to 3, field by field.</summary>
public sealed class DbnWriter
{
    /// <summary>A price that is none.</summary>
    public const long NoPrice = long.MaxValue;

    private readonly int _version;
    private readonly int _width;
    private readonly bool _sendTime;
    private readonly ushort _schema;
    private readonly byte _symbologyIn;
    private readonly byte _symbologyOut;
    private readonly List<(string Name, (uint First, uint Behind, string Symbol)[] Intervals)> _mappings = [];
    private readonly MemoryStream _records = new();

    /// <param name="version">1 to 3, or one that is not read.</param>
    /// <param name="schema">Its number; 0 is mbo, 2 mbp-10, 4 trades.</param>
    /// <param name="sendTime">Whether records end with a send time.</param>
    /// <param name="byId">The mappings' names are ids, those of their intervals symbols.</param>
    public DbnWriter(int version = 3, int schema = 0, bool sendTime = false, bool byId = false)
    {
        _version = version;
        _width = version == 1 ? 22 : 71;
        _sendTime = sendTime;
        _schema = (ushort)schema;
        (_symbologyIn, _symbologyOut) = byId ? ((byte)0, (byte)1) : ((byte)1, (byte)0);
    }

    /// <summary>Bytes of the records so far.</summary>
    public long RecordBytes => _records.Length;

    /// <summary>Bytes before the records.</summary>
    public int HeadBytes => Head().Length;

    /// <summary>Maps a name on some days.</summary>
    public DbnWriter Map(string name, params (uint First, uint Behind, string Symbol)[] intervals)
    {
        _mappings.Add((name, intervals));
        return this;
    }

    /// <summary>Maps a symbol to an id for ever.</summary>
    public DbnWriter Map(string symbol, uint id) => Map(symbol, (19700101, 22000101, $"{id}"));

    /// <summary>An mbo record.</summary>
    public DbnWriter Mbo(
        char action, char side, ulong order, long price, uint size, uint instrument = 7, byte flags = 0x80, ulong time = 1_600_000_000_000_000_000,
        ulong? receive = null, ushort publisher = 1, uint sequence = 1, int delta = -5)
    {
        Span<byte> body = stackalloc byte[40];
        BinaryPrimitives.WriteUInt64LittleEndian(body, order);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], price);
        BinaryPrimitives.WriteUInt32LittleEndian(body[16..], size);
        body[20] = flags;
        body[21] = 3;
        body[22] = (byte)action;
        body[23] = (byte)side;
        BinaryPrimitives.WriteUInt64LittleEndian(body[24..], receive ?? time + 1_000);
        BinaryPrimitives.WriteInt32LittleEndian(body[32..], delta);
        BinaryPrimitives.WriteUInt32LittleEndian(body[36..], sequence);
        return Record(0xA0, body, instrument, time, publisher);
    }

    /// <summary>A trades record.</summary>
    public DbnWriter Trade(
        char side, long price, uint size, uint instrument = 7, byte flags = 0x80, ulong time = 1_600_000_000_000_000_000, ushort publisher = 1,
        uint sequence = 1, char action = 'T')
    {
        Span<byte> body = stackalloc byte[32];
        Quote(body, action, side, price, size, flags, 0, time + 1_000, sequence);
        return Record(0x00, body, instrument, time, publisher);
    }

    /// <summary>An mbp-10 record.</summary>
    public DbnWriter Mbp10(
        char action, char side, long price, uint size, IReadOnlyList<DbnLevel> levels, uint instrument = 7, byte flags = 0x80,
        ulong time = 1_600_000_000_000_000_000, ushort publisher = 1, uint sequence = 1)
    {
        Span<byte> body = stackalloc byte[352];
        Quote(body, action, side, price, size, flags, 2, time + 1_000, sequence);
        for (int i = 0; i < 10; i++)
        {
            DbnLevel level = i < levels.Count ? levels[i] : new DbnLevel(NoPrice, 0, NoPrice, 0);
            Span<byte> at = body[(32 + (i * 32))..];
            BinaryPrimitives.WriteInt64LittleEndian(at, level.Bid);
            BinaryPrimitives.WriteInt64LittleEndian(at[8..], level.Ask);
            BinaryPrimitives.WriteUInt32LittleEndian(at[16..], level.BidSize);
            BinaryPrimitives.WriteUInt32LittleEndian(at[20..], level.AskSize);
            BinaryPrimitives.WriteUInt32LittleEndian(at[24..], (uint)(100 + i));
            BinaryPrimitives.WriteUInt32LittleEndian(at[28..], (uint)(200 + i));
        }

        return Record(0x0A, body, instrument, time, publisher);
    }

    /// <summary>A symbol mapping record.</summary>
    public DbnWriter Name(uint instrument, string symbol)
    {
        byte[] body = new byte[_version == 1 ? (2 * 22) + 4 + 16 : 160];
        int at = _version == 1 ? 22 : 1 + 71 + 1;
        Encoding.Latin1.GetBytes(symbol).CopyTo(body, at);
        return Record(0x16, body, instrument, 0, 0);
    }

    /// <summary>Any record.</summary>
    public DbnWriter Record(byte type, ReadOnlySpan<byte> body, uint instrument = 7, ulong time = 0, ushort publisher = 1)
    {
        Span<byte> head = stackalloc byte[16];
        head[0] = (byte)((16 + body.Length + (_sendTime ? 8 : 0)) / 4);
        head[1] = type;
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], publisher);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], instrument);
        BinaryPrimitives.WriteUInt64LittleEndian(head[8..], time);
        _records.Write(head);
        _records.Write(body);
        if (_sendTime)
        {
            _records.Write(new byte[8]);
        }

        return this;
    }

    /// <summary>Any bytes where a record should be.</summary>
    public DbnWriter Raw(params byte[] bytes)
    {
        _records.Write(bytes);
        return this;
    }

    /// <summary>The file.</summary>
    public byte[] ToArray() => [.. Head(), .. _records.ToArray()];

    private static void Quote(Span<byte> body, char action, char side, long price, uint size, byte flags, byte depth, ulong receive, uint sequence)
    {
        BinaryPrimitives.WriteInt64LittleEndian(body, price);
        BinaryPrimitives.WriteUInt32LittleEndian(body[8..], size);
        body[12] = (byte)action;
        body[13] = (byte)side;
        body[14] = flags;
        body[15] = depth;
        BinaryPrimitives.WriteUInt64LittleEndian(body[16..], receive);
        BinaryPrimitives.WriteInt32LittleEndian(body[24..], -5);
        BinaryPrimitives.WriteUInt32LittleEndian(body[28..], sequence);
    }

    private byte[] Head()
    {
        var metadata = new MemoryStream();
        using var writer = new BinaryWriter(metadata);
        writer.Write(Padded("TEST.SET", 16));
        writer.Write(_schema);
        writer.Write(1_600_000_000_000_000_000UL);
        writer.Write(ulong.MaxValue);
        writer.Write(0UL);
        if (_version == 1)
        {
            writer.Write(77UL);
        }

        writer.Write(_symbologyIn);
        writer.Write(_symbologyOut);
        writer.Write((byte)(_sendTime ? 1 : 0));
        if (_version != 1)
        {
            writer.Write((ushort)_width);
        }

        writer.Write(new byte[100 - (int)metadata.Length]);
        writer.Write(0);
        writer.Write(1);
        writer.Write(Padded("ASKED", _width));
        writer.Write(0);
        writer.Write(1);
        writer.Write(Padded("NOTFOUND", _width));
        writer.Write(_mappings.Count);
        foreach ((string name, (uint First, uint Behind, string Symbol)[] intervals) in _mappings)
        {
            writer.Write(Padded(name, _width));
            writer.Write(intervals.Length);
            foreach ((uint first, uint behind, string symbol) in intervals)
            {
                writer.Write(first);
                writer.Write(behind);
                writer.Write(Padded(symbol, _width));
            }
        }

        writer.Flush();
        byte[] bytes = metadata.ToArray();
        return [(byte)'D', (byte)'B', (byte)'N', (byte)_version, .. BitConverter.GetBytes(bytes.Length), .. bytes];
    }

    private static byte[] Padded(string text, int width)
    {
        byte[] bytes = new byte[width];
        Encoding.Latin1.GetBytes(text).CopyTo(bytes, 0);
        return bytes;
    }
}
