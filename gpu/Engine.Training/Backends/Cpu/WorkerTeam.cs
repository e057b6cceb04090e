namespace Engine.Training.Backends.Cpu;

/// <summary>Work that comes in numbered chunks, each of which may be done by any worker at any time.</summary>
internal interface IChunkWork
{
    /// <summary>Does one chunk.</summary>
    /// <param name="chunk">Its number.</param>
    /// <param name="worker">Who does it: scratch memory is by worker.</param>
    void Do(int chunk, int worker);
}

/// <summary>
/// Threads that do chunks together with their caller. Who does which chunk is left to chance; chunks must not depend on it.
/// </summary>
internal sealed class WorkerTeam : IDisposable
{
    /// <summary>Most workers.</summary>
    public const int MaxWorkers = 256;

    // About 20 µs: between two rounds of a step there is less, between two trainings more.
    private const int SpinRounds = 200;
    private const int SpinLength = 20;

    private readonly object _gate = new();
    private readonly Thread[] _threads;
    private IChunkWork? _work;
    private Exception? _fault;
    private int _chunks;
    private int _next;
    private int _running;
    private volatile int _round;
    private volatile bool _isOver;

    /// <param name="workers">The caller included; at most the CPUs of this process.</param>
    public WorkerTeam(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, Math.Min(MaxWorkers, Environment.ProcessorCount));
        Workers = workers;
        _threads = new Thread[workers - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Loop(worker)) { IsBackground = true, Name = $"train-{worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Workers, the caller included.</summary>
    public int Workers { get; }

    /// <summary>Does all chunks of a piece of work and comes back when they are done.</summary>
    /// <param name="work">The work.</param>
    /// <param name="chunks">How many chunks.</param>
    public void Run(IChunkWork work, int chunks)
    {
        if (_threads.Length == 0 || chunks == 1)
        {
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                work.Do(chunk, 0);
            }

            return;
        }

        _work = work;
        _chunks = chunks;
        _next = 0;
        Volatile.Write(ref _running, _threads.Length);
        lock (_gate)
        {
            _round++;
            Monitor.PulseAll(_gate);
        }

        Share(0);
        Await(() => Volatile.Read(ref _running) == 0);
        if (Interlocked.Exchange(ref _fault, null) is { } fault)
        {
            throw new InvalidOperationException("A worker failed.", fault);
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private void Loop(int worker)
    {
        for (int seen = 0; ;)
        {
            int last = seen;
            Await(() => _round != last || _isOver);
            if (_isOver)
            {
                return;
            }

            seen++;
            Share(worker);
            if (Interlocked.Decrement(ref _running) == 0)
            {
                lock (_gate)
                {
                    Monitor.PulseAll(_gate);
                }
            }
        }
    }

    private void Share(int worker)
    {
        try
        {
            for (int chunk; (chunk = Interlocked.Increment(ref _next) - 1) < _chunks;)
            {
                _work!.Do(chunk, worker);
            }
        }
        catch (Exception e)
        {
            // The caller throws it; a thread must not take the process with it.
            Volatile.Write(ref _fault, e);
        }
    }

    private void Await(Func<bool> isThere)
    {
        for (int i = 0; i < SpinRounds; i++)
        {
            if (isThere())
            {
                return;
            }

            Thread.SpinWait(SpinLength);
        }

        lock (_gate)
        {
            while (!isThere())
            {
                Monitor.Wait(_gate);
            }
        }
    }
}
