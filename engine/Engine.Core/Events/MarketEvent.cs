using System.Runtime.InteropServices;

namespace Engine.Core.Events;

/// <summary>
/// One change of the market as every stage sees it: blittable, 64 bytes, one cache line.
/// </summary>
/// <remarks>
/// <code>
///  0       8       16      24        32       40          48          52     53    54    55     56        64
///  +-------+-------+-------+---------+--------+-----------+-----------+------+-----+-----+------+---------+
///  | exch. | recv. | price | quantity| order  | reference | instrument| venue| kind| side| flags| sequence|
///  | ns i64| ns i64| 1e-9  | i64     | id u64 | u64       | i32       | u8   | u8  | u8  | u8   | u64     |
///  +-------+-------+-------+---------+--------+-----------+-----------+------+-----+-----+------+---------+
/// </code>
/// Times are nanoseconds since the Unix epoch, UTC. A price or quantity the feed does not carry, and that no
/// known order supplies, is <see cref="Absent"/>.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = SizeInBytes)]
public struct MarketEvent
{
    /// <summary>Size of the layout in bytes.</summary>
    public const int SizeInBytes = 64;

    /// <summary>Marks a price or a quantity that is not known.</summary>
    public const long Absent = long.MinValue;

    /// <summary>Price units in one currency unit: prices are integers of 1e-9.</summary>
    public const long PriceScale = 1_000_000_000;

    /// <summary><see cref="Instrument"/> of an event that concerns every instrument of its venue.</summary>
    public const int AllInstruments = -1;

    /// <summary><see cref="Instrument"/> of an event whose instrument found no room in the <see cref="InstrumentTable"/>: it
    /// touches no book, is never watched, and says nothing about its venue.</summary>
    public const int NoInstrument = -2;

    /// <summary>When the exchange says it happened, ns since the Unix epoch.</summary>
    [FieldOffset(0)] public long ExchangeTime;

    /// <summary>When it arrived here, ns since the Unix epoch; see <see cref="EventFlags.BadReceiveTime"/>.</summary>
    [FieldOffset(8)] public long ReceiveTime;

    /// <summary>Price in units of 1e-9, or <see cref="Absent"/>. For a funding: its rate, of any sign.</summary>
    [FieldOffset(16)] public long Price;

    /// <summary>Quantity in the venue's own unit (shares, contracts), or <see cref="Absent"/>.
    /// For a replace: the new order's. For a gap: how many messages were lost. For a funding: when it is due, ns since the Unix epoch.</summary>
    [FieldOffset(24)] public long Quantity;

    /// <summary>The order concerned; 0 where there is none. For a replace: the old order.</summary>
    [FieldOffset(32)] public ulong OrderId;

    /// <summary>A replace: the new order's id. An execution, trade or trade break: the venue's match id. Else 0.</summary>
    [FieldOffset(40)] public ulong Reference;

    /// <summary>Index into the <see cref="InstrumentTable"/>, <see cref="AllInstruments"/> or <see cref="NoInstrument"/>.</summary>
    [FieldOffset(48)] public int Instrument;

    /// <summary>The venue that sent it.</summary>
    [FieldOffset(52)] public Venue Venue;

    /// <summary>What happened.</summary>
    [FieldOffset(53)] public EventKind Kind;

    /// <summary>Side of the resting order. A trade: of the order that the feed names, which at the venues of
    /// <see cref="VenueTraits.NamesAggressor"/> is the one that took.</summary>
    [FieldOffset(54)] public Side Side;

    /// <summary>Qualifiers.</summary>
    [FieldOffset(55)] public EventFlags Flags;

    /// <summary>The feed's sequence number of the message, counted from 1.</summary>
    [FieldOffset(56)] public ulong Sequence;
}
