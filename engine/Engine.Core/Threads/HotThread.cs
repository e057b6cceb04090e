using System.Runtime.ExceptionServices;

namespace Engine.Core.Threads;

/// <summary>
/// A thread with a role: placed as wished before its work begins, and whatever its work throws is kept for who joins it.
/// </summary>
public sealed class HotThread
{
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly Action _run;
    private readonly Action<HotThread>? _failed;
    private ThreadPlacement? _placement;
    private ExceptionDispatchInfo? _failure;

    private HotThread(ThreadWish wish, Action run, Action<HotThread>? failed)
    {
        Wish = wish;
        _run = run;
        _failed = failed;
        _thread = new Thread(Work) { Name = wish.Role, IsBackground = true };
    }

    /// <summary>What was asked for.</summary>
    public ThreadWish Wish { get; }

    /// <summary>What was applied; known when <see cref="Start"/> returns.</summary>
    public ThreadPlacement Placement => _placement!;

    /// <summary>What the work threw; null while it runs and when it ended well.</summary>
    public Exception? Failure => Volatile.Read(ref _failure)?.SourceException;

    /// <summary>Whether the work is still going on.</summary>
    public bool IsRunning => _thread.IsAlive;

    /// <summary>Starts a thread and returns once it is placed; a refusal does not keep the work from starting.</summary>
    /// <param name="wish">Role and placement.</param>
    /// <param name="run">The work; it returns when it was told to halt.</param>
    /// <param name="failed">Called on the thread when the work has thrown, so that the others can be halted; or null.</param>
    public static HotThread Start(ThreadWish wish, Action run, Action<HotThread>? failed = null)
    {
        HotThread thread = new(wish, run, failed);
        thread._thread.Start();
        lock (thread._gate)
        {
            while (thread._placement is null)                           // until the thread's first act is done
            {
                Monitor.Wait(thread._gate);
            }
        }

        return thread;
    }

    /// <summary>Waits for the work to end.</summary>
    /// <param name="timeout">How long at most.</param>
    /// <returns>False when the time ran out.</returns>
    /// <exception cref="Exception">What the work threw, with its own stack.</exception>
    public bool Join(TimeSpan timeout)
    {
        if (!Wait(timeout))
        {
            return false;
        }

        Volatile.Read(ref _failure)?.Throw();
        return true;
    }

    /// <summary>Waits for the work to end, however it ends; <see cref="Failure"/> says how.</summary>
    /// <param name="timeout">How long at most.</param>
    /// <returns>False when the time ran out.</returns>
    public bool Wait(TimeSpan timeout) => _thread.Join(timeout);

    private void Work()
    {
        try
        {
            Place();
            _run();
        }
        catch (Exception fault)
        {
            Volatile.Write(ref _failure, ExceptionDispatchInfo.Capture(fault));
            _failed?.Invoke(this);
        }
    }

    private void Place()
    {
        ThreadPlacement placement = new() { Wish = Wish };
        try
        {
            placement = ThreadPlacement.Apply(Wish);
        }
        finally
        {
            lock (_gate)
            {
                _placement = placement;
                Monitor.PulseAll(_gate);
            }
        }
    }
}
