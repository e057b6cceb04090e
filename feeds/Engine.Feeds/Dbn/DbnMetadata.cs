using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Engine.Core.Memory;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Dbn;

/// <summary>
/// What stands before the records of a DBN file. Read at open; a cold path.
/// </summary>
/// <remarks>
/// <code>
/// 0     3         4            8
/// +-----+---------+------------+
/// | DBN | version | length u32 |   the length counts from here on
/// +-----+---------+------------+
/// 0         16           18          26        34          42             (version 1: 50)
/// +---------+------------+-----------+---------+-----------+---------------+----------+-----------+--------+------------+
/// | dataset | schema u16 | start u64 | end u64 | limit u64 | [records u64] | stype_in | stype_out | ts_out | [width u16]|
/// +---------+------------+-----------+---------+-----------+---------------+----------+-----------+--------+------------+
/// zeros up to 100, then: schema definition (u32 length and bytes), symbols, partial, not found (each u32 count and names),
/// mappings (u32 count, each: name, u32 count of intervals, each: first day u32, day after the last u32, name)
/// </code>
/// Little-endian. Version 1 has the record count, and names of 22 bytes; later ones say the width of their names. Days are
/// yyyymmdd. Where the outgoing symbology is the instrument id, an interval's name is the id and the mapping's name the symbol;
/// where the incoming one is, the other way round. Layout: Databento, DBN.
/// </remarks>
internal sealed unsafe class DbnMetadata
{
    /// <summary>Bytes before the metadata's own.</summary>
    public const int Prelude = 8;

    /// <summary>Newest version that is read.</summary>
    public const int NewestVersion = 3;

    private const int Fixed = 100;
    private const int OldNameWidth = 22;
    private const byte InstrumentId = 0;

    private readonly byte* _at;
    private readonly int _length;
    private readonly string _path;
    private int _position;

    /// <summary>Reads the metadata of a file that begins with DBN.</summary>
    /// <exception cref="CaptureException">A version that is not read (2), or damage (1).</exception>
    public DbnMetadata(CaptureFile file)
    {
        _path = file.Path;
        if (file.Length < Prelude)
        {
            throw new CaptureException($"{file.Path}: is cut within its DBN metadata at byte {file.Length} of {Prelude}", 1);
        }

        // SAFETY: Prelude bytes are there; further ones are read only below _length, which the file was checked to hold.
        Version = file.Start[3];
        if (Version is 0 or > NewestVersion)
        {
            throw new CaptureException($"{file.Path}: is DBN version {Version}; versions 1 to {NewestVersion} are read", 2);
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(file.Start + 4, 4));
        if (length > file.Length - Prelude)
        {
            throw new CaptureException(string.Create(CultureInfo.InvariantCulture,
                $"{file.Path}: is cut within its DBN metadata at byte {file.Length:N0} of {Prelude + (long)length:N0}"), 1);
        }

        _at = file.Start + Prelude;
        _length = (int)Math.Min(length, int.MaxValue);
        Records = Prelude + (long)length;
        ReadFixed();
        ReadNames();
    }

    /// <summary>1 to <see cref="NewestVersion"/>.</summary>
    public int Version { get; }

    /// <summary>Where the records begin.</summary>
    public long Records { get; }

    /// <summary>The data set's name.</summary>
    public string Dataset { get; private set; } = "";

    /// <summary>The schema's name.</summary>
    public string Schema { get; private set; } = "";

    /// <summary>Each record ends with the time at which it was sent.</summary>
    public bool HasSendTime { get; private set; }

    /// <summary>Bytes of a name, here and in symbol mapping records.</summary>
    public int NameWidth { get; private set; }

    /// <summary>Symbols by instrument id, each with the days on which it holds.</summary>
    public Dictionary<uint, List<DbnInterval>> Symbols { get; } = [];

