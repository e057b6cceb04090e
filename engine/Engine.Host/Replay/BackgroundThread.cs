using Engine.Core.Rings;
using Engine.Core.Threads;
using Engine.Inference;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>
/// Does what the models leave for after a prediction, on a CPU of its own. It spins where the run's other threads leave it a core to
/// spin on; otherwise it parks while there is nothing to do.
/// </summary>
internal sealed class BackgroundThread
{
    private readonly BackgroundWork[] _works;
    private readonly ThreadWish _wish;
    private readonly bool _spins;
    private readonly HotThreadMeter _meter = new();
    private HotThread? _thread;
    private int _finished;

    private BackgroundThread(BackgroundWork[] works, ThreadWish wish, bool spins)
    {
        _works = works;
        _wish = wish;
        _spins = spins;
    }

    /// <summary>What was applied to the thread; empty before its start.</summary>
    public IReadOnlyList<ThreadPlacement> Placements => _thread is { } thread ? [thread.Placement] : [];

    /// <summary>What the work threw; null when it ended well.</summary>
    public Exception? Failure => _thread?.Failure;

    /// <summary>Bytes that the thread allocated after the warm-up, and collections meanwhile; known once it has ended.</summary>
    public (long Bytes, int Collections) Allocations => (_meter.Bytes, _meter.Collections);

    /// <summary>Moves the background work of models that have not predicted yet; <see cref="Start"/> does the rest.</summary>
    /// <exception cref="HostException">The CPU is not there or is another hot thread's, or no model leaves any work.</exception>
    public static BackgroundThread Create(IReadOnlyList<RunningModel> models, int cpu, ReplayOptions options)
    {
        string name = options.Live is null ? "--background-pin" : "background_pin";
        int[] cpus = CpuPlacement.Available();
        int hot = options.Topology == Topology.Fused ? 1 : 2;
        if (!cpus.Contains(cpu))
        {
            throw new HostException(ExitCodes.Usage, $"{name} {cpu}: this process may use CPUs {string.Join(",", cpus)}");
        }

        if (options.Pins.Take(hot).Contains(cpu))
        {
            throw new HostException(ExitCodes.Usage, $"{name} {cpu}: a hot thread is pinned there, which would wait for it; name another CPU, or leave it out");
        }

        if (options.Swaps.Count > 0)
        {
            throw new HostException(ExitCodes.Usage, $"{name} {cpu}: the thread works for the models that the run begins with, and --swap puts others in their place; leave one of the two out");
        }

        BackgroundWork[] works = [.. models.SelectMany(m => m.Predictor.MoveBackground())];
        return works.Length > 0
            ? new BackgroundThread(works, new ThreadWish { Role = "background", Cpu = cpu, FifoPriority = options.FifoPriority }, Environment.ProcessorCount > hot + 1)
            : throw new HostException(ExitCodes.Usage, $"{name} {cpu}: no model of this run leaves work for after a prediction, as an LSTM on native kernels does; leave it out");
    }

    /// <summary>Starts it. If it fails, the run ends.</summary>
    public void Start(RunWatch watch) => _thread = HotThread.Start(_wish, () => Work(watch.WarmUp), _ =>
    {
        watch.Halt();
        Array.ForEach(_works, work => work.Halt());
    });

    /// <summary>Ends it, once nothing predicts any more; what is left to do is left.</summary>
    public void Finish()
    {
        Volatile.Write(ref _finished, 1);
        _thread?.Wait(Timeout.InfiniteTimeSpan);
    }

    private void Work(WarmUp warmUp)
    {
        if (_spins)
        {
            Work<BusySpinWait>(warmUp);
        }
        else
        {
            Work<ParkingWait>(warmUp);
        }

        _meter.Stop();
    }

    private void Work<TWait>(WarmUp warmUp)
        where TWait : struct, IWaitStrategy
    {
        WaitRehearsal.Run<TWait>();
        TWait wait = default;
        int attempt = 0;
        while (Volatile.Read(ref _finished) == 0)
        {
            if (!_meter.IsStarted && warmUp.IsOver)
            {
                _meter.Start();
            }

            bool hasWorked = false;
            foreach (BackgroundWork work in _works)
            {
                hasWorked |= work.DoWork();
            }

            if (hasWorked)
            {
                attempt = 0;
            }
            else
            {
                wait.Idle(attempt);
                attempt += attempt == int.MaxValue ? 0 : 1;
            }
        }
    }
}
