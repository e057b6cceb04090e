using System.Runtime.InteropServices;
using Engine.Core.Events;

namespace Engine.Feeds.Xdp;

/// <summary>Where a message's exchange time is.</summary>
internal enum XdpClock : byte
{
    /// <summary>Nowhere: the packet's send time stands for it.</summary>
    Packet,

    /// <summary>Nanoseconds at 4; the seconds are those of the last time reference.</summary>
    Nanos,

    /// <summary>Seconds at 4, nanoseconds at 8.</summary>
    Whole,

    /// <summary>Seconds at 12 alone: the time reference itself.</summary>
    Seconds,
}

/// <summary>
/// Where the fields of each message of the NYSE Integrated feed lie.
/// </summary>
/// <remarks>
/// <code>
/// all     0 size u16 | 2 type u16
/// Nanos   4 ns u32 | 8 symbol index u32 | 12 symbol sequence u32 | ...
/// Whole   4 seconds u32 | 8 ns u32 | 12 symbol index u32 | 16 symbol sequence u32 (32: next source sequence; 223: high) | ...
///
/// 100 add        16 order u64 | 24 price | 28 volume | 32 side | 33 firm a5 | 38 (2.1: parity splits)                  (39)
/// 101 modify     16 order u64 | 24 price | 28 volume | 32 position change | 33, 34 (2.1: parity splits; 2.5: side)     (35)
/// 102 delete     16 order u64 | 24 (2.1: parity splits)                                                               (25)
/// 103 execute    16 order u64 | 24 trade id | 28 price | 32 volume | 36 printable | 37 | 38 (2.1: db exec id u32;
///                2.5: four trade conditions)                                                                          (42)
/// 104 replace    16 order u64 | 24 new order u64 | 32 price | 36 volume | 40, 41 (2.1: parity splits; 2.5: side)       (42)
/// 105 imbalance  Whole; 20 reference | 24 paired | 28 total imbalance | 32 market imbalance | 36 auction time u16 |
///                38 type | 39 side | 40, 44, 48, 52, 56, 60 prices | 64, 65, 66 u8                                      (67)
///                2.5 adds 67 unpaired u32 | 71 unpaired side | 72                                                       (73)
/// 106 refresh    Whole; 20 order u64 | 28 price | 32 volume | 36 side | 37 firm a5 | 42                                (43)
/// 110 hidden     16 trade id | 20 price | 24 volume | 28 printable | 29 (2.1: db exec id u32; 2.5: conditions)         (33)
/// 111 cross      16 cross id | 20 price | 24 volume | 28 cross type                                                   (29)
/// 112 cancel     16 trade id                                                                                          (20)
/// 113 correction 16 cross id | 20 volume                                                                              (24)
/// 114 retail     16 interest                                                                                          (17)
/// 223 summary    Whole; 16 high | 20 low | 24 open | 28 close | 32 total volume                                       (36)
///   3 mapping    4 symbol index | 8 symbol a11 | 20 market u16 | 22 system u8 | 23 exchange | 24 price scale u8 | ...  (44)
///   2 time       4 id u32 | 8 symbol sequence | 12 seconds u32                                                        (16)
///  35 refresh    4 packet u16 | 6 packets u16 | 8 last sequence | 12 last symbol sequence (the first packet's alone)    (8, 16)
/// </code>
/// Little-endian; all numbers u32 where nothing is said; prices i32 in the symbol's scale. Layout: NYSE, XDP Integrated Feed Client
/// Specification 2.1 and Pillar 2.5, XDP Common Client Specification 2.2, Pillar Common Client Specification 2.4.
/// </remarks>
internal static unsafe class XdpLayouts
{
    /// <summary>Size and type: the shortest message.</summary>
    public const int Head = 4;

    private static readonly XdpLayout[] s_layouts = Build();

    /// <summary>256 layouts by type; they live as long as the process.</summary>
    public static XdpLayout* Table { get; } = Copy();

    /// <summary>A type's size with its head, or 0 for one not known.</summary>
    /// <param name="type">The type.</param>
    /// <param name="size">The message's own size, which tells versions apart.</param>
    public static int WireSize(int type, int size) => type >= s_layouts.Length ? 0
        : size >= s_layouts[type].LongSize ? s_layouts[type].LongSize : s_layouts[type].Size;

