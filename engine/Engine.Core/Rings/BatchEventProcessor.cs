using System.Runtime.CompilerServices;

namespace Engine.Core.Rings;

/// <summary>What a consumer does with events. Implemented by structs and given as a type parameter.</summary>
/// <typeparam name="T">The event.</typeparam>
public interface IRingEventHandler<T>
    where T : unmanaged
{
    /// <summary>Takes one event, in sequence.</summary>
    /// <param name="item">The slot itself, valid during the call.</param>
    /// <param name="sequence">Its sequence, from 0.</param>
    /// <param name="endOfBatch">Whether the slots are given back after this one: the moment to flush.</param>
    void OnEvent(ref T item, long sequence, bool endOfBatch);
}

/// <summary>
/// A consumer that runs on the thread that calls <see cref="Run"/>: waits at its barrier, hands every event to its handler and
/// gives the slots back by batch.
/// </summary>
/// <typeparam name="T">The event.</typeparam>
/// <typeparam name="THandler">What is done with each.</typeparam>
/// <typeparam name="TWait">What is done while there is none.</typeparam>
public sealed class BatchEventProcessor<T, THandler, TWait>
    where T : unmanaged
    where THandler : struct, IRingEventHandler<T>
    where TWait : struct, IWaitStrategy
{
    private readonly RingBuffer<T> _ring;
    private readonly SequenceBarrier<TWait> _barrier;
    private readonly int _batchLimit;
    private THandler _handler;
    private int _running;
    private volatile bool _halted;

    /// <param name="ring">The slots.</param>
    /// <param name="barrier">What to stay behind; this processor's own.</param>
    /// <param name="handler">Copied in; read it back from <see cref="Handler"/>.</param>
    /// <param name="batchLimit">Most events between two releases of slots, so that a producer never waits for a whole lap;
    /// 0 for a quarter of the ring.</param>
    public BatchEventProcessor(RingBuffer<T> ring, SequenceBarrier<TWait> barrier, THandler handler, int batchLimit = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batchLimit);
        _ring = ring;
        _barrier = barrier;
        _handler = handler;
        _batchLimit = batchLimit == 0 ? Math.Max(1, ring.Size / 4) : batchLimit;
    }

    /// <summary>The highest sequence handled: gate the producer, or a later consumer, on it.</summary>
    public Sequence Sequence { get; } = new();

    /// <summary>The handler with its state; read it when <see cref="Run"/> has returned.</summary>
    public ref THandler Handler => ref _handler;

    /// <summary>
    /// Handles events until told to halt. What the handler throws comes out of here, with the sequence left before the batch.
    /// </summary>
    /// <exception cref="InvalidOperationException">It runs already.</exception>
    public void Run()
    {
        if (Interlocked.Exchange(ref _running, 1) != 0)
        {
            throw new InvalidOperationException("The processor runs already.");
        }

        try
        {
            HandleUntilHalted();
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    /// <summary>Makes <see cref="Run"/> return after the batch in hand, whatever is still published. For good. Any thread.</summary>
    public void Halt()
    {
        _halted = true;
        _barrier.Alert();
    }

    /// <summary>
    /// Makes <see cref="Run"/> return when all that is published upstream has been handled; call it when the upstream has
    /// stopped. For good. Any thread.
    /// </summary>
    public void HaltWhenDrained() => _barrier.Alert();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void HandleUntilHalted()
    {
        RingBuffer<T> ring = _ring;
        long next = Sequence.Value + 1;
        while (!_halted)
        {
            long available = _barrier.WaitFor(next);
            if (available == Sequence.Alerted)
            {
                return;
            }

            long end = Math.Min(available, next + _batchLimit - 1);
            for (; next <= end; next++)
            {
                _handler.OnEvent(ref ring[next], next, next == end);
            }

            Sequence.SetRelease(end);
        }
    }
}
