using System.Runtime.CompilerServices;

namespace Engine.Core.Rings;

/// <summary>
/// What one consumer waits at: a producer's cursor (the first stage) or the sequences of the consumers before it (pipeline,
/// diamond). Made by a producer's <c>NewBarrier</c>, or directly over any sequences.
/// </summary>
/// <remarks>
/// One thread waits at a barrier; any thread may alert it. The protocol, with A the writer of an upstream sequence (producer
/// or consumer) and B the thread at this barrier:
/// <code>
/// A1  writes the slots up to n
/// A2  sequence := n                      (store-release: A1 before A2)
/// B1  reads the sequence, sees n         (load-acquire: B1 before B2)
/// B2  reads the slots up to n
/// </code>
/// To halt, with C any thread:
/// <code>
/// C1  the last publication has happened, in C or in a thread that C has joined
/// C2  alerted := 1                       (store-release)
/// B1  reads the sequence, sees too little
/// B2  reads alerted, sees 1              (load-acquire: all that was published before C2 is visible after B2)
/// B3  reads the sequence again           (B1 may have been before C1)
/// B4  answers what B3 saw, or Alerted if that is too little still
/// </code>
/// So an alert ends a wait, and loses nothing that was published before it.
/// </remarks>
/// <typeparam name="TWait">What the consumer does while it waits.</typeparam>
public sealed class SequenceBarrier<TWait>
    where TWait : struct, IWaitStrategy
{
    private readonly Sequence _first;
    private readonly Sequence[] _others;
    private readonly SlotAvailability? _availability;
    private BarrierState _state;

    /// <summary>A barrier that opens up to the lowest of the given sequences.</summary>
    /// <exception cref="ArgumentException">No sequence is given.</exception>
    public SequenceBarrier(params ReadOnlySpan<Sequence> upstream)
        : this(null, upstream)
    {
    }

    /// <param name="availability">Per-slot publication, where <paramref name="upstream"/> is a multi-producer's claim; else null.</param>
    /// <param name="upstream">Sequences to stay behind; at least one.</param>
    internal SequenceBarrier(SlotAvailability? availability, ReadOnlySpan<Sequence> upstream)
    {
        if (upstream.IsEmpty)
        {
            throw new ArgumentException("A barrier needs at least one sequence to stay behind.", nameof(upstream));
        }

        _first = upstream[0];
        _others = upstream[1..].ToArray();
        _availability = availability;
        _state.CachedAvailable = Sequence.Initial;
    }

    /// <summary>Whether <see cref="Alert"/> was called.</summary>
    public bool IsAlerted => Volatile.Read(ref _state.Alerted) != 0;

    /// <summary>
    /// Waits until <paramref name="sequence"/> is available. The highest sequence seen to be available, at least the one asked
    /// for; or <see cref="Sequence.Alerted"/> when the barrier was alerted and the sequence is not there. The upstream is looked
    /// at only when what was seen before does not reach.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long WaitFor(long sequence)
    {
        long cached = _state.CachedAvailable;
        return sequence <= cached ? cached : WaitForNews(sequence);
    }

    /// <summary>Like <see cref="WaitFor"/> without waiting; below <paramref name="sequence"/> when that is not there yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Poll(long sequence)
    {
        long cached = _state.CachedAvailable;
        return sequence <= cached ? cached : _state.CachedAvailable = Read(sequence);
    }

    /// <summary>Ends the consumer's wait, now and later, once nothing is available. Any thread.</summary>
    public void Alert() => Volatile.Write(ref _state.Alerted, 1);

    /// <summary>Makes the barrier fit for waiting again. Only while no thread waits.</summary>
    public void ClearAlert() => Volatile.Write(ref _state.Alerted, 0);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long WaitForNews(long sequence)
    {
        // Bounded by the producer's next publication or by an alert.
        TWait wait = default;
        if (_state.Streaming)
        {
            wait.Gather();
        }

        long available = Read(sequence);                                // B1
        _state.Streaming = available >= sequence;
        for (int attempt = 0; available < sequence;)
        {
            if (IsAlerted)                                              // B2
            {
                available = Read(sequence);                             // B3
                if (available < sequence)
                {
                    return Sequence.Alerted;                            // B4
                }

                break;
            }

            wait.Idle(attempt);
            attempt += attempt == int.MaxValue ? 0 : 1;
            available = Read(sequence);
        }

        _state.CachedAvailable = available;
        return available;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Read(long sequence)
    {
        long available = _first.Value;
        Sequence[] others = _others;
        for (int i = 0; i < others.Length; i++)
        {
            available = Math.Min(available, others[i].Value);
        }

        return _availability is null ? available : _availability.HighestPublished(sequence, available);
    }
}
