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
    private readonly FeatureSet _features;
    private readonly BackgroundThread? _background;

    /// <summary>Loads the models and opens the captures; nothing runs yet.</summary>
    public ReplayEngine(ReplayOptions options)
    {
        _options = options;
        CheckPins(options);
        _ = KernelChoice.FromEnvironment();
        _models = ModelSet.Load(options.Models);
        _features = _models.CreateFeatures(options.Contract, options.Sampling, _limits);
        _models.Start(options.Inference);
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
            Contract = _features.Contract.Name,
            Sampling = _features.Contract.Sampling,
            Gaps = Source.Gaps.ToString(),
        };
    }

    /// <summary>What happens to a live feed.</summary>
    public FeedNotices Notices { get; } = new();

    /// <summary>The captures.</summary>
    public MarketDataSource Source { get; }

    /// <summary>The models.</summary>
    public ModelSet Models => _models;

    /// <summary>The engine's contract.</summary>
    public FeatureContract Contract => _features.Contract;

    /// <summary>What decides the predictions, with the contract that the models brought.</summary>
    public RunConfiguration Configuration { get; }

    /// <summary>The head of this run's log; reads every capture once to hash it.</summary>
    public LogHead CreateHead() => new()
    {
        Captures = LoggedFiles.Of(Source),
        IsLive = _options.Live is not null,
        Models = _models.Files,
        ContractHash = Contract.Hash,
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
        var watch = new RunWatch(_limits, _options.Live is null ? stop : null, new Pacer(_options.Speed), new WarmUp(Source, (Source as RowFileSource)?.FileRows ?? 0));
        var guard = new RecorderGuard(recorder, watch);
        using var recording = new RecordingThread(_limits.RingEntries, guard, RecordingCpu());
        var stage = new PredictionStage<RingSink>(_models.Running, Contract.Count, new RingSink(recording.Producer), timer)
        {
            SuppressesSuspect = Configuration.SuppressSuspect,
            // Rows come in no packets, at whose end the background could be done; another thread gets it at once. A ring that is
            // filled from a capture is never empty.
            DefersBackground = (_options.Topology == Topology.Fused || _options.Live is not null) && Source is not RowFileSource && _background is null,
        };
        using var pipeline = new Pipeline<PredictionStage<RingSink>>(_limits, _features, stage, timer) { FollowsAll = Source.Instruments.WatchesAll };
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
            }

            progress(view);
        }
        catch (Exception e)
        {
            fault = e;
        }

        End(run, recording, watch, guard, fault, _background);
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
            : options.Topology == Topology.Split ? "it has no packets to receive; leave --topology split out"
            : null;
        return refusal is null
            ? RowFileSource.Open(path, Contract, CaptureOptions.Feed("auto", null, options.Configuration.Symbols, _limits))
            : throw new HostException(ExitCodes.Usage, $"{path} is a file of feature rows: {refusal}");
    }

    private static void CheckPins(ReplayOptions options)
    {
        int[] cpus = CpuPlacement.Available();
        foreach (int pin in options.Pins)
        {
            if (!cpus.Contains(pin))
            {
                throw new HostException(ExitCodes.Usage, $"--pin {pin}: this process may use CPUs {string.Join(",", cpus)}");
            }
        }

        int most = options.Topology == Topology.Fused ? 2 : 3;
        if (options.Pins.Count > most)
        {
            throw new HostException(ExitCodes.Usage, options.Topology == Topology.Fused
                ? "--pin: fused takes the compute thread's CPU, and the recording thread's if you like: --pin 1 or --pin 1,0"
                : "--pin: split takes three CPUs, receive, compute, record: --pin 0,1,0");
        }
    }

    private int? RecordingCpu()
    {
        int index = _options.Topology == Topology.Fused ? 1 : 2;
        return _options.Pins.Count > index ? _options.Pins[index] : null;
    }

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
            ElapsedSeconds = watch.ElapsedSeconds,
            WarmUpEvents = watch.WarmUp.IsOver ? watch.WarmUp.Events : pipeline.Events,
            Allocations = run.Allocations,
            Predictions = recorder.Predictions,
            PredictionDigest = recorder.Digest,
            Rows = Source is RowFileSource rows ? rows.Rows : pipeline.RowsMade,
            NotFinite = pipeline.Rows.NotFinite,
            MissingFeatures = pipeline.Rows.MissingFeatures,
            Suppressed = pipeline.Rows.Suppressed,
            BookDigest = pipeline.Books.Digest,
            TrustByInstrument = TrustList.Of(Source.Instruments, pipeline.Books),
            Books = BookCounts.Of(pipeline.Books, pipeline.Features, pipeline.SkippedCells),
            Interrupted = watch.Interrupted,
        };
}
