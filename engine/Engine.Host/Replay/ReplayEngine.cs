using System.Runtime.ExceptionServices;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Rings;
using Engine.Core.Threads;
using Engine.Features;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Host.Commands;
using Engine.Inference;
using Engine.Recording;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>
/// Where feeds and the engine meet: opens captures and models, runs the pipeline in the topology asked for, and gives back
/// everything that happened.
/// </summary>
internal sealed class ReplayEngine : IDisposable
{
    private const int FewestCpusToSpin = 3;

    private readonly ReplayOptions _options;
    private readonly EngineLimits _limits = new();
    private readonly ModelSet _models;
    private readonly IReadOnlyList<ModelLane> _lanes;
    private readonly BackgroundThread? _background;

    /// <summary>Loads the models and opens the captures; nothing runs yet.</summary>
    public ReplayEngine(ReplayOptions options)
    {
        _options = options;
        PinRules.Check(options);
        _ = KernelChoice.FromEnvironment();
        _models = ModelSet.Load(options.Models);
        _lanes = _models.CreateLanes(options.Contract, options.Sampling, _limits);
        _models.Start(options.Inference, _limits);
        Swapper = new ModelSwapper(_models.Running, _models.PrepareAll([.. options.Swaps.OrderBy(s => s.Event).ThenBy(s => s.Time)]));
        _background = options.BackgroundPin is int cpu ? BackgroundThread.Create(_models.Running, cpu, options) : null;
        Source = Open(options);
        RunConfiguration asked = options.Configuration;
        if (Source is RowFileSource rows)
        {
            // What decided the rows is in their file; what the models do is this run's.
            asked = rows.Head.Configuration with
            {
                Symbols = asked.Symbols ?? rows.Head.Configuration.Symbols,
                Inference = asked.Inference,
                SuppressSuspect = asked.SuppressSuspect,
            };
        }

        Configuration = asked with
        {
            Contract = string.Join(",", Contracts.Select(c => c.Name)),
            Sampling = string.Join(",", Contracts.Select(c => c.Sampling)),
            Gaps = Source.Gaps.ToString(),
        };
    }

    /// <summary>What happens to a live feed.</summary>
    public FeedNotices Notices { get; } = new();

    /// <summary>The captures.</summary>
    public MarketDataSource Source { get; }

    /// <summary>The models.</summary>
    public ModelSet Models => _models;

    /// <summary>Puts models in the place of others.</summary>
    public ModelSwapper Swapper { get; }

    /// <summary>The engine's contract, the first model's.</summary>
    public FeatureContract Contract => _lanes[0].Contract;

    /// <summary>Every contract of the run, in the order of the first models that have it.</summary>
    public IEnumerable<FeatureContract> Contracts => _lanes.Select(l => l.Contract).DistinctBy(c => c.Hash);

    /// <summary>The contracts' hashes as a log's head has them: a model's each, or none where all models have one.</summary>
    public IReadOnlyList<string> ContractHashes => Contracts.Skip(1).Any() ? [.. _models.All.Take(_models.Files.Count).Select(m => m.Contract.Hash)] : [];

    /// <summary>What decides the predictions, with the contract that the models brought.</summary>
    public RunConfiguration Configuration { get; }

    /// <summary>The head of this run's log; reads every capture once to hash it.</summary>
    public LogHead CreateHead() => new()
    {
        Captures = LoggedFiles.Of(Source),
        IsLive = _options.Live is not null,
        Models = _models.Files,
        ContractHash = Contract.Hash,
        ContractHashes = ContractHashes,
        Configuration = Configuration,
    };

