using System.Runtime.InteropServices;
using Engine.Core.Events;

namespace Engine.Feeds.Itch;

/// <summary>
/// Where the fields of each ITCH 5.0 message lie. The decoder reads every order message by the same few instructions with the
/// offsets from here, so that the mix of types costs no branch.
/// </summary>
/// <remarks>
/// <code>
/// all    0     1        3          5            11
///        +-----+--------+----------+------------+
///        | type| locate | tracking | ns u48     | ...
///        +-----+--------+----------+------------+
/// A      11 order u64 | 19 side | 20 shares u32 | 24 stock a8 | 32 price u32          (36)
/// F      as A                                                 | 36 attribution a4     (40)
/// E      11 order u64 | 19 executed u32 | 23 match u64                                (31)
/// C      as E                           | 31 printable | 32 price u32                 (36)
/// X      11 order u64 | 19 cancelled u32                                              (23)
/// D      11 order u64                                                                 (19)
/// U      11 old u64   | 19 new u64 | 27 shares u32 | 31 price u32                     (35)
/// P      as A                                      | 36 match u64                     (44)
/// Q      11 shares u64 | 19 stock a8 | 27 cross price u32 | 31 match u64 | 39 type     (40)
/// B      11 match u64                                                                 (19)
/// other  stock a8 at 11 (R H Y K J h N O), 15 (L) or 28 (I); none in S V W
/// </code>
/// Big-endian; prices in 1e-4. Layout: NASDAQ TotalView-ITCH 5.0 specification.
/// </remarks>
internal static unsafe class ItchLayouts
{
    /// <summary>Length of the common head, and so of the shortest message.</summary>
    public const int Head = 11;

    private static readonly ItchLayout[] s_layouts = Build();

    /// <summary>256 layouts by type byte, each on its own cache line; they live as long as the process.</summary>
    public static ItchLayout* Table { get; } = Align();

    /// <summary>The length of a type's message with its type byte, or 0 for a type not known.</summary>
    public static int WireLength(byte type) => s_layouts[type].WireLength;

    /// <summary>Where a type's symbol lies, or 0 where it has none.</summary>
    public static int SymbolOffset(byte type) => s_layouts[type].SymbolOffset;

    private static ItchLayout* Align()
    {
        // SAFETY: the allocation is never freed and holds exactly the array.
        ItchLayout* table = (ItchLayout*)NativeMemory.AlignedAlloc((nuint)(256 * sizeof(ItchLayout)), 64);
        s_layouts.CopyTo(new Span<ItchLayout>(table, 256));
        return table;
    }

    private static ItchLayout[] Build()
    {
        ItchLayout[] table = new ItchLayout[256];
        Array.Fill(table, new ItchLayout { FastLength = ItchLayout.Never });
        ItchLayout add = Order(EventKind.Add, 36, quantity: 20, price: 32, side: 19, symbol: 24);
        Set(table, 'A', add, fast: true);
        Set(table, 'F', add with { WireLength = 40 }, fast: true);
        Set(table, 'E', Order(EventKind.Execute, 31, quantity: 19, reference: 23), fast: true);
        Set(table, 'X', Order(EventKind.Cancel, 23, quantity: 19), fast: true);
        Set(table, 'D', Order(EventKind.Delete, 19), fast: true);
        Set(table, 'U', Order(EventKind.Replace, 35, quantity: 27, price: 31, reference: 19), fast: true);
        Set(table, 'P', Order(EventKind.Trade, 44, quantity: 20, price: 32, reference: 36, side: 19, symbol: 24), fast: true);
        Set(table, 'C', Order(EventKind.Execute, 36, quantity: 19, price: 32, reference: 23));
        Set(table, 'Q', Order(EventKind.Trade, 40, quantity: 15, price: 27, reference: 31, symbol: 19) with { OrderOffset = 0, OrderMask = 0 });
        Set(table, 'B', Order(EventKind.TradeBreak, 19, reference: 11) with { OrderOffset = 0, OrderMask = 0 });
        foreach ((char type, byte length, byte symbol) in (ReadOnlySpan<(char, byte, byte)>)
            [
                ('S', 12, 0), ('R', 39, 11), ('H', 25, 11), ('Y', 20, 11), ('L', 26, 15), ('V', 35, 0), ('W', 12, 0),
                ('K', 28, 11), ('J', 35, 11), ('h', 21, 11), ('I', 50, 28), ('N', 20, 11), ('O', 48, 11),
            ])
        {
            Set(table, type, Order(EventKind.Status, length, symbol: symbol) with { OrderOffset = 0, OrderMask = 0 });
        }

        return table;
    }

    private static void Set(ItchLayout[] table, char type, ItchLayout layout, bool fast = false) =>
        table[type] = layout with { FastLength = fast ? layout.WireLength : ItchLayout.Never };

    private static ItchLayout Order(
        EventKind kind, byte length, byte quantity = 0, byte price = 0, byte reference = 0, byte side = 0, byte symbol = 0) => new()
        {
            Header = (uint)Venue.Itch50 | ((uint)kind << 8),
            WireLength = length,
            OrderOffset = Head,
            QuantityOffset = quantity,
            PriceOffset = price,
            ReferenceOffset = reference,
            SideOffset = side,
            SymbolOffset = symbol,
            OrderMask = ulong.MaxValue,
            ReferenceMask = reference == 0 ? 0 : ulong.MaxValue,
            QuantityMask = quantity == 0 ? 0 : -1,
            QuantityAbsent = quantity == 0 ? MarketEvent.Absent : 0,
            PriceFactor = price == 0 ? 0 : MarketEvent.PriceScale / 10_000,
            PriceAbsent = price == 0 ? MarketEvent.Absent : 0,
            SideMask = (byte)(side == 0 ? 0 : 0xFF),
        };
}

/// <summary>
/// One type's layout, one cache line: offsets into the message, and what a field is combined with. A field that the type lacks
/// has offset 0 and a mask or factor of 0.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct ItchLayout
{
    /// <summary>A <see cref="FastLength"/> no message has.</summary>
    public const ushort Never = ushort.MaxValue;

    /// <summary>The length for which the fast path applies.</summary>
    public ushort FastLength;

    /// <summary>The type's length, 0 where unknown.</summary>
    public byte WireLength;

    /// <summary>All bits where there is a side.</summary>
    public byte SideMask;

    /// <summary>Venue, and kind in the second byte, as they lie in the event at 52.</summary>
    public uint Header;

    /// <summary>Order id, u64.</summary>
    public byte OrderOffset;

    /// <summary>Quantity, u32.</summary>
    public byte QuantityOffset;

    /// <summary>Price, u32.</summary>
    public byte PriceOffset;

    /// <summary>Match or new order id, u64.</summary>
    public byte ReferenceOffset;

    /// <summary>Side, one letter.</summary>
    public byte SideOffset;

    /// <summary>Symbol, eight letters.</summary>
    public byte SymbolOffset;

    /// <summary>Anded to the order id.</summary>
    public ulong OrderMask;

    /// <summary>Anded to the reference.</summary>
    public ulong ReferenceMask;

    /// <summary>Anded to the quantity.</summary>
    public long QuantityMask;

    /// <summary>Ored to the quantity.</summary>
    public long QuantityAbsent;

    /// <summary>Multiplied with the price.</summary>
    public long PriceFactor;

    /// <summary>Ored to the price.</summary>
    public long PriceAbsent;
}
