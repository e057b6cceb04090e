namespace Engine.Feeds.BitMex.Live;

/// <summary>Wakes the thread that reads lines where it sleeps because there is none.</summary>
/// <remarks>
/// The reader (1) says that it waits; (2) looks for a line once more; (3) sleeps, or takes the line and says that it does not wait.
/// The writer (1) puts a line in; (2) looks whether the reader waits, and rings. Each has a full fence between its two steps, so one
/// of them sees the other. A ring for a reader that found its line ends its next sleep early, which costs a look.
/// </remarks>
internal sealed class LineBell : IDisposable
{
    // What ends a session from outside is asked at least as often.
    private const int LongestMillis = 5;

    private readonly AutoResetEvent _bell = new(false);
    private int _isAwaited;

    /// <summary>Reader: waits from here on, but looks once more first.</summary>
    public void Await() => Interlocked.Exchange(ref _isAwaited, 1);

    /// <summary>Reader: found a line, and does not wait.</summary>
    public void Leave() => Volatile.Write(ref _isAwaited, 0);

    /// <summary>Reader: sleeps until a line is there, for some milliseconds at most. Allocates nothing.</summary>
    public void Sleep()
    {
        _ = _bell.WaitOne(LongestMillis);
        Leave();
    }

    /// <summary>Writer: there is a line.</summary>
    public void Ring()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isAwaited) != 0)
        {
            _ = _bell.Set();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _bell.Dispose();
}