    /// <summary>Runs to the end, or until <paramref name="stop"/>.</summary>
    /// <param name="recorder">Where predictions go, on the recording thread.</param>
    /// <param name="stop">Asked once a packet.</param>
    /// <param name="started">Told the start report.</param>
    /// <param name="progress">Called a few times a second while it runs.</param>
    public ReplayResult Run(IPredictionRecorder recorder, StopSignal stop, Action<string> started, Action<RunView> progress)
    {
        var timer = new StageTimer();
        var watch = new RunWatch(_limits, _options.Live is null ? stop : null, new Pacer(_options.Speed, PinRules.SharesCore(_options)), new WarmUp(Source, (Source as RowFileSource)?.FileRows ?? 0))
        {
            Swapper = _options.Live is null ? null : Swapper,
        };
        var guard = new RecorderGuard(recorder, watch);
        using var recording = new RecordingThread(_limits.RingEntries, guard, PinRules.Cold(_options));
        using Pipeline<PredictionStage<RingSink>> pipeline = CreatePipeline(new RingSink(recording.Producer), timer);
        using IReplayRun run = CreateRun(pipeline, timer, watch);
        string? lockRefusal = null;
        bool locked = _options.LockMemory && HostMemory.LockAll(out lockRefusal);
        int cpus = Environment.ProcessorCount;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Exception? fault = null;
        try
        {
            recording.Start();
            _background?.Start(watch);
            run.Start(_options);
            started(new ThreadReport([.. run.Placements, .. _background?.Placements ?? [], recording.Placement], locked, lockRefusal, cpus, HostMemory.HugePages()).ToString());
            var view = new RunView(Source, pipeline.Books);
            while (!run.Wait(TimeSpan.FromMilliseconds(200)))
            {
                progress(view);
                _models.ReleaseRetired();
            }

            progress(view);
        }
        catch (Exception e)
        {
            fault = e;
        }

        End(run, recording, watch, guard, fault, _background);
        _models.Close();
        _models.ReleaseRetired();
        pipeline.Books.FoldFullState();
        return Collect(pipeline, run, recorder, timer, watch);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Source.Dispose();
        _models.Dispose();
    }

    /// <summary>
    /// Ends every thread before anything that they use goes away, whatever went wrong, and throws what did: the recorder's fault
    /// before that of the thread that waits for it, and so on upstream; a thread that was only told to halt is no cause.
    /// </summary>
    private static void End(IReplayRun run, RecordingThread recording, RunWatch watch, RecorderGuard guard, Exception? fault, BackgroundThread? background)
    {
        if (fault is not null)
        {
            watch.Halt();
            run.Halt();
        }

        run.Wait(Timeout.InfiniteTimeSpan);
        background?.Finish();
        Exception? unrecorded = null;
        try
        {
            recording.Finish();
        }
        catch (Exception e)
        {
            unrecorded = e;
        }

        Exception[] faults = [.. ((Exception?[])[guard.Failure, unrecorded, background?.Failure, .. run.Failures, fault]).OfType<Exception>()];
        if (faults.Length > 0)
        {
            ExceptionDispatchInfo.Throw(Array.Find(faults, f => f is not RingHaltedException) ?? faults[0]);
        }
    }

    private MarketDataSource Open(ReplayOptions options)
    {
        if (options.Live is null && options.Captures.Any(RowFileSource.IsOne))
        {
            return OpenRows(options);
        }

        FeedOptions feed = CaptureOptions.Feed(options.Configuration, _limits) with
        {
            Gaps = options.Gaps,
            Notices = options.Live is null ? null : Notices,
            HashesPayloads = options.HashesPayloads || options.Live is not null,
        };
        return options.Live is { } live ? live.Open(feed) : CaptureSource.Open(options.Captures, feed);
    }

    /// <summary>Opens a file of rows; refuses by name what makes no sense with one.</summary>
    private RowFileSource OpenRows(ReplayOptions options)
    {
        string path = options.Captures.First(RowFileSource.IsOne);
        string? refusal = options.Captures.Count > 1 ? "read it in a run of its own"
            : options.Models.Count == 0 ? "its rows are made already; give --model FILE, or look into it with engine inspect"
            : options.Speed > 0 ? "its rows have no pace; leave --speed out"
            : Contracts.Skip(1).Any() ? $"its rows are of one contract, but the models have {Contracts.Count()}; run those of one contract at a time"
            : options.Swaps.Count > 0 ? "its rows come without their events, between which models are swapped; leave --swap out"
            : options.Topology == Topology.Split ? "it has no packets to receive; leave --topology split out"
            : null;
        return refusal is null
            ? RowFileSource.Open(path, Contract, CaptureOptions.Feed("auto", null, options.Configuration.Symbols, _limits))
            : throw new HostException(ExitCodes.Usage, $"{path} is a file of feature rows: {refusal}");
    }

