using System.Runtime.CompilerServices;

namespace Engine.Core.Rings;

/// <summary>
/// The writing side of a ring for any number of threads.
/// </summary>
/// <remarks>
/// The protocol, with P one of the producers and C a consumer:
/// <code>
/// P1  reads the claim, c, and checks that c + count - size is not above the slowest final consumer (load-acquire)
/// P2  claim: c -> c + count by compare-and-swap (full fence); if another was faster, P1 again
/// P3  writes the slots
/// P4  each slot's lap := sequence / size  (store-release: P3 before P4)
/// C1  reads the claim as the upper bound  (load-acquire)
/// C2  walks the laps while they are right (load-acquire each), then reads those slots
/// C3  its sequence := n                   (store-release: C2's reads before C3)
/// </code>
/// A producer that dies between P2 and P4 stops the consumers at its slot.
/// </remarks>
/// <typeparam name="T">The event.</typeparam>
/// <typeparam name="TWait">What a producer does while the ring is full.</typeparam>
public sealed class MultiProducer<T, TWait> : IDisposable
    where T : unmanaged
    where TWait : struct, IWaitStrategy
{
    private readonly RingBuffer<T> _ring;
    private readonly SlotAvailability _availability;
    private readonly Sequence _claim = new();
    private readonly Sequence _cachedGating = new();
    private readonly long _size;
    private Sequence[] _gating = [];
    private int _halted;

    /// <param name="ring">The slots; all their producers use this object.</param>
    public MultiProducer(RingBuffer<T> ring)
    {
        _ring = ring;
        _size = ring.Size;
        _availability = new SlotAvailability(ring.Size);

        // So low that the first claim looks at the consumers, which insists on gating.
        _cachedGating.SetRelease(Sequence.Initial - _size);
    }

    /// <summary>The slots.</summary>
    public RingBuffer<T> Ring => _ring;

    /// <summary>The highest claimed sequence; not all below it need be published.</summary>
    public Sequence Claim => _claim;

    /// <summary>Names the final consumers, whom no producer may overtake; once, before the first claim.</summary>
    /// <exception cref="ArgumentException">None given.</exception>
    /// <exception cref="InvalidOperationException">Already set.</exception>
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

    /// <summary>A barrier for one consumer: behind the given consumers, or behind the producers when none is given.</summary>
    public SequenceBarrier<TConsumerWait> NewBarrier<TConsumerWait>(params ReadOnlySpan<Sequence> after)
        where TConsumerWait : struct, IWaitStrategy =>
        after.IsEmpty
            ? new SequenceBarrier<TConsumerWait>(_availability, new ReadOnlySpan<Sequence>(in _claim))
            : new SequenceBarrier<TConsumerWait>(after);

    /// <summary>Claims one slot, waiting for room. The sequence claimed.</summary>
    /// <exception cref="RingHaltedException">Halted while there was no room.</exception>
    public long Next() => Next(1);

    /// <summary>Claims <paramref name="count"/> slots in a row, waiting for room. The highest sequence claimed.</summary>
    /// <param name="count">1 to the ring's size.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is out of range.</exception>
    /// <exception cref="RingHaltedException">Halted while there was no room.</exception>
    public long Next(int count)
    {
        TWait wait = default;

        // Bounded by the final consumers' progress or by Halt; a lost compare-and-swap means that another producer won.
        long high;
        for (int attempt = 0; !TryNext(count, out high);)
        {
            if (Volatile.Read(ref _halted) != 0)
            {
                RingFaults.ThrowHalted();
            }

            wait.Idle(attempt);
            attempt += attempt == int.MaxValue ? 0 : 1;
        }

        return high;
    }

    /// <summary>Claims <paramref name="count"/> slots in a row if there is room now.</summary>
    /// <param name="count">1 to the ring's size.</param>
    /// <param name="high">The highest sequence claimed; <see cref="Sequence.Initial"/> when nothing was.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is out of range.</exception>
    public bool TryNext(int count, out long high)
    {
        if (count < 1 || count > _size)
        {
            RingFaults.ThrowClaim(count, (int)_size);
        }

        while (true)
        {
            long claimed = _claim.Value;                                // P1
            high = claimed + count;
            if (high - _size > _cachedGating.Value && !HasRoom(high))
            {
                high = Sequence.Initial;
                return false;
            }

            if (_claim.TryMove(claimed, high))                          // P2
            {
                return true;
            }
        }
    }

    /// <summary>Publishes one claimed and written slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish(long sequence) => _availability.Publish(sequence);

    /// <summary>Publishes the claimed and written slots from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public void Publish(long low, long high)
    {
        for (long sequence = low; sequence <= high; sequence++)         // at most the ring's size, as the claim was
        {
            _availability.Publish(sequence);                            // P4
        }
    }

    /// <summary>Slots free now: for diagnostics, a moment's view.</summary>
    public long Remaining()
    {
        long consumed = _gating.Length == 0 ? Sequence.Initial : Sequence.Minimum(_gating);
        return Math.Clamp(_size - (_claim.Value - consumed), 0, _size);
    }

    /// <summary>Makes producers that wait for room throw, because their consumers are gone. Any thread.</summary>
    public void Halt() => Volatile.Write(ref _halted, 1);

    /// <summary>Frees the record of published slots, not the ring; only after every thread that uses them has stopped.</summary>
    public void Dispose() => _availability.Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool HasRoom(long high)
    {
        if (_gating.Length == 0)
        {
            RingFaults.ThrowUngated();
        }

        // Two producers may store here in either order; both values were true, so an older one only costs another look.
        long gating = Sequence.Minimum(_gating);
        _cachedGating.SetRelease(gating);
        return high - _size <= gating;
    }
}
