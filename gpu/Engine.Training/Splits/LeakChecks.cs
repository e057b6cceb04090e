using Engine.Features;
using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>What is about to be trained, for the checks.</summary>
public sealed record LeakCheckInput
{
    /// <summary>The rows.</summary>
    public required TrainingData Data { get; init; }

    /// <summary>Which of them train, choose and test.</summary>
    public required SplitPart Part { get; init; }

    /// <summary>The normaliser's statistics that will be used; null where there is none.</summary>
    public PartStatistics? Statistics { get; init; }

    /// <summary>The contract that the model reads; null for that of the rows.</summary>
    public FeatureContract? Contract { get; init; }
}

/// <summary>
/// The checks between a data set and a model: each looks for one way of fooling oneself and says what, where, and what to do. They see rows in
/// memory; <see cref="DayChecks"/> hold the files themselves against captures and tape.
/// </summary>
public static class LeakChecks
{
    /// <summary>The kinds that <see cref="Run"/> looks for.</summary>
    public static IReadOnlyList<LeakKind> Kinds { get; } =
        [LeakKind.ContractMismatch, LeakKind.ShuffledTime, LeakKind.SpanOverlap, LeakKind.LeakedStatistics, LeakKind.LabelAsFeature];

    /// <summary>Runs the checks.</summary>
    /// <param name="input">What is about to be trained.</param>
    /// <param name="unchecked">Kinds that somebody decided not to look for; null for none.</param>
    /// <returns>What was found, at most one of a kind; empty for a clean set.</returns>
    public static IReadOnlyList<Leak> Run(LeakCheckInput input, IReadOnlyCollection<LeakKind>? @unchecked = null)
    {
        var found = new List<Leak>();
        foreach (LeakKind kind in Kinds)
        {
            if (@unchecked?.Contains(kind) != true && Find(kind, input) is { } leak)
            {
                found.Add(leak);
            }
        }

        return found;
    }

    private static Leak? Find(LeakKind kind, LeakCheckInput input) => kind switch
    {
        LeakKind.ContractMismatch => Contract(input.Data, input.Contract),
        LeakKind.ShuffledTime => TimeOrderCheck.Find(input.Data, input.Part),
        LeakKind.SpanOverlap => Overlap(input.Data, input.Part),
        LeakKind.LeakedStatistics => Statistics(input),
        LeakKind.LabelAsFeature => LabelColumnCheck.Find(input.Data, input.Part),
        _ => null,
    };

    private static Leak? Contract(TrainingData data, FeatureContract? expected) => expected?.FirstDifference(data.Contract) is { } difference
        ? new Leak(LeakKind.ContractMismatch, $"{difference} (here: the model, there: the rows)", $"contract {expected.Name}", "build the data set with the model's contract")
        : null;

    private static Leak? Overlap(TrainingData data, SplitPart part)
    {
        foreach ((string first, int[] rows, string second, int[] others) in (ReadOnlySpan<(string, int[], string, int[])>)
            [("train", part.Train, "valid", part.Valid), ("train", part.Train, "test", part.Test), ("valid", part.Valid, "test", part.Test)])
        {
            LabelSpans spans = LabelSpans.Of(data, others);
            int met = Array.FindIndex(rows, r => spans.Meets(data.Times[r], data.Ends[r]));
            if (met >= 0)
            {
                int row = rows[met];
                int other = others.First(o => data.Times[o] <= data.Ends[row] && data.Times[row] <= data.Ends[o]);
                return new Leak(
                    LeakKind.SpanOverlap,
                    $"the label of row {row} looks at {Span(data, row)}, that of row {other} at {Span(data, other)}",
                    $"{part.Id}: {first} and {second}",
                    "purge the split (lab split without --no-purge), or leave more time between the lists");
            }
        }

        return null;
    }

    private static Leak? Statistics(LeakCheckInput input)
    {
        if (input.Statistics is not { } given)
        {
            return null;
        }

        PartStatistics own = PartStatistics.Fit(input.Data, input.Part, withRanks: given.Ranks is not null);
        if (given.Ranks is { } ranks && RankTable.FirstDifference(ranks, own.Ranks!) is >= 0 and int first)
        {
            return new Leak(
                LeakKind.LeakedStatistics,
                "its ranks are not those of the training rows",
                $"{input.Part.Id}: feature {(first < own.Mean.Length ? input.Data.Contract.Features[first].Name : first)}",
                "fit the normaliser on the training rows of this round only");
        }

        if (given is { Ranks: not null, Mean.Length: 0 })
        {
            return null;
        }

        if (given.Mean.Length != own.Mean.Length || given.Deviation.Length != own.Deviation.Length)
        {
            return new Leak(LeakKind.LeakedStatistics, $"statistics of {given.Mean.Length} features for rows of {own.Mean.Length}", input.Part.Id, "fit them on the training rows");
        }

        for (int i = 0; i < own.Mean.Length; i++)
        {
            if (!SameBits(own.Mean[i], given.Mean[i]) || !SameBits(own.Deviation[i], given.Deviation[i]))
            {
                return new Leak(
                    LeakKind.LeakedStatistics,
                    FormattableString.Invariant($"mean {given.Mean[i]} and deviation {given.Deviation[i]} are used, those of the training rows are {own.Mean[i]} and {own.Deviation[i]}"),
                    $"{input.Part.Id}: feature {input.Data.Contract.Features[i].Name}",
                    "fit the normaliser on the training rows of this round only");
            }
        }

        return null;
    }

    private static bool SameBits(float a, float b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b);

    private static string Span(TrainingData data, int row) => $"{SplitRange.Text(data.Times[row])}..{SplitRange.Text(data.Ends[row])}";
}
