using Engine.Training.Datasets;
using Engine.Training.Runs;
using Engine.Training.Splits;

namespace Engine.Training.Canaries;

/// <summary>Plants leaks in copies of what a configuration names.</summary>
/// <param name="plan">An honest configuration.</param>
/// <param name="folder">Where the copies go.</param>
internal sealed class CanaryNest(RunPlan plan, string folder)
{
    private const int MostBlocks = 512;
    private const int LeastBlock = 4;
    private const string SplitName = "split.json";

    private readonly SplitFile _split = SplitFile.Read(plan.Split);

    /// <summary>Every label becomes that of a span which is over: the features know it.</summary>
    public Canary ShiftedLabel()
    {
        (RunPlan copy, string[] days) = Copy("shifted_label");
        foreach (string path in days)
        {
            int[] known;
            using (DatasetFile file = DatasetFile.Open(path))
            {
                known = PlantedDay.KnownBy(file, plan.Label);
            }

            // Rows without a label stay without, so that the split is the same.
            PlantedDay.ChangeLabel(path, plan.Label, values =>
                [.. values.Select((y, row) => known[row] < 0 || float.IsNaN(y) || float.IsNaN(values[known[row]]) ? y : values[known[row]])]);
        }

        return new Canary("shifted_label", LeakKind.WrongLabel, copy);
    }

    /// <summary>Every row becomes what it is when its label is known, and all hashes say that this is so.</summary>
    public Canary FutureFeature()
    {
        (RunPlan copy, string[] days) = Copy("future_feature");
        DatasetManifest manifest = DatasetManifest.Read(copy.Dataset);
        foreach (string path in days)
        {
            int[] behind;
            using (DatasetFile file = DatasetFile.Open(path))
            {
                behind = PlantedDay.Behind(file, plan.Label);
            }

            PlantedDay.ChangeFeatures(path, (features, width) =>
            {
                float[] then = [.. features];
                for (int row = 0; row < behind.Length; row++)
                {
                    int from = behind[row] < 0 ? row : behind[row];
                    then.AsSpan(from * width, width).CopyTo(features.AsSpan(row * width));
                }
            }, fixesHash: true);
            using DatasetFile changed = DatasetFile.Open(path);
            manifest = manifest.With(manifest.Days.Single(d => d.FileName == Path.GetFileName(path)) with { RowsHash = changed.RowsHash });
        }

        manifest.Write(copy.Dataset);
        return new Canary("future_feature", LeakKind.FutureWindow, copy with { Split = Write("future_feature", _split.Plan, copy.Dataset) });
    }

    /// <summary>The normaliser is fitted on all rows.</summary>
    public Canary AllStatistics() => new("all_statistics", LeakKind.LeakedStatistics, plan) { HasStatisticsOfAllRows = true };

    /// <summary>Short stretches of time are dealt out at random to train, valid and test, in the proportions of the split.</summary>
    public Canary ShuffledSplit()
    {
        TrainingData data = Load(plan.Dataset);
        SplitOutcome last = _split.Outcomes[^1];
        double all = last.Train + last.Valid + last.Test;
        long[] times = [.. Enumerable.Range(0, data.Rows).Where(r => !float.IsNaN(data.Labels[r])).Select(r => data.Times[r]).Distinct().Order()];
        int block = Math.Max(LeastBlock, (times.Length + MostBlocks - 1) / MostBlocks);
        var random = new Core.Numerics.SeededRandom(plan.Seed);
        List<SplitRange>[] lists = [[], [], []];
        for (int at = 0; at < times.Length; at += block)
        {
            double u = random.NextDouble() * all;
            int list = u < last.Train ? 0 : u < last.Train + last.Valid ? 1 : 2;
            lists[list].Add(SplitRange.Of(times[at], at + block < times.Length ? times[at + block] : times[^1] + 1));
        }

        var shuffled = new SplitPlan { Kind = SplitKind.Explicit, Purges = false, Rounds = [new SplitRound("shuffled", lists[0], lists[1], lists[2])] };
        Directory.CreateDirectory(Path.Combine(folder, "shuffled_split"));
        return new Canary("shuffled_split", LeakKind.ShuffledTime, plan with { Split = Write("shuffled_split", shuffled, plan.Dataset) })
        {
            Checks = [LeakKind.ShuffledTime, LeakKind.SpanOverlap],
        };
    }

    private TrainingData Load(string dataset) => TrainingDataLoader.Load(dataset, plan.Label, [.. _split.Days.Select(d => d.Id)], withFeatures: false);

    private string Write(string name, SplitPlan split, string dataset)
    {
        string path = Path.Combine(folder, name, SplitName);
        RunFolder.Write(path, SplitFile.Make(split, Load(dataset), _split.ToolVersion).ToJson());
        return path;
    }

    /// <summary>A copy of the days, and the configuration over it.</summary>
    private (RunPlan Plan, string[] Days) Copy(string name)
    {
        string set = Directory.CreateDirectory(Path.Combine(folder, name, "set")).FullName;
        string[] days = [.. _split.Days.Select(d => d.Id + DatasetFormat.Ending)];
        string kept = Path.GetFileName(Labels.GivenLabels.KeptPath(plan.Dataset, plan.Label));
        foreach (string file in days.Append(DatasetManifest.FileName).Append(kept).Where(f => File.Exists(Path.Combine(plan.Dataset, f))))
        {
            File.Copy(Path.Combine(plan.Dataset, file), Path.Combine(set, file));
        }

        return (plan with { Dataset = set }, [.. days.Select(d => Path.Combine(set, d))]);
    }
}