    private static XdpLayout* Copy()
    {
        // SAFETY: the allocation is never freed and holds exactly the array.
        XdpLayout* table = (XdpLayout*)NativeMemory.AlignedAlloc((nuint)(s_layouts.Length * sizeof(XdpLayout)), 64);
        s_layouts.CopyTo(new Span<XdpLayout>(table, s_layouts.Length));
        return table;
    }

    private static XdpLayout[] Build()
    {
        XdpLayout[] table = new XdpLayout[256];
        XdpLayout order = new() { Clock = XdpClock.Nanos, Symbol = 8, Order = 16 };
        XdpLayout trade = order with { Kind = EventKind.Trade, Order = 0, Match = 16, Price = 20, Quantity = 24 };
        XdpLayout status = order with { Kind = EventKind.Status, Order = 0 };
        XdpLayout whole = status with { Clock = XdpClock.Whole, Symbol = 12 };
        XdpLayout control = new() { Kind = EventKind.Status };
        Set(table, 100, 39, order with { Kind = EventKind.Add, Price = 24, Quantity = 28, Side = 32 });
        Set(table, 101, 35, order with { Kind = EventKind.Modify, Price = 24, Quantity = 28 });
        Set(table, 102, 25, order with { Kind = EventKind.Delete });
        Set(table, 103, 42, order with { Kind = EventKind.Execute, Match = 24, Price = 28, Quantity = 32, Printable = 36 });
        Set(table, 104, 42, order with { Kind = EventKind.Replace, NewOrder = 24, Price = 32, Quantity = 36 });
        Set(table, 106, 43, whole with { Kind = EventKind.Add, Order = 20, Price = 28, Quantity = 32, Side = 36, Flags = EventFlags.FromSnapshot });
        Set(table, 110, 33, trade with { Printable = 28 });
        Set(table, 111, 29, trade);
        Set(table, 112, 20, status with { Kind = EventKind.TradeBreak, Match = 16 });
        Set(table, 113, 24, status with { Match = 16 });
        Set(table, 114, 17, status);
        Set(table, 105, 67, whole with { LongSize = 73 });
        Set(table, 34, 46, whole);
        Set(table, 223, 36, whole);
        Set(table, 32, 20, whole with { Kind = EventKind.Clear });
        Set(table, 1, 14, control with { Clock = XdpClock.Whole });
        Set(table, 2, 16, control with { Clock = XdpClock.Seconds });
        Set(table, 3, 44, control with { Symbol = 4 });
        Set(table, 35, 8, control with { LongSize = 16 });
        foreach ((byte type, byte size) in (ReadOnlySpan<(byte, byte)>)[(10, 24), (11, 29), (12, 14), (13, 21), (15, 20), (31, 14)])
        {
            Set(table, type, size, control);
        }

        return table;
    }

    private static void Set(XdpLayout[] table, int type, byte size, XdpLayout layout) =>
        table[type] = layout with { Size = size, LongSize = layout.LongSize == 0 ? size : layout.LongSize };
}

/// <summary>One type's layout: offsets from the message's size; 0 for a field that the type lacks.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct XdpLayout
{
    /// <summary>Bytes with the head; 0 for an unknown type.</summary>
    public byte Size;

    /// <summary>Bytes in the later version; the same where there is one size.</summary>
    public byte LongSize;

    /// <summary>The event.</summary>
    public EventKind Kind;

    /// <summary>Flags of the event.</summary>
    public EventFlags Flags;

    /// <summary>Where its time is.</summary>
    public XdpClock Clock;

    /// <summary>Symbol index, u32.</summary>
    public byte Symbol;

    /// <summary>Order id, u64.</summary>
    public byte Order;

    /// <summary>The new order's id, u64.</summary>
    public byte NewOrder;

    /// <summary>Trade or cross id, u32.</summary>
    public byte Match;

    /// <summary>Price, i32 in the symbol's scale.</summary>
    public byte Price;

    /// <summary>Volume, u32.</summary>
    public byte Quantity;

    /// <summary>Side, one letter.</summary>
    public byte Side;

    /// <summary>1 where the trade counts towards volume, u8.</summary>
    public byte Printable;
}
