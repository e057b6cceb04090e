using Engine.Core.Events;
using Engine.Features;

namespace Engine.TestKit.Features;

/// <summary>Columns of returns, times since, lifetimes, reference values and health.</summary>
internal static class NaiveTimeColumns
{
    private const long FleetingMicros = 100_000;

    /// <summary>From the mid-price that was in force where the window of buckets begins.</summary>
    public static double Return(FeatureSpec spec, NaiveMoment now)
    {
        List<(long Time, long? TwiceMid)> mids = now.History.Mids;
        int passed = NaiveWindow.First(mids, m => m.Time, NaiveWindow.Start(now.Time, spec.WindowNanos));

        // The first one is before the first event, so if that one passed the boundary no event lay before it.
        return passed == 0 || mids[passed].TwiceMid is not long then || now.TwiceMid is not long mid
            ? double.NaN
            : (double)(1e4m * ((decimal)mid - then) / then);
    }

    /// <summary>Seconds since a trade, or since a best price moved.</summary>
    public static double Since(string name, NaiveMoment now) => name switch
    {
        "time_since_trade" => now.Since(now.History.Trades.Count > 0 ? now.History.Trades[^1].Time : null),
        "time_since_ask_move" => now.Since(now.History.Changes.FindLast(c => c.Side == Side.Sell && MovesBest(c))?.Time),
        "time_since_bid_move" => now.Since(now.History.Changes.FindLast(c => c.Side == Side.Buy && MovesBest(c))?.Time),
        _ => throw NaiveNames.Unknown(name),
    };

    /// <summary>How old orders were that left.</summary>
    public static double Lifetime(FeatureSpec spec, NaiveMoment now)
    {
        NaiveLeaving[] left =
        [
            .. now.History.ChangesSince(NaiveWindow.Start(now.Time, spec.WindowNanos))
                .Where(c => NaiveWindow.IsInBuckets(c.Entry, now.Time, spec.WindowNanos)).SelectMany(c => c.Left),
        ];
        long[] micros = [.. left.Where(l => !l.Executed).Select(l => l.AgeNanos / 1000)];
        return spec.Name.Split("_")[0] switch
        {
            "mean" => micros.Length > 0 ? micros.Average() / 1e6 : double.NaN,
            "fleeting" => micros.Length > 0 ? (double)micros.Count(age => age <= FleetingMicros) / micros.Length : double.NaN,
            "fill" => left.Length > 0 ? (double)left.Count(l => l.Executed) / left.Length : double.NaN,
            _ => throw NaiveNames.Unknown(spec.Name),
        };
    }

    /// <summary>The book against what it follows.</summary>
    public static double Reference(string name, NaiveMoment now) => name switch
    {
        "index_difference" => Difference(now.Reference.Index, now),
        "mark_difference" => Difference(now.Reference.Mark, now),
        "funding_rate" => now.Reference.FundingRate == MarketEvent.Absent ? double.NaN : 1e4 * (now.Reference.FundingRate / 1e9),
        "time_to_funding" => now.Reference.FundingTime == MarketEvent.Absent ? double.NaN
            : Math.Max(0, (double)((decimal)now.Reference.FundingTime - now.Time) / 1e9),
        _ => throw NaiveNames.Unknown(name),
    };

    /// <summary>Whether the other numbers can be believed.</summary>
    public static double Health(string name, NaiveMoment now) => name switch
    {
        "staleness" => (now.Time - now.PreviousEvent) / 1e9,
        "gap_age" => now.Since(now.LastGap),
        "trust" => now.Trust,
        _ => throw NaiveNames.Unknown(name),
    };

    private static double Difference(long reference, NaiveMoment now) =>
        reference == MarketEvent.Absent || reference <= 0 ? double.NaN : 1e4 * (now.Mid - (reference / 1e9)) / (reference / 1e9);

    private static bool MovesBest(NaiveChange c) => Best(c.Before) != Best(c.After);

    private static long? Best(NaiveLevel[] levels) => levels.Length > 0 ? levels[0].Price : null;
}
