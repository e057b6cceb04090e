using Engine.Core.Events;
using Engine.Feeds.Text;

namespace Engine.Feeds.Dbn;

/// <summary>
/// Records of Databento's binary encoding, versions 1 to 3, and where their fields lie.
/// </summary>
/// <remarks>
/// <code>
///  0       1       2            4              8           16
///  +-------+-------+------------+--------------+-----------+
///  | len/4 | rtype | publisher  | instrument   | ts_event  |                          every record
///  +-------+-------+------------+--------------+-----------+
///  16        24      32     36      37        38       39    40        48          52        56
///  +---------+-------+------+-------+---------+--------+------+---------+-----------+---------+
///  | order   | price | size | flags | channel | action | side | ts_recv | in_delta  | seq     |   mbo
///  +---------+-------+------+-------+---------+--------+------+---------+-----------+---------+
///  16      24     28       29     30      31      32        40          44        48
///  +-------+------+--------+------+-------+-------+---------+-----------+---------+
///  | price | size | action | side | flags | depth | ts_recv | in_delta  | seq     |           trades, mbp-10
///  +-------+------+--------+------+-------+-------+---------+-----------+---------+
///  48 + 32 i, i = 0..9
///  +---------+---------+--------+--------+--------+--------+
///  | bid i64 | ask i64 | bid sz | ask sz | bid ct | ask ct |                                  mbp-10
///  +---------+---------+--------+--------+--------+--------+
/// </code>
/// Little-endian; the length counts the whole record in units of four bytes, a send time of eight bytes at its end included where the
/// metadata says so. Prices are in 1e-9; the greatest i64 is no price, the greatest u64 no time. Layout: Databento, DBN.
/// </remarks>
internal static class DbnLayouts
{
    /// <summary>Bytes of the head that every record has.</summary>
    public const int Head = 16;

    /// <summary>Bytes in a unit of the length.</summary>
    public const int Unit = 4;

    /// <summary>Bytes of the send time behind a record.</summary>
    public const int SendTime = 8;

    /// <summary>Levels a side in mbp-10.</summary>
    public const int Depth = 10;

    /// <summary>The first level of mbp-10.</summary>
    public const int FirstLevel = 48;

    /// <summary>Bytes of a level.</summary>
    public const int LevelBytes = 32;

    /// <summary>Record types.</summary>
    public const byte Trades = 0x00, Mbp10 = 0x0A, SymbolMapping = 0x16, Mbo = 0xA0;

    /// <summary>Lengths of the record types that are decoded.</summary>
    public const int TradesLength = 48, Mbp10Length = FirstLevel + (Depth * LevelBytes), MboLength = 56;

    /// <summary>Where the flags of an mbo record lie.</summary>
    public const int MboFlags = 36;

    /// <summary>The last record of the venue's event for this instrument.</summary>
    public const byte Last = 0x80;

    /// <summary>The order stands for its whole side's best level.</summary>
    public const byte TopOfBook = 0x40;

    /// <summary>The record comes from a replay, such as a snapshot.</summary>
    public const byte Snapshot = 0x20;

    /// <summary>The record is a price level, not an order.</summary>
    public const byte PriceLevel = 0x10;

    /// <summary>The receive time is not exact.</summary>
    public const byte BadReceive = 0x08;

    /// <summary>Messages were lost on the channel for good.</summary>
    public const byte MaybeBadBook = 0x04;

    /// <summary>A price that is none.</summary>
    public const long NoPrice = long.MaxValue;

    /// <summary>A size that is none.</summary>
    public const uint NoSize = uint.MaxValue;

    private static readonly string?[] s_names = Names();

    private static readonly string[] s_schemas =
    [
        "mbo", "mbp-1", "mbp-10", "tbbo", "trades", "ohlcv-1s", "ohlcv-1m", "ohlcv-1h", "ohlcv-1d", "definition", "statistics", "status",
        "imbalance", "ohlcv-eod", "cmbp-1", "cbbo-1s", "cbbo-1m", "tcbbo", "bbo-1s", "bbo-1m",
    ];

    private static readonly WireField[] s_mbo =
    [
        WireField.Letters("action", 38), WireField.Letters("side", 39), new("wire_price", 24, 8, FieldForm.Price9), WireField.Number("size", 32, 4),
        WireField.Number("venue_order_id", 16, 8), new("flags", 36, 1, FieldForm.Bits), WireField.Number("channel_id", 37, 1),
        new("ts_in_delta", 48, 4, FieldForm.Signed),
    ];

    private static readonly WireField[] s_trades =
    [
        WireField.Letters("action", 28), WireField.Letters("side", 29), new("wire_price", 16, 8, FieldForm.Price9), WireField.Number("size", 24, 4),
        new("flags", 30, 1, FieldForm.Bits), WireField.Number("depth", 31, 1), new("ts_in_delta", 40, 4, FieldForm.Signed),
    ];

    private static readonly WireField[] s_mbp10 = [.. s_trades, .. Enumerable.Range(0, Depth).SelectMany(Counts)];

    /// <summary>The record type's name; null for one that is not known.</summary>
    public static string? NameOf(int type) => s_names[type];

    /// <summary>A schema's name.</summary>
    public static string SchemaOf(int schema) => schema < s_schemas.Length ? s_schemas[schema] : schema == ushort.MaxValue ? "several schemas" : $"schema {schema}";

    /// <summary>Length of a record that is decoded; 0 for another.</summary>
    public static int LengthOf(int type) => type switch
    {
        Mbo => MboLength,
        Mbp10 => Mbp10Length,
        Trades => TradesLength,
        _ => 0,
    };

    /// <summary>The fields that an event has no room for.</summary>
    public static ReadOnlySpan<WireField> FieldsOf(int type) => type switch
    {
        Mbo => s_mbo,
        Mbp10 => s_mbp10,
        Trades => s_trades,
        _ => [],
    };

    /// <summary>The side that a letter names.</summary>
    public static Side SideOf(byte letter) => letter switch
    {
        (byte)'B' => Side.Buy,
        (byte)'A' => Side.Sell,
        _ => Side.None,
    };

    private static WireField[] Counts(int level)
    {
        int at = FirstLevel + (level * LevelBytes);
        return [WireField.Number($"bid_ct_{level:00}", at + 24, 4), WireField.Number($"ask_ct_{level:00}", at + 28, 4)];
    }

    private static string?[] Names()
    {
        var names = new string?[256];
        (int Type, string Name)[] known =
        [
            (Trades, "trades"), (0x01, "mbp-1"), (Mbp10, "mbp-10"), (0x11, "ohlcv"), (0x12, "status"), (0x13, "definition"),
            (0x14, "imbalance"), (0x15, "error"), (SymbolMapping, "symbol-mapping"), (0x17, "system"), (0x18, "statistics"),
            (0x20, "ohlcv-1s"), (0x21, "ohlcv-1m"), (0x22, "ohlcv-1h"), (0x23, "ohlcv-1d"), (0x24, "ohlcv-eod"), (Mbo, "mbo"),
            (0xB1, "cmbp-1"), (0xC0, "cbbo-1s"), (0xC1, "cbbo-1m"), (0xC2, "tcbbo"), (0xC3, "bbo-1s"), (0xC4, "bbo-1m"),
        ];
        foreach ((int type, string name) in known)
        {
            names[type] = name;
        }

        return names;
    }
}
