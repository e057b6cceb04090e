using Engine.Core.Memory;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Inference.Artefacts;

namespace Engine.Host.Replay;

/// <summary>Models that stand side by side on the command line and read the same rows.</summary>
/// <param name="Contract">Their contract.</param>
/// <param name="Set">The families that make the rows; shared with other lanes of the same columns.</param>
/// <param name="Sampling">When rows are due.</param>
/// <param name="Models">Their places on the command line; empty where there is no model.</param>
internal sealed record ModelLane(FeatureContract Contract, FeatureSet Set, Sampling Sampling, List<int> Models);

/// <summary>
/// The lanes of a run: one set of books, features followed once for all models of the same columns, rows by each model's own
/// sampling. Models answer in the order of the command line.
/// </summary>
internal static class ModelLanes
{
    /// <summary>Most sets of features that are followed at once.</summary>
    public const int MaxSets = 8;

    /// <summary>The lanes of models. The sets are the caller's.</summary>
    /// <exception cref="HostException">A model is of another contract than this engine's, or they are of too many.</exception>
    public static List<ModelLane> Of(IReadOnlyList<ModelArtefact> artefacts, EngineLimits limits)
    {
        var lanes = new List<ModelLane>();
        try
        {
            for (int i = 0; i < artefacts.Count; i++)
            {
                Add(lanes, artefacts[i], i, limits);
            }

            return lanes;
        }
        catch
        {
            Dispose(lanes);
            throw;
        }
    }

    /// <summary>Frees the sets of lanes that no pipeline took over.</summary>
    public static void Dispose(IEnumerable<ModelLane> lanes)
    {
        foreach (FeatureSet set in lanes.Select(l => l.Set).Distinct())
        {
            set.Dispose();
        }
    }

    private static void Add(List<ModelLane> lanes, ModelArtefact artefact, int place, EngineLimits limits)
    {
        if (lanes.Count > 0 && lanes[^1].Contract.Hash == artefact.Contract.Hash)
        {
            lanes[^1].Models.Add(place);
            return;
        }

        try
        {
            var definition = ContractDefinition.Of(artefact.Contract);
            FeatureSet? set = lanes.Find(l => Shares(l, artefact.Contract, definition.Sampling))?.Set;
            FeatureContract contract = set is not null
                ? new FeatureContract(set.Contract.Name, set.Contract.Features.ToArray(), definition.Sampling.ToString())
                : (set = Create(lanes, artefact, definition, limits)).Contract;
            lanes.Add(new ModelLane(contract, set, definition.Sampling, [place]));
            if (contract.FirstDifference(artefact.Contract) is { } difference)
            {
                throw new HostException(ExitCodes.Usage, $"{artefact.Path}: its contract is not this engine's ({difference}); use a model exported for contract {contract.Hash}");
            }
        }
        catch (ContractException e)
        {
            throw new HostException(ExitCodes.Usage, $"{artefact.Path}: {e.Message}");
        }
    }

    private static FeatureSet Create(List<ModelLane> lanes, ModelArtefact artefact, ContractDefinition definition, EngineLimits limits) =>
        lanes.Select(l => l.Set).Distinct().Count() < MaxSets
            ? FeatureSet.Create(definition, definition.Sampling, limits)
            : throw new HostException(ExitCodes.Usage, $"{artefact.Path}: its features would be the run's set number {MaxSets + 1}, and {MaxSets} may be followed at once; run some of the models by themselves");

    /// <summary>Whether a lane's features serve a contract too: rows at grid times move windows on, and so want features of their own.</summary>
    private static bool Shares(ModelLane lane, FeatureContract contract, Sampling sampling) =>
        lane.Sampling.Kind != SamplingKind.Grid && sampling.Kind != SamplingKind.Grid
        && lane.Contract.Name == contract.Name && lane.Contract.Features.SequenceEqual(contract.Features);
}
