using Engine.Books;
using Engine.Core.Diagnostics;
using Engine.Features;
using Engine.Feeds;
using Engine.Inference;
using Engine.Inference.Sequences;
using Engine.Recording;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>What the books and features counted over a run.</summary>
internal sealed record BookCounts
{
    /// <summary>Events by what became of them.</summary>
    public required IReadOnlyList<KeyValuePair<string, long>> ByStatus { get; init; }

    /// <summary>Messages that name an order never seen, or gone.</summary>
    public required long UnknownOrders { get; init; }

    /// <summary>Instruments by trust at the end.</summary>
    public required (int Good, int Recovering, int Suspect) Trust { get; init; }

    /// <summary>Events after which a book was crossed or locked.</summary>
    public required long Crossed { get; init; }

    /// <summary>Orders and levels left at the end.</summary>
    public required (int Orders, int Levels) Live { get; init; }

    /// <summary>Events whose exchange time ran backwards.</summary>
    public required long TimeReversals { get; init; }

    /// <summary>Events whose exchange time can be none: before the epoch, or where a clock cannot go.</summary>
    public required long TimesOutOfRange { get; init; }

    /// <summary>Trades that entered no window because their aggressor is unknown.</summary>
    public required long UnclassifiedTrades { get; init; }

    /// <summary>Trades that left their windows early.</summary>
    public required long EvictedTrades { get; init; }

    /// <summary>Grid cells passed over because too many lay between two events.</summary>
    public required long SkippedCells { get; init; }

    /// <summary>Reads the counters.</summary>
    public static BookCounts Of(OrderBooks books, FeatureBuilder features, long evictedTrades, long skippedCells) => new()
    {
        ByStatus = [.. Enum.GetValues<BookStatus>().Where(s => s != BookStatus.NotABookEvent && (s == BookStatus.Applied || books.Count(s) > 0))
            .Select(s => KeyValuePair.Create(Snake(s.ToString()), books.Count(s)))],
        UnknownOrders = books.Count(BookStatus.UnknownOrder),
        Trust = (books.CountTrust(BookTrust.Good), books.CountTrust(BookTrust.Recovering), books.CountTrust(BookTrust.Suspect)),
        Crossed = books.CrossedEvents,
        Live = (books.LiveOrders, books.LiveLevels),
        TimeReversals = features.TimeReversals,
        TimesOutOfRange = features.TimesOutOfRange,
        UnclassifiedTrades = features.UnclassifiedTrades,
        EvictedTrades = evictedTrades,
        SkippedCells = skippedCells,
    };

    private static string Snake(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}

/// <summary>Everything a replay found out.</summary>
internal sealed record ReplayResult
{
    /// <summary>What was asked for.</summary>
    public required ReplayOptions Options { get; init; }

    /// <summary>What decided the predictions.</summary>
    public required RunConfiguration Configuration { get; init; }

    /// <summary>The captures with their counters; alive as long as the engine.</summary>
    public required MarketDataSource Source { get; init; }

    /// <summary>The models; alive as long as the engine.</summary>
    public required ModelSet Models { get; init; }

    /// <summary>The engine's contract.</summary>
    public required FeatureContract Contract { get; init; }

    /// <summary>Latency by stage, after the warm-up.</summary>
    public required StageTimer Timer { get; init; }

    /// <summary>The machine's noise.</summary>
    public required LatencyHistogram Hiccups { get; init; }

    /// <summary>What held packets back, and how late that was.</summary>
    public required Pacer Pacer { get; init; }

    /// <summary>Seconds from the first packet to the last prediction.</summary>
    public required double ElapsedSeconds { get; init; }

    /// <summary>Events of the warm-up.</summary>
    public required long WarmUpEvents { get; init; }

    /// <summary>Bytes the hot threads allocated after the warm-up, and collections meanwhile.</summary>
    public required (long Bytes, int Collections) Allocations { get; init; }

    /// <summary>Predictions recorded.</summary>
    public required long Predictions { get; init; }

    /// <summary>Digest of the predictions.</summary>
    public required ulong PredictionDigest { get; init; }

    /// <summary>What each model predicted, in the order of the models.</summary>
    public required IReadOnlyList<ModelTally> ByModel { get; init; }

    /// <summary>Rows made.</summary>
    public required long Rows { get; init; }

    /// <summary>Predictions that were NaN or infinite.</summary>
    public required long NotFinite { get; init; }

    /// <summary>Features that were NaN or infinite before normalising.</summary>
    public required long MissingFeatures { get; init; }

    /// <summary>Rows that made no prediction because their book was suspect.</summary>
    public required long Suppressed { get; init; }

    /// <summary>Digest of the books.</summary>
    public required BookDigest BookDigest { get; init; }

    /// <summary>The instruments that had a book event, with the trust of their books at the end.</summary>
    public required IReadOnlyList<KeyValuePair<string, BookTrust>> TrustByInstrument { get; init; }

    /// <summary>What books and features counted.</summary>
    public required BookCounts Books { get; init; }

    /// <summary>Somebody ended the run early.</summary>
    public required bool Interrupted { get; init; }

    /// <summary>The comparisons of `--inference both`, by model.</summary>
    public IEnumerable<ComparingPredictor> Comparisons => Models.Running.Select(m => m.Predictor).OfType<ComparingPredictor>();

    /// <summary>Predictions of silo models that were computed in full because no memory was left for their instrument's last row.</summary>
    public long Unkept => Models.Running.Sum(m => m.Predictor.Unkept);

    /// <summary>What the models that remember earlier rows counted, all together.</summary>
    public SequenceCounts Sequences => Models.Running.Aggregate(default(SequenceCounts), (sum, m) => sum.Plus(m.Predictor.SequenceCounts));

    /// <summary>The kernel that ran, `none` without a model.</summary>
    public string Kernel => Models.Running.Count > 0 ? Models.Running[0].Predictor.Kernel : "none";
}
