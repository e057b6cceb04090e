using Engine.Core.Memory;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Recording;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>The models of a run: loaded, checked against the engine's own contract, their golden vectors reproduced.</summary>
internal sealed class ModelSet : IDisposable
{
    /// <summary>Most models in a run: a log's record has a byte for it.</summary>
    private const int MaxModels = 256;

    private readonly List<ModelArtefact> _artefacts = [];
    private readonly List<RunningModel> _running = [];

    private ModelSet()
    {
    }

    /// <summary>The artefacts, in the order they were given.</summary>
    public IReadOnlyList<ModelArtefact> Artefacts => _artefacts;

    /// <summary>What runs them.</summary>
    public IReadOnlyList<RunningModel> Running => _running;

    /// <summary>The files, as a log's head names them.</summary>
    public IReadOnlyList<LoggedFile> Files =>
        [.. _artefacts.Select(a => new LoggedFile(Path.GetFileName(a.Path), a.Bytes.Length, a.Sha256))];

    /// <summary>Reads the model files, without running anything.</summary>
    /// <exception cref="ArtefactException">A file that is no model, or a damaged one.</exception>
    public static ModelSet Load(IReadOnlyList<string> paths)
    {
        if (paths.Count > MaxModels)
        {
            throw new HostException(ExitCodes.Usage, $"--model: {paths.Count} models, at most {MaxModels} in one run");
        }

        var set = new ModelSet();
        foreach (string path in paths)
        {
            ModelArtefact artefact = ModelArtefact.Load(path);
            if (set._artefacts.Count > 0 && set._artefacts[0].Contract.FirstDifference(artefact.Contract) is { } difference)
            {
                throw new HostException(ExitCodes.Usage, $"{path}: models of one run need one contract, but it differs from {paths[0]}: {difference}");
            }

            set._artefacts.Add(artefact);
        }

        return set;
    }

    /// <summary>
    /// The engine's own contract for these models; refuses models made for another, and another contract or sampling asked for than theirs.
    /// </summary>
    /// <param name="contract">Name or file of the contract that was asked for; null for the models', or the default where there is none.</param>
    /// <param name="sampling">The sampling that was asked for; null for the contract's.</param>
    /// <param name="limits">Bounds of the run.</param>
    public FeatureSet CreateFeatures(string? contract, Sampling? sampling, EngineLimits limits)
    {
        ContractDefinition? asked = _artefacts.Count == 0 || contract is not null ? Load(contract ?? FeatureSet.DefaultName) : null;
        if (_artefacts.Count == 0)
        {
            return FeatureSet.Create(asked!, sampling ?? asked!.Sampling, limits);
        }

        try
        {
            var definition = ContractDefinition.Of(_artefacts[0].Contract);
            FeatureSet set = Checked(FeatureSet.Create(definition, definition.Sampling, limits));
            return contract is null && sampling is null ? set : CheckedAgainst(ContractDescription.Of(asked ?? definition, sampling).Contract, set);
        }
        catch (ContractException e)
        {
            throw new HostException(ExitCodes.Usage, $"{_artefacts[0].Path}: {e.Message}");
        }
    }

    private static ContractDefinition Load(string contract)
    {
        try
        {
            return ContractDefinition.Load(contract);
        }
        catch (ContractException e)
        {
            throw new HostException(ExitCodes.Usage, $"--contract: {e.Message}");
        }
    }

    /// <summary>A model brings its contract: what was asked for beside it must say the same.</summary>
    private FeatureSet CheckedAgainst(FeatureContract asked, FeatureSet set)
    {
        if (asked.FirstDifference(set.Contract) is { } difference)
        {
            set.Dispose();
            throw new HostException(ExitCodes.Usage,
                $"the contract asked for, {asked.Name} with {asked.Sampling}, is not the one that {_artefacts[0].Path} brings ({difference}); ask for none, or for that one");
        }

        return set;
    }

    private FeatureSet Checked(FeatureSet set)
    {
        foreach (ModelArtefact artefact in _artefacts)
        {
            if (set.Contract.FirstDifference(artefact.Contract) is { } difference)
            {
                set.Dispose();
                throw new HostException(ExitCodes.Usage, $"{artefact.Path}: its contract is not this engine's ({difference}); use a model exported for contract {set.Contract.Hash}");
            }
        }

        return set;
    }

    /// <summary>Starts the models.</summary>
    /// <param name="inference">`native`, `ort` or `both`.</param>
    public void Start(string inference)
    {
        InferenceMode mode = inference switch
        {
            "native" => InferenceMode.Native,
            "ort" => InferenceMode.Ort,
            _ => InferenceMode.Both,
        };
        foreach (ModelArtefact artefact in _artefacts)
        {
            _running.Add(new RunningModel(artefact.CreateNormaliser(), PredictorFactory.Create(artefact, mode)));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (RunningModel model in _running)
        {
            model.Predictor.Dispose();
        }
    }
}
