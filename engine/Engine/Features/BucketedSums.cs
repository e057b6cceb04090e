using System.Numerics;
using System.Runtime.CompilerServices;

namespace Engine.Features;

/// <summary>
/// Sums over bucketed windows. A window of w is <see cref="Buckets"/> buckets of w / <see cref="Buckets"/>, aligned to multiples of that since
/// the epoch: at time t, in bucket k = t / (w / <see cref="Buckets"/>), it holds what happened in buckets k − 15 to k. So it covers between 15/16 of w
/// and w, whatever the number of events, in memory fixed by the contract. Sums are integers: nothing drifts, and the order of additions
/// does not matter.
/// </summary>
/// <remarks>
/// <code>
/// state, a window:  | slot u32, occupied u32 | totals: columns | bucket 0: columns | … | bucket 15: columns |   64-bit words
/// </code>
/// A bit of `occupied` for each bucket into which anything was added: what is empty is never read, so a quiet instrument costs little.
/// </remarks>
internal sealed unsafe class BucketedSums
{
    /// <summary>Buckets a window; a power of two.</summary>
    public const int Buckets = 16;

    private readonly int _columns;
    private readonly int _windows;
    private readonly int _words;

    /// <param name="columns">Sums kept of each window.</param>
    /// <param name="windows">Windows.</param>
    public BucketedSums(int columns, int windows)
    {
        _columns = columns;
        _windows = windows;
        _words = 1 + ((1 + Buckets) * columns);
    }

    /// <summary>Bytes of state an instrument.</summary>
    public int Bytes => _windows * _words * sizeof(long);

    /// <summary>The sums of one window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long* Totals(byte* state, int window)
    {
        // SAFETY: callers pass a state of Bytes and a window of ours.
        return (long*)state + (window * _words) + 1;
    }

    /// <summary>Adds to a column of every window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(byte* state, int column, long amount)
    {
        // SAFETY: as Totals; column < columns, and a slot is below Buckets.
        long* words = (long*)state;
        for (int w = 0; w < _windows; w++, words += _words)
        {
            var clock = (Clock*)words;
            clock->Occupied |= 1u << clock->Slot;
            words[1 + column] += amount;
            words[1 + ((1 + clock->Slot) * _columns) + column] += amount;
        }
    }

    /// <summary>Goes from one bucket to a later one: what the window leaves behind is taken from its sums.</summary>
    /// <returns>Whether a sum may have changed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Roll(byte* state, int window, long from, long to)
    {
        // SAFETY: as Totals.
        var clock = (Clock*)((long*)state + (window * _words));
        clock->Slot = (int)to & (Buckets - 1);
        if (clock->Occupied == 0)
        {
            return false;
        }

        // The buckets behind `from` up to `to`, as bits: those that the window leaves.
        int steps = (int)Math.Min(to - from, Buckets);
        uint left = ((1u << steps) - 1) << ((int)(from + 1) & (Buckets - 1));
        left = (left | (left >> Buckets)) & clock->Occupied;
        return left != 0 && Leave(clock, left);
    }

    private bool Leave(Clock* clock, uint left)
    {
        clock->Occupied &= ~left;

        // SAFETY: as Totals; a bit is below Buckets.
        long* totals = (long*)(clock + 1);
        for (; left != 0; left &= left - 1)
        {
            long* bucket = totals + ((1 + BitOperations.TrailingZeroCount(left)) * _columns);
            for (int c = 0; c < _columns; c++)
            {
                totals[c] -= bucket[c];
                bucket[c] = 0;
            }
        }

        return true;
    }

    private struct Clock
    {
        public int Slot;
        public uint Occupied;
    }
}
