using Engine.Inference.Artefacts;
using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>What the checks of a model came to.</summary>
/// <param name="Found">The leaks.</param>
/// <param name="Normalisers">Normalisers whose statistics were compared: none of a model that reads raw rows, one a member of an ensemble.</param>
public sealed record ModelCheck(IReadOnlyList<Leak> Found, int Normalisers);

/// <summary>Holds a model file against the split that it was trained by: its contract against the rows', its statistics against the training rows'.</summary>
public static class ModelChecks
{
    /// <summary>Checks a model and, of an ensemble, its members.</summary>
    /// <param name="split">The split.</param>
    /// <param name="data">Its rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="round">The round that it was trained in, where its own list of what it was trained on names none of the split; null for the only one.</param>
    /// <param name="unchecked">Kinds that somebody decided not to look for; null for none.</param>
    /// <exception cref="DatasetException">Nothing says which round the model was trained in.</exception>
    public static ModelCheck Run(SplitFile split, TrainingData data, ModelArtefact model, string? round = null, IReadOnlyCollection<LeakKind>? @unchecked = null)
    {
        SplitPart[] parts = [.. SplitMaker.Apply(split.Plan, data).Select(r => r.Part)];
        var found = new List<Leak>();
        LeakKind[] others = [.. LeakChecks.Kinds.Except([LeakKind.ContractMismatch, LeakKind.LeakedStatistics]), .. @unchecked ?? []];
        int normalisers = 0;
        foreach (ModelArtefact one in (ModelArtefact[])[model, .. model.Members])
        {
            bool isOfOtherRows = one.Contract.FirstDifference(data.Contract) is not null;
            bool compares = !one.Description.IsRaw && !isOfOtherRows && !others.Contains(LeakKind.LeakedStatistics);
            normalisers += compares ? 1 : 0;
            var input = new LeakCheckInput
            {
                Data = data,
                Part = compares ? PartOf(split, parts, one, round) : parts[0],
                Contract = one.Contract,
                Statistics = !compares ? null
                    : one.Description.Ranks is { } ranks ? new PartStatistics([], []) { Ranks = ranks }
                    : new PartStatistics(one.Description.Mean.ToArray(), one.Description.Deviation.ToArray()),
            };
            found.AddRange(LeakChecks.Run(input, others).Select(leak => leak with { Where = $"{one.Path}: {leak.Where}" }));
        }

        return new ModelCheck(found, normalisers);
    }

    private static SplitPart PartOf(SplitFile split, SplitPart[] parts, ModelArtefact model, string? round) =>
        Array.Find(parts, part => model.Description.TrainingSplit.Contains(split.IdOf(part)))
        ?? (round is null && parts.Length == 1 ? parts[0] : null)
        ?? Array.Find(parts, part => part.Id == round)
        ?? throw new DatasetException(
            $"{model.Path}: says of no round of the split that it was trained in it{(round is null ? "" : $", and {round} is none")}; name it with --round: {string.Join(", ", parts.Select(p => p.Id))}");
}
