using System.Runtime.InteropServices;
using Engine.Core.Events;
using Engine.Feeds.Text;
using static Engine.Feeds.Text.WireField;

namespace Engine.Feeds.IexDeep;

/// <summary>
/// Where the fields of each DEEP 1.0 message lie, and those that a market event does not carry.
/// </summary>
/// <remarks>
/// <code>
/// all    0 type | 1 flags, event or status | 2 ns i64 | 10 symbol a8 (S: none)
///
/// 8 / 5  1 event flags (bit 0: the event is complete) | 18 size u32 | 22 price i64                          (30)
/// T / B  1 sale condition flags | 18 size u32 | 22 price i64 | 30 trade id i64                              (38)
/// S      1 system event                                                                                    (10)
/// D      1 flags | 18 round lot u32 | 22 adjusted previous close i64 | 30 LULD tier                         (31)
/// H      1 trading status | 18 reason a4                                                                    (22)
/// I O E  1 indicator, halt status, security event                                                          (18)
/// P      1 price test status | 18 detail                                                                    (19)
/// X      1 price type | 18 official price i64                                                               (26)
/// A      1 auction type | 18 paired u32 | 22 reference i64 | 30 indicative i64 | 38 imbalance u32 | 42 side |
///        43 extension | 44 scheduled time u32 | 48 book clearing i64 | 56 collar reference i64 |
///        64 lower collar i64 | 72 upper collar i64                                                          (80)
/// </code>
/// Little-endian; times in ns since the Unix epoch, UTC; prices in 1e-4. Layout: IEX, DEEP Specification 1.08.
/// </remarks>
internal static class IexLayouts
{
    /// <summary>Type, flags and time: the shortest message.</summary>
    public const int Head = 10;

    private static readonly IexLayout[] s_layouts = Build();

    private static readonly WireField[] s_level = [Bits("event_flags")];

    private static readonly WireField[] s_trade = [Bits("sale_condition")];

    private static readonly WireField[] s_break =
        [Bits("sale_condition"), Number("size", 18, 4), Price("price", 22)];

    private static readonly WireField[] s_system = [Letters("system_event", 1)];

    private static readonly WireField[] s_directory =
        [Bits("flags"), Number("round_lot_size", 18, 4), Price("adjusted_previous_close", 22), Number("luld_tier", 30, 1)];

    private static readonly WireField[] s_trading = [Letters("trading_status", 1), Letters("reason", 18, 4)];

    private static readonly WireField[] s_retail = [Letters("retail_liquidity", 1)];

    private static readonly WireField[] s_halt = [Letters("operational_halt", 1)];

    private static readonly WireField[] s_test = [Number("price_test", 1, 1), Letters("detail", 18)];

    private static readonly WireField[] s_security = [Letters("security_event", 1)];

    private static readonly WireField[] s_official = [Letters("price_type", 1), Price("official_price", 18)];

    private static readonly WireField[] s_auction =
    [
        Letters("auction_type", 1), Number("paired_shares", 18, 4), Price("reference_price", 22), Price("indicative_clearing_price", 30),
        Number("imbalance_shares", 38, 4), Letters("imbalance_side", 42), Number("extension", 43, 1), Number("scheduled_time", 44, 4),
        Price("book_clearing_price", 48), Price("collar_reference_price", 56), Price("lower_collar", 64), Price("upper_collar", 72),
    ];

    /// <summary>A type's layout.</summary>
    public static ref readonly IexLayout Of(byte type) => ref s_layouts[type];

    /// <summary>The fields of a type that an event does not carry, in wire order.</summary>
    public static ReadOnlySpan<WireField> Fields(byte type) => type switch
    {
        (byte)'8' or (byte)'5' => s_level,
        (byte)'T' => s_trade,
        (byte)'B' => s_break,
        (byte)'S' => s_system,
        (byte)'D' => s_directory,
        (byte)'H' => s_trading,
        (byte)'I' => s_retail,
        (byte)'O' => s_halt,
        (byte)'P' => s_test,
        (byte)'E' => s_security,
        (byte)'X' => s_official,
        (byte)'A' => s_auction,
        _ => [],
    };

    private static IexLayout[] Build()
    {
        IexLayout[] table = new IexLayout[256];
        foreach ((char type, byte length) in (ReadOnlySpan<(char, byte)>)
            [('D', 31), ('H', 22), ('I', 18), ('O', 18), ('P', 19), ('E', 18), ('X', 26), ('A', 80)])
        {
            table[type] = new IexLayout { Length = length, Kind = EventKind.Status, HasSymbol = true };
        }

        table['S'] = new IexLayout { Length = 10, Kind = EventKind.Status };
        table['8'] = new IexLayout { Length = 30, Kind = EventKind.LevelSet, HasSymbol = true, HasPrice = true, Side = Side.Buy };
        table['5'] = table['8'] with { Side = Side.Sell };
        table['T'] = new IexLayout { Length = 38, Kind = EventKind.Trade, HasSymbol = true, HasPrice = true, HasTradeId = true };
        table['B'] = table['T'] with { Kind = EventKind.TradeBreak };
        return table;
    }

    private static WireField Bits(string name) => new(name, 1, 1, FieldForm.Bits);

    private static WireField Price(string name, int offset) => new(name, offset, 8, FieldForm.Price4);
}

/// <summary>One type's layout.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct IexLayout
{
    /// <summary>Bytes; 0 for an unknown type.</summary>
    public byte Length;

    /// <summary>The event.</summary>
    public EventKind Kind;

    /// <summary>The side of a level.</summary>
    public Side Side;

    /// <summary>A symbol stands at 10.</summary>
    public bool HasSymbol;

    /// <summary>Size and price stand at 18 and 22.</summary>
    public bool HasPrice;

    /// <summary>A trade id stands at 30.</summary>
    public bool HasTradeId;
}
