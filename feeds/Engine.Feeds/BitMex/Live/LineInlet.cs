namespace Engine.Feeds.BitMex.Live;

/// <summary>
/// The one way into a connection's ring for the tasks that have lines: one at a time, each waiting for room where there is none,
/// so that the websocket is not read meanwhile and TCP holds the server back.
/// </summary>
/// <param name="ring">Where lines go.</param>
/// <param name="counters">Counts the waits.</param>
/// <param name="bell">Wakes who reads the ring.</param>
internal sealed class LineInlet(LineRing ring, BitMexLiveCounters counters, LineBell bell) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile bool _isWaiting;

    /// <summary>Whether a line waits for room: the reading thread is behind.</summary>
    public bool IsWaiting => _isWaiting;

    /// <summary>Puts a line in.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="time">Its time, ns since the Unix epoch.</param>
    /// <param name="text">Its bytes.</param>
    /// <param name="giveUp">Ends the wait for room.</param>
    /// <exception cref="OperationCanceledException">The wait was ended; the line is not in the ring.</exception>
    public async ValueTask WriteAsync(BitMexLineKind kind, long time, ReadOnlyMemory<byte> text, CancellationToken giveUp)
    {
        await _turn.WaitAsync(giveUp).ConfigureAwait(false);
        try
        {
            if (ring.TryWrite(kind, time, true, text.Span))
            {
                bell.Ring();
                return;
            }

            counters.RoomWaits++;
            _isWaiting = true;
            do
            {
                await Task.Delay(s_pause, giveUp).ConfigureAwait(false);
            }
            while (!ring.TryWrite(kind, time, true, text.Span));
            bell.Ring();
        }
        finally
        {
            _isWaiting = false;
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();
}
