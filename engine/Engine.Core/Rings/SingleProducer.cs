using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Engine.Core.Rings;

/// <summary>
/// The writing side of a ring for exactly one thread.
/// </summary>
/// <remarks>
/// The protocol, with P the producer and C a final consumer:
/// <code>
/// P1  claims up to n: n - size must not be above the slowest final consumer. The last value seen is kept, so that a
///     consumer's line is fetched only when the ring seems full  (load-acquire in the slow path: C2 before P2)
/// P2  writes the slots
/// P3  cursor := n                        (store-release: P2 before P3)
/// C1  reads the cursor, then the slots   (load-acquire)
/// C2  its sequence := n                  (store-release: C1's reads before C2)
/// </code>
/// </remarks>
/// <typeparam name="T">The event.</typeparam>
/// <typeparam name="TWait">What the producer does while the ring is full.</typeparam>
public sealed class SingleProducer<T, TWait>
    where T : unmanaged
    where TWait : struct, IWaitStrategy
{
    private readonly RingBuffer<T> _ring;
    private readonly Sequence _cursor = new();
    private readonly long _size;
    private Sequence[] _gating = [];
    private int _halted;
    private PaddedLong _cachedGating;

    /// <param name="ring">The slots; this is their only producer.</param>
    public SingleProducer(RingBuffer<T> ring)
    {
        _ring = ring;
        _size = ring.Size;

        // So low that the first claim takes the slow path, which insists on gating.
        _cachedGating.Value = Sequence.Initial - _size;
    }

    /// <summary>The slots.</summary>
    public RingBuffer<T> Ring => _ring;

    /// <summary>The highest published sequence.</summary>
    public Sequence Cursor => _cursor;

    /// <summary>Names the final consumers, whom the producer must not overtake; once, before the first claim.</summary>
    /// <exception cref="ArgumentException">None given.</exception>
    /// <exception cref="InvalidOperationException">Already set, or a claim was made.</exception>
    public void SetGating(params ReadOnlySpan<Sequence> finalConsumers)
    {
        if (finalConsumers.IsEmpty)
        {
            RingFaults.ThrowNoGates();
        }

        if (_gating.Length != 0)
        {
            RingFaults.ThrowStarted();
        }

        _gating = finalConsumers.ToArray();
    }

    /// <summary>A barrier for one consumer: behind the given consumers, or behind this producer when none is given.</summary>
    public SequenceBarrier<TConsumerWait> NewBarrier<TConsumerWait>(params ReadOnlySpan<Sequence> after)
        where TConsumerWait : struct, IWaitStrategy =>
        after.IsEmpty ? new SequenceBarrier<TConsumerWait>(_cursor) : new SequenceBarrier<TConsumerWait>(after);

    /// <summary>Claims one slot, waiting for room. The sequence claimed.</summary>
    /// <exception cref="RingHaltedException">Halted while there was no room.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next()
    {
        long high = _cursor.Claimed + 1;
        if (high - _size > _cachedGating.Value)
        {
            WaitForRoom(high, 1);
        }

        return _cursor.Claimed = high;
    }

    /// <summary>Claims <paramref name="count"/> slots, waiting for room. The highest sequence claimed; the lowest is count − 1 below.</summary>
    /// <param name="count">1 to the ring's size.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is out of range.</exception>
    /// <exception cref="RingHaltedException">Halted while there was no room.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next(int count)
    {
        // A count above the size is caught in the slow path, which it always takes.
        long high = _cursor.Claimed + count;
        if (high - _size > _cachedGating.Value || count < 1)
        {
            WaitForRoom(high, count);
        }

        return _cursor.Claimed = high;
    }

    /// <summary>Claims <paramref name="count"/> slots if there is room now.</summary>
    /// <param name="count">1 to the ring's size.</param>
    /// <param name="high">The highest sequence claimed; <see cref="Sequence.Initial"/> when nothing was.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is out of range.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNext(int count, out long high)
    {
        high = _cursor.Claimed + count;
        if ((high - _size > _cachedGating.Value || count < 1) && !HasRoom(high, count))
        {
            high = Sequence.Initial;
            return false;
        }

        _cursor.Claimed = high;
        return true;
    }

    /// <summary>Publishes everything up to <paramref name="high"/>, which must have been claimed and written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish(long high)
    {
        Debug.Assert(high <= _cursor.Claimed, "published more than was claimed");
        Debug.Assert(high >= _cursor.Value, "published backwards");
        _cursor.SetRelease(high);
    }

    /// <summary>Slots free now: for diagnostics; may be called from any thread and is then a moment's view.</summary>
    public long Remaining()
    {
        long consumed = _gating.Length == 0 ? Sequence.Initial : Sequence.Minimum(_gating);
        return Math.Clamp(_size - (Volatile.Read(ref _cursor.Claimed) - consumed), 0, _size);
    }

    /// <summary>Makes a producer that waits for room throw, because its consumers are gone. Any thread.</summary>
    public void Halt() => Volatile.Write(ref _halted, 1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitForRoom(long high, int count)
    {
        // Bounded by the final consumers' progress or by Halt.
        TWait wait = default;
        for (int attempt = 0; !HasRoom(high, count);)
        {
            if (Volatile.Read(ref _halted) != 0)
            {
                RingFaults.ThrowHalted();
            }

            wait.Idle(attempt);
            attempt += attempt == int.MaxValue ? 0 : 1;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool HasRoom(long high, int count)
    {
        if (count < 1 || count > _size)
        {
            RingFaults.ThrowClaim(count, (int)_size);
        }

        if (_gating.Length == 0)
        {
            RingFaults.ThrowUngated();
        }

        long gating = Sequence.Minimum(_gating);
        _cachedGating.Value = gating;
        return high - _size <= gating;
    }
}