    private Pipeline<PredictionStage<RingSink>> CreatePipeline(RingSink sink, StageTimer timer)
    {
        var pipeline = new Pipeline<PredictionStage<RingSink>>(_limits, _lanes[0].Set, Stage(_lanes[0], sink, timer), timer) { FollowsAll = Source.Instruments.WatchesAll };
        foreach (ModelLane lane in _lanes.Skip(1))
        {
            pipeline.Add(lane.Set, lane.Sampling, Stage(lane, sink, timer));
        }

        timer.Follow(Swapper.Planned.Select(s => s.Next));
        Swapper.Attach(pipeline, _lanes);
        return pipeline;
    }

    private PredictionStage<RingSink> Stage(ModelLane lane, RingSink sink, StageTimer timer) =>
        new([.. lane.Models.Select(m => _models.Running[m])], lane.Contract.Count, sink, timer)
        {
            SuppressesSuspect = Configuration.SuppressSuspect,
            // Rows come in no packets, at whose end the background could be done; another thread gets it at once. A ring that is
            // filled from a capture is never empty.
            DefersBackground = (_options.Topology == Topology.Fused || _options.Live is not null) && Source is not RowFileSource && _background is null,
        };

    private IReplayRun CreateRun(Pipeline<PredictionStage<RingSink>> pipeline, StageTimer timer, RunWatch watch)
    {
        if (Source is RowFileSource rows)
        {
            return new RowFileRun(rows, pipeline, timer, watch);
        }

        if (_options.Topology == Topology.Fused)
        {
            return new FusedRun(Source, pipeline, timer, watch);
        }

        return Environment.ProcessorCount < FewestCpusToSpin
            ? new SplitRun<ParkingWait, YieldingWait>(Source, pipeline, timer, watch)
            : new SplitRun<YieldingWait, BusySpinWait>(Source, pipeline, timer, watch);
    }

    private (long Bytes, int Collections) Allocations(IReplayRun run)
    {
        (long bytes, int collections) = _background?.Allocations ?? default;
        return (run.Allocations.Bytes + bytes, Math.Max(run.Allocations.Collections, collections));
    }

    private ReplayResult Collect(
        Pipeline<PredictionStage<RingSink>> pipeline, IReplayRun run, IPredictionRecorder recorder, StageTimer timer, RunWatch watch) => new()
        {
            Options = _options,
            Configuration = Configuration,
            Source = Source,
            Models = _models,
            Contract = Contract,
            Timer = timer,
            Hiccups = watch.Hiccups,
            Pacer = watch.Pacer,
            ElapsedSeconds = watch.ElapsedSeconds,
            WarmUpEvents = watch.WarmUp.IsOver ? watch.WarmUp.Events : pipeline.Events,
            Allocations = Allocations(run),
            Predictions = recorder.Predictions,
            PredictionDigest = recorder.Digest,
            Rows = Source is RowFileSource rows ? rows.Rows : pipeline.RowsMade,
            NotFinite = pipeline.Sum(s => s.NotFinite),
            MissingFeatures = pipeline.Sum(s => s.MissingFeatures),
            Suppressed = pipeline.Sum(s => s.Suppressed),
            ByModel = [.. _models.Running.Select(m => recorder.Tally(m.Number))],
            BookDigest = pipeline.Books.Digest,
            TrustByInstrument = TrustList.Of(Source.Instruments, pipeline.Books),
            Books = BookCounts.Of(pipeline.Books, pipeline.Features, pipeline.EvictedTrades, pipeline.SkippedCells),
            Interrupted = watch.Interrupted,
        };
}
