using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Engine.Core.Events;

namespace Engine.Features;

/// <summary>
/// What every family may read of one instrument: its clock, its best levels, its reference values. It heads the instrument's block,
/// which goes on with the clocks of the windows, the row, and the state of each family.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = SizeInBytes)]
internal struct InstrumentHead
{
    /// <summary>Size of the layout in bytes: whole cache lines.</summary>
    public const int SizeInBytes = 256 + (2 * TopLevels.SizeInBytes);

    /// <summary>The earliest boundary of any bucketed window, ns.</summary>
    public long NextRoll;

    /// <summary>Families whose columns may differ from those kept, a bit each: they are to be written.</summary>
    public ulong Dirty;

    /// <summary>Events so far.</summary>
    public long Events;

    /// <summary>No trade leaves a traded window before this time, ns.</summary>
    public long TradeExpiry;

    /// <summary>Best bid plus best ask, 1e-9; 0 without both.</summary>
    public long TwiceMid;

    /// <summary>Exchange time of the last event, never running backwards, ns.</summary>
    public long Last;

    /// <summary>The same of the event before.</summary>
    public long Previous;

    /// <summary><see cref="Engine.Books.OrderBooks.Version"/> of the book that the levels were read from.</summary>
    public uint Version;

    /// <summary>Bucketed windows whose bucket at hand does not remember the totals yet, a bit each.</summary>
    public uint Unopened;

    /// <summary>The best bids.</summary>
    public TopLevels Bid;

    /// <summary>The best asks.</summary>
    public TopLevels Ask;

    /// <summary>Exchange time of the last gap of this instrument, or <see cref="MarketEvent.Absent"/>.</summary>
    public long LastGap;

    /// <summary>When a trade last entered the traded windows, or <see cref="MarketEvent.Absent"/>.</summary>
    public long LastTrade;

    /// <summary>When a change last moved the best bid, or <see cref="MarketEvent.Absent"/>.</summary>
    public long LastBidMove;

    /// <summary>When a change last moved the best ask, or <see cref="MarketEvent.Absent"/>.</summary>
    public long LastAskMove;

    /// <summary>The index, 1e-9, or <see cref="MarketEvent.Absent"/>.</summary>
    public long IndexPrice;

    /// <summary>The mark price, 1e-9, or <see cref="MarketEvent.Absent"/>.</summary>
    public long MarkPrice;

    /// <summary>The funding rate, 1e-9, or <see cref="MarketEvent.Absent"/>.</summary>
    public long FundingRate;

    /// <summary>When the next funding is, ns, or <see cref="MarketEvent.Absent"/>.</summary>
    public long FundingTime;

    /// <summary>Quantity of the best 1, 3, 5 and 10 bids.</summary>
    public Vector256<long> BidDepths;

    /// <summary>Quantity of the best 1, 3, 5 and 10 asks.</summary>
    public Vector256<long> AskDepths;

    /// <summary>10⁴ / <see cref="TwiceMid"/>, where that is not 0.</summary>
    public double BasisPoints;

    /// <summary>Best ask less best bid, over <see cref="TwiceMid"/>, where that is not 0.</summary>
    public double HalfSpread;

    /// <summary>Venue of the first event.</summary>
    public Venue Venue;

    /// <summary>Something changed since the venue's last complete event.</summary>
    public bool Changed;

    /// <summary>The block is in use.</summary>
    public bool Known;

    /// <summary>Seconds from a time to another, 0 to an hour, which also stands for never.</summary>
    public static float SecondsSince(long time, long since) =>
        since == MarketEvent.Absent ? MaxSecondsSince : (float)Math.Clamp((time - since) * 1e-9, 0, MaxSecondsSince);

    /// <summary>The same of four times at once; as doubles that are floats' after rounding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> SecondsSince(long time, Vector256<long> since)
    {
        Vector256<long> most = Vector256.Create(MaxNanosSince);
        Vector256<long> nanos = Vector256.Max(Vector256.Create(time) - since, Vector256<long>.Zero);
        Vector256<long> never = Vector256.Equals(since, Vector256.Create(MarketEvent.Absent));
        return Vector256.ConvertToDouble(Vector256.ConditionalSelect(never, most, Vector256.Min(nanos, most))) * 1e-9;
    }

    private const float MaxSecondsSince = 3600;
    private const long MaxNanosSince = 3_600_000_000_000;
}
