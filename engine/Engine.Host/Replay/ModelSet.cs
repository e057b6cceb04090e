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
    private readonly List<ModelFile> _all = [];
    private readonly List<RunningModel> _running = [];
    private readonly List<PreparedSwap> _swaps = [];
    private readonly HashSet<RunningModel> _released = new(ReferenceEqualityComparer.Instance);
    private EngineLimits _limits = new();
    private InferenceMode _mode;
    private int _places;
    private bool _isClosed;

    private ModelSet()
    {
    }

    /// <summary>The artefacts, in the order they were given; none any more once they run.</summary>
    public IReadOnlyList<ModelArtefact> Artefacts => _artefacts;

    /// <summary>What is told of the models, in the order they were given; behind them those that were to take their places.</summary>
    public IReadOnlyList<ModelFile> All => _all;

    /// <summary>What runs them.</summary>
    public IReadOnlyList<RunningModel> Running => _running;

    /// <summary>Models that were to take the place of others, in the order in which they were loaded.</summary>
    public IReadOnlyList<PreparedSwap> Swaps => _swaps;

    /// <summary>The files that a run begins with, as a log's head names them.</summary>
    public IReadOnlyList<LoggedFile> Files =>
        [.. _all.Take(_places).Select(m => new LoggedFile(Path.GetFileName(m.Path), m.Bytes, m.Sha256))];

    /// <summary>Bytes that the models keep of instruments, those that were retired left out.</summary>
    public long KeptBytes => _running.Where(m => !_released.Contains(m)).Sum(m => m.Predictor.KeptBytes);

    /// <summary>The most that they may keep together.</summary>
    public long MostBytes => _limits.ModelBytes;

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
            var artefact = ModelArtefact.Load(path);
            set._artefacts.Add(artefact);
            set._all.Add(ModelFile.Of(artefact));
        }

        set._places = paths.Count;

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

    /// <summary>Starts the models, and lets go what they were read from.</summary>
    /// <param name="inference">`native`, `ort` or `both`.</param>
    /// <param name="limits">Bounds of the run.</param>
    public void Start(string inference, EngineLimits limits)
    {
        _limits = limits;
        _mode = inference switch
        {
            "native" => InferenceMode.Native,
            "ort" => InferenceMode.Ort,
            _ => InferenceMode.Both,
        };
        foreach (ModelArtefact artefact in _artefacts)
        {
            _running.Add(Run(artefact));
        }

        _artefacts.Clear();
    }

    /// <summary>Loads a model that is to take another's place, and makes every check that the first ones passed.</summary>
    private PreparedSwap Prepare(SwapRequest request)
    {
        if (request.Place >= _places)
        {
            throw new HostException(ExitCodes.Usage, $"{request.Path} is to take the place of model {request.Place}, but the run has {_places} (the first is 0)");
        }

        if (_running.Count == PredictionLogWriter.MaxModels)
        {
            throw new HostException(ExitCodes.Usage, $"{request.Path}: a run numbers {PredictionLogWriter.MaxModels} models, and has done so; begin another run");
        }

        ModelFile first = _all[request.Place];
        var artefact = ModelArtefact.Load(request.Path);
        if (first.Contract.FirstDifference(artefact.Contract) is { } difference)
        {
            throw new HostException(ExitCodes.Usage, $"{request.Path}: it cannot take the place of {first.Path}, whose contract is another (here that one's, there its own): {difference}; use a model exported for contract {first.Contract.Hash}");
        }

        RunningModel running = Run(artefact);
        var swap = new PreparedSwap { Place = request.Place, Next = running, Sha256 = artefact.Sha256, Time = request.Time, Event = request.Event };
        ref ModelRecord record = ref ModelRecord.Of(ref swap.Record);
        record.RecordKind = ModelRecord.Kind;
        record.Place = (byte)request.Place;
        record.Model = running.Number;
        record.Sha256 = ModelHash.Parse(artefact.Sha256);
        _all.Add(ModelFile.Of(artefact));
        _running.Add(running);
        _swaps.Add(swap);
        return swap;
    }

    /// <summary>Loads several, all or none.</summary>
    /// <exception cref="ArtefactException">A file is refused.</exception>
    /// <exception cref="HostException">One cannot stand for its model.</exception>
    public PreparedSwap[] PrepareAll(IReadOnlyList<SwapRequest> requests)
    {
        lock (_swaps)
        {
            int before = _swaps.Count;
            try
            {
                return _isClosed ? throw new HostException(ExitCodes.Usage, "the run is over") : [.. requests.Select(Prepare)];
            }
            catch
            {
                _running[(_places + before)..].ForEach(m => m.Predictor.Dispose());
                _running.RemoveRange(_places + before, _running.Count - _places - before);
                _all.RemoveRange(_places + before, _all.Count - _places - before);
                _swaps.RemoveRange(before, _swaps.Count - before);
                throw;
            }
        }
    }

    /// <summary>The run is over: waits for what is being loaded, and lets nothing more be. Then the lists stay as they are.</summary>
    public void Close()
    {
        lock (_swaps)
        {
            _isClosed = true;
        }
    }

    /// <summary>Frees what models kept that others have taken the place of: nothing predicts with them any more. A cold thread's, and not
    /// while models are being loaded.</summary>
    public void ReleaseRetired()
    {
        if (!Monitor.TryEnter(_swaps))
        {
            return;
        }

        try
        {
            foreach (PreparedSwap swap in _swaps)
            {
                if (swap.IsApplied && _released.Add(swap.Retired!))
                {
                    swap.Retired!.Predictor.Dispose();
                }
            }
        }
        finally
        {
            Monitor.Exit(_swaps);
        }
    }

    private RunningModel Run(ModelArtefact artefact) =>
        new(artefact.CreateNormaliser(), PredictorFactory.Create(artefact, _mode, KernelChoice.FromEnvironment(), _limits, _limits.ModelBytes - KeptBytes)) { Number = (byte)_running.Count };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (RunningModel model in _running)
        {
            model.Predictor.Dispose();
        }
    }
}
