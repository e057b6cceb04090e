using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>Makes plans of K folds and of walking forward: blocks of time with equally many labelled rows, cut between two times, never within one.</summary>
public static class SplitPlanner
{
    /// <summary>K folds: block k is left out in round k, all others train it. Features of a row look back over the contract's windows, so that rows just behind a
    /// left-out block know what its labels said: the embargo is the longest window, unless another is set.</summary>
    /// <param name="data">Rows with labels.</param>
    /// <param name="blocks">K, from 2 to <see cref="SplitPlan.MaxRounds"/>.</param>
    /// <param name="test">Kept apart from all rounds; may be empty.</param>
    /// <exception cref="DatasetException">There are too few rows or times, or a number out of range.</exception>
    public static SplitPlan KFold(TrainingData data, int blocks, IReadOnlyList<SplitRange> test)
    {
        Require("--k-fold", blocks, least: 2);
        SplitRange[] cut = Blocks(data, blocks, test);
        return new SplitPlan
        {
            Kind = SplitKind.KFold,
            EmbargoNanos = data.Contract.Features.ToArray().Max(f => f.WindowNanos),
            Rounds = [.. cut.Select((valid, k) => new SplitRound($"fold-{k}", [.. cut.Where((_, i) => i != k)], [valid], test))],
        };
    }

    /// <summary>Walking forward: round k trains on blocks 0 to k and chooses by block k + 1.</summary>
    /// <param name="data">Rows with labels.</param>
    /// <param name="rounds">Rounds, from 1 to <see cref="SplitPlan.MaxRounds"/>: there is one block more.</param>
    /// <param name="isRolling">Train on block k alone.</param>
    /// <param name="test">Kept apart from all rounds; may be empty.</param>
    /// <exception cref="DatasetException">There are too few rows or times, or a number out of range.</exception>
    public static SplitPlan WalkForward(TrainingData data, int rounds, bool isRolling, IReadOnlyList<SplitRange> test)
    {
        Require("--walk-forward", rounds, least: 1);
        SplitRange[] cut = Blocks(data, rounds + 1, test);
        return new SplitPlan
        {
            Kind = SplitKind.WalkForward,
            Rounds = [.. Enumerable.Range(0, rounds).Select(k => new SplitRound($"walk-{k}", isRolling ? [cut[k]] : cut[..(k + 1)], [cut[k + 1]], test))],
        };
    }

    private static void Require(string option, int rounds, int least)
    {
        if (rounds < least || rounds > SplitPlan.MaxRounds)
        {
            throw new DatasetException($"{option} {rounds}: {least} to {SplitPlan.MaxRounds}");
        }
    }

    private static SplitRange[] Blocks(TrainingData data, int blocks, IReadOnlyList<SplitRange> test)
    {
        long[] times = [.. Enumerable.Range(0, data.Rows).Where(r => !float.IsNaN(data.Labels[r]) && !SplitMaker.IsIn(test, data, r)).Select(r => data.Times[r])];
        Array.Sort(times);
        if (times.Length < blocks)
        {
            throw new DatasetException($"{times.Length} labelled rows outside the test make no {blocks} blocks; use fewer, or label more days");
        }

        long[] cuts = [.. Enumerable.Range(1, blocks - 1).Select(i => times[(int)((long)times.Length * i / blocks)]), times[^1] + 1];
        var ranges = new SplitRange[blocks];
        for (int i = 0; i < blocks; i++)
        {
            long from = i == 0 ? times[0] : cuts[i - 1];
            if (from >= cuts[i])
            {
                throw new DatasetException($"{times.Length} labelled rows have too few different times for {blocks} blocks; use fewer");
            }

            ranges[i] = SplitRange.Of(from, cuts[i]);
        }

        return ranges;
    }
}
