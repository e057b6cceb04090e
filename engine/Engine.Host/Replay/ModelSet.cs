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
        if (paths.Count > PredictionLogWriter.MaxModels)
        {
            throw new HostException(ExitCodes.Usage, $"--model: {paths.Count} models, at most {PredictionLogWriter.MaxModels} in one run");
        }

        var set = new ModelSet();
        foreach (string path in paths)
        {
            set._artefacts.Add(ModelArtefact.Load(path));
        }

        return set;
    }

    /// <summary>
    /// The engine's own contracts for these models, a lane for neighbours of one; refuses models made for another engine's, and another
    /// contract or sampling asked for than theirs.
    /// </summary>
    /// <param name="contract">Name or file of the contract that was asked for; null for the models', or the default where there is none.</param>
    /// <param name="sampling">The sampling that was asked for; null for the contract's.</param>
    /// <param name="limits">Bounds of the run.</param>
    public IReadOnlyList<ModelLane> CreateLanes(string? contract, Sampling? sampling, EngineLimits limits)
    {
        ContractDefinition? asked = _artefacts.Count == 0 || contract is not null ? Load(contract ?? FeatureSet.DefaultName) : null;
        if (_artefacts.Count == 0)
        {
            var set = FeatureSet.Create(asked!, sampling ?? asked!.Sampling, limits);
            return [new ModelLane(set.Contract, set, set.Sampling, [])];
        }

        List<ModelLane> lanes = ModelLanes.Of(_artefacts, limits);
        try
        {
            lanes.ForEach(l => CheckAsked(l, asked, sampling));
            return lanes;
        }
        catch
        {
            ModelLanes.Dispose(lanes);
            throw;
        }
    }

    /// <summary>A model brings its contract: what was asked for beside it must say the same.</summary>
    private void CheckAsked(ModelLane lane, ContractDefinition? contract, Sampling? sampling)
    {
        if (contract is null && sampling is null)
        {
            return;
        }

        string path = _artefacts[lane.Models[0]].Path;
        try
        {
            FeatureContract wanted = ContractDescription.Of(contract ?? ContractDefinition.Of(lane.Contract), sampling).Contract;
            if (wanted.FirstDifference(lane.Contract) is { } difference)
            {
                throw new HostException(ExitCodes.Usage,
                    $"the contract asked for, {wanted.Name} with {wanted.Sampling}, is not the one that {path} brings ({difference}); ask for none, or for that one");
            }
        }
        catch (ContractException e)
        {
            throw new HostException(ExitCodes.Usage, $"{path}: {e.Message}");
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
            _running.Add(new RunningModel(artefact.CreateNormaliser(), PredictorFactory.Create(artefact, mode)) { Number = (byte)_running.Count });
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