    private void ReadFixed()
    {
        ReadOnlySpan<byte> head = Take(Fixed, "its fixed fields");
        Dataset = Text(head[..16]);
        Schema = DbnLayouts.SchemaOf(BinaryPrimitives.ReadUInt16LittleEndian(head[16..]));
        int at = Version == 1 ? 50 : 42;
        IsById = head[at] == InstrumentId;
        IsToId = head[at + 1] == InstrumentId;
        HasSendTime = head[at + 2] != 0;
        NameWidth = Version == 1 ? OldNameWidth : BinaryPrimitives.ReadUInt16LittleEndian(head[(at + 3)..]);
        if (NameWidth == 0)
        {
            throw Damaged("names of no bytes");
        }
    }

    private bool IsById { get; set; }

    private bool IsToId { get; set; }

    private void ReadNames()
    {
        _ = Take(Count("a schema definition", 1), "a schema definition");
        foreach (string what in (string[])["symbols", "partial symbols", "symbols not found"])
        {
            _ = Take(Count(what, NameWidth) * NameWidth, what);
        }

        for (int left = Count("mappings", NameWidth + 4); left > 0; left--)
        {
            ReadOnlySpan<byte> name = Name();
            for (int intervals = Count("intervals", NameWidth + 8); intervals > 0; intervals--)
            {
                int first = Day();
                int behind = Day();
                Map(name, Name(), first, behind);
            }
        }
    }

    private void Map(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other, int first, int behind)
    {
        ReadOnlySpan<byte> id = IsToId ? other : name;
        ReadOnlySpan<byte> symbol = IsToId ? name : other;
        if ((IsToId || IsById) && symbol.Length > 0
            && uint.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out uint instrument))
        {
            if (!Symbols.TryGetValue(instrument, out List<DbnInterval>? intervals))
            {
                Symbols[instrument] = intervals = [];
            }

            intervals.Add(new DbnInterval(first, behind, symbol.ToArray()));
        }
    }

    /// <summary>A count of things that each take some bytes, so that it cannot be more than the bytes left allow.</summary>
    private int Count(string what, int bytesEach)
    {
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));
        return count <= (_length - _position) / bytesEach ? (int)count : throw Damaged($"{count:N0} {what}, which do not fit");
    }

    private ReadOnlySpan<byte> Name()
    {
        ReadOnlySpan<byte> name = Take(NameWidth, "a name");
        int end = name.IndexOf((byte)0);
        return end < 0 ? name : name[..end];
    }

    private int Day()
    {
        uint date = BinaryPrimitives.ReadUInt32LittleEndian(Take(4, "a day"));
        int year = (int)(date / 10_000), month = (int)(date / 100 % 100), day = (int)(date % 100);
        return year is >= 1 and <= 9_999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new DateOnly(year, month, day).DayNumber - DbnInterval.Epoch
            : throw Damaged($"the day {date}");
    }

    private ReadOnlySpan<byte> Take(int count, string what)
    {
        if (count > _length - _position)
        {
            throw Damaged($"{what} that do not fit");
        }

        // SAFETY: count bytes are left below _length.
        var bytes = new ReadOnlySpan<byte>(_at + _position, count);
        _position += count;
        return bytes;
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (byte b in bytes.TrimEnd((byte)0))
        {
            text.Append(b is >= 0x20 and < 0x7F ? (char)b : '?');
        }

        return text.ToString();
    }

    private CaptureException Damaged(string what) => new(string.Create(CultureInfo.InvariantCulture,
        $"{_path}: has damaged DBN metadata: {what}, at byte {Prelude + _position:N0}"), 1);
}

/// <summary>Days on which an instrument id has a symbol, counted from 1970-01-01, UTC.</summary>
/// <param name="First">The first.</param>
/// <param name="Behind">The one after the last.</param>
/// <param name="Symbol">The symbol.</param>
internal sealed record DbnInterval(int First, int Behind, byte[] Symbol)
{
    /// <summary>Number of the day 1970-01-01.</summary>
    public static int Epoch { get; } = new DateOnly(1970, 1, 1).DayNumber;
}
