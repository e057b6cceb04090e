using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>The rows of a round, and what was left out of it.</summary>
/// <param name="Part">The rows.</param>
/// <param name="Purged">Rows taken away because their label's span meets one that they must not know.</param>
/// <param name="Embargoed">Rows taken away by the embargo alone.</param>
public sealed record SplitRows(SplitPart Part, int Purged, int Embargoed)
{
    /// <summary>SHA-256 over the three lists of row numbers, lower-case hex: two runs that say the same trained on the same rows.</summary>
    public string Hash
    {
        get
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (int[] list in (int[][])[Part.Train, Part.Valid, Part.Test])
            {
                hash.AppendData(MemoryMarshal.AsBytes((ReadOnlySpan<int>)[list.Length]));
                hash.AppendData(MemoryMarshal.AsBytes(list.AsSpan()));
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}

/// <summary>Makes the lists of rows of a plan.</summary>
public static class SplitMaker
{
    /// <summary>The rows of each round.</summary>
    public static IReadOnlyList<SplitRows> Apply(SplitPlan plan, TrainingData data) => [.. plan.Rounds.Select(round => Apply(plan, round, data))];

    /// <summary>Whether a row lies in one of some stretches.</summary>
    internal static bool IsIn(IReadOnlyList<SplitRange> ranges, TrainingData data, int row)
    {
        foreach (SplitRange range in ranges)
        {
            if (range.Has(data.DayIds[data.Days[row]], data.Times[row]))
            {
                return true;
            }
        }

        return false;
    }

    private static SplitRows Apply(SplitPlan plan, SplitRound round, TrainingData data)
    {
        var (train, valid, test) = (new List<int>(), new List<int>(), new List<int>());
        for (int row = 0; row < data.Rows; row++)
        {
            if (!float.IsNaN(data.Labels[row]))
            {
                (IsIn(round.Test, data, row) ? test : IsIn(round.Valid, data, row) ? valid : IsIn(round.Train, data, row) ? train : null)?.Add(row);
            }
        }

        int purged = 0;
        int embargoed = 0;
        if (plan.Purges)
        {
            LabelSpans tested = LabelSpans.Of(data, test);
            valid = Left(plan, data, valid, tested, ref purged, ref embargoed);
            train = Left(plan, data, train, LabelSpans.Of(data, [.. test, .. valid]), ref purged, ref embargoed);
        }

        return new SplitRows(new SplitPart(round.Id, [.. train], [.. valid], [.. test]), purged, embargoed);
    }

    private static List<int> Left(SplitPlan plan, TrainingData data, List<int> rows, LabelSpans spans, ref int purged, ref int embargoed)
    {
        var left = new List<int>(rows.Count);
        foreach (int row in rows)
        {
            if (spans.Meets(data.Times[row], data.Ends[row]))
            {
                purged++;
            }
            else if (spans.MeetsWithin(data.Times[row], data.Ends[row], plan.EmbargoNanos))
            {
                embargoed++;
            }
            else
            {
                left.Add(row);
            }
        }

        return left;
    }
}
