using Engine.Training.Backends;
using Engine.Training.Datasets;
using Engine.Training.Splits;

namespace Engine.Training.Runs;

/// <summary>
/// Keeps the windows of training apart from what a round leaves out. A split purges and embargoes a row by its own time; a model of windows reads
/// the ticks before it as well, and behind a left-out stretch they lie within it. So purge and embargo are asked once more, of a span that begins with
/// the window's first tick.
/// <code>
///   left out      ├────────────────┤·· embargo ··
///   ticks      ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
///   kept                                  ├──┴──●────▶ label
///   not fitted on                ├──┴──●────▶             its row lies behind the stretch, its first tick within
/// </code>
/// Windows of the left-out rows themselves may read rows that were trained on: so does the engine, which knows the past.
/// </summary>
internal static class WindowReach
{
    /// <summary>The training rows whose windows keep apart; rows without a whole window are left to whoever looks for one.</summary>
    /// <param name="plan">Whether it purges, and its embargo.</param>
    /// <param name="data">The rows.</param>
    /// <param name="part">The round.</param>
    /// <param name="ticks">Which row is the tick before which.</param>
    /// <param name="window">Ticks of a window.</param>
    public static int[] Apart(SplitPlan plan, TrainingData data, SplitPart part, TrainingRows ticks, int window)
    {
        if (window <= 1 || !plan.Purges)
        {
            return part.Train;
        }

        LabelSpans leftOut = LabelSpans.Of(data, [.. part.Valid, .. part.Test]);
        return [.. part.Train.Where(row => ticks.Ticks[row] < window || !leftOut.MeetsWithin(data.Times[First(ticks, row, window)], data.Ends[row], plan.EmbargoNanos))];
    }

    private static int First(TrainingRows ticks, int row, int window)
    {
        for (int i = 1; i < window; i++)
        {
            row = ticks.Previous[row];
        }

        return row;
    }
}
