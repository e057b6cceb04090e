using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>Makes plans of K folds and of walking forward: blocks of time with equally many labelled rows, cut between two times, never within one.</summary>
public static class SplitPlanner
{
    /// <summary>K folds: block k is left out in round k, all others train it.</summary>
    /// <param name="data">Rows with labels.</param>
    /// <param name="blocks">K, from 2.</param>
    /// <param name="test">Kept apart from all rounds; may be empty.</param>
    /// <exception cref="DatasetException">There are too few rows or times.</exception>
    public static SplitPlan KFold(TrainingData data, int blocks, IReadOnlyList<SplitRange> test)
    {
        SplitRange[] cut = Blocks(data, blocks, test, least: 2);
        return new SplitPlan
        {
            Kind = SplitKind.KFold,
            Rounds = [.. cut.Select((valid, k) => new SplitRound($"fold-{k}", [.. cut.Where((_, i) => i != k)], [valid], test))],
        };
    }

    /// <summary>Walking forward: round k trains on blocks 0 to k and chooses by block k + 1.</summary>
    /// <param name="data">Rows with labels.</param>
    /// <param name="rounds">Rounds, from 1: there is one block more.</param>
    /// <param name="isRolling">Train on block k alone.</param>
    /// <param name="test">Kept apart from all rounds; may be empty.</param>
    /// <exception cref="DatasetException">There are too few rows or times.</exception>
    public static SplitPlan WalkForward(TrainingData data, int rounds, bool isRolling, IReadOnlyList<SplitRange> test)
    {
        SplitRange[] cut = Blocks(data, rounds + 1, test, least: 2);
        return new SplitPlan
        {
            Kind = SplitKind.WalkForward,
            Rounds = [.. Enumerable.Range(0, rounds).Select(k => new SplitRound($"walk-{k}", isRolling ? [cut[k]] : cut[..(k + 1)], [cut[k + 1]], test))],
        };
    }

    private static SplitRange[] Blocks(TrainingData data, int blocks, IReadOnlyList<SplitRange> test, int least)
    {
        if (blocks < least || blocks > SplitPlan.MaxBlocks)
        {
            throw new DatasetException($"{blocks} blocks of time: {least} to {SplitPlan.MaxBlocks}");
        }

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
