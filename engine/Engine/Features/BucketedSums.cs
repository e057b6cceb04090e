using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Features;

/// <summary>
/// Sums over bucketed windows. A window of w is <see cref="Buckets"/> buckets of w / <see cref="Buckets"/>, aligned to multiples of that since
/// the epoch: at time t, in bucket k = t / (w / <see cref="Buckets"/>), it holds what happened in buckets k − 15 to k. So it covers between 15/16 of w
/// and w, whatever the number of events, in memory fixed by the contract. Sums are integers: nothing drifts, and the order of additions
/// does not matter.
/// </summary>
/// <remarks>
/// <code>
/// clock, a window:  | slot u32 | occupied u32 |                        beside the clocks of the other windows of the instrument
/// state, a window:  | totals: columns | bucket 0: columns | … | bucket 15: columns |              64-bit words
/// </code>
/// A bit of `occupied` for each bucket into which anything was added: what is empty is never touched, so a quiet instrument costs little.
/// </remarks>
internal sealed unsafe class BucketedSums
{
    /// <summary>Buckets a window; a power of two.</summary>
    public const int Buckets = 16;

    /// <summary>Most columns that <see cref="AddAll"/> takes, and bytes that must lie behind a state for it.</summary>
    public const int MaxVector = 8;

    private readonly int _windowBytes;
    private int _clocksAt;
    private int _stateAt;

    /// <param name="columns">Sums kept of each window.</param>
    /// <param name="windowNanos">Lengths of the windows, ns.</param>
    public BucketedSums(int columns, IReadOnlyList<long> windowNanos)
    {
        Columns = columns;
        WindowNanos = windowNanos;
        _windowBytes = (1 + Buckets) * columns * sizeof(long);
    }

    /// <summary>Sums kept of each window.</summary>
    public int Columns { get; }

    /// <summary>Lengths of the windows, ns.</summary>
    public IReadOnlyList<long> WindowNanos { get; }

    /// <summary>Bytes of state an instrument.</summary>
    public int StateBytes => WindowNanos.Count * _windowBytes;

    /// <summary>Says where in an instrument's block its clocks and its state lie, bytes.</summary>
    public void Place(int clocksAt, int stateAt)
    {
        _clocksAt = clocksAt;
        _stateAt = stateAt;
    }

    /// <summary>Offset of a window's sums in a block, bytes.</summary>
    public int TotalsAt(int window) => _stateAt + (window * _windowBytes);

    /// <summary>The sums of one window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long* Totals(byte* block, int window)
    {
        // SAFETY: a block holds the state of every family; callers pass a window of ours.
        return (long*)(block + _stateAt + (window * _windowBytes));
    }

    /// <summary>Adds to a column of every window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(byte* block, int column, long amount)
    {
        // SAFETY: as Totals; column < Columns, and a slot is below Buckets.
        var clock = (Clock*)(block + _clocksAt);
        long* totals = (long*)(block + _stateAt) + column;
        for (int w = 0; w < WindowNanos.Count; w++, clock++, totals = (long*)((byte*)totals + _windowBytes))
        {
            clock->Occupied |= 1u << clock->Slot;
            totals[0] += amount;
            totals[(1 + clock->Slot) * Columns] += amount;
        }
    }

    /// <summary>Adds to every column of every window; lanes behind the columns must be 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAll(byte* block, Vector512<long> amounts) => AddAll(block, 0, amounts);

    /// <summary>Adds to <see cref="MaxVector"/> neighbouring columns of every window; lanes behind the columns must be 0.</summary>
    /// <param name="block">The instrument's block.</param>
    /// <param name="first">The first of the columns.</param>
    /// <param name="amounts">What is added.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAll(byte* block, int first, Vector512<long> amounts)
    {
        // SAFETY: as Add; first < Columns, a block ends with room for a vector, and lanes behind the columns add 0 to what is not ours.
        var clock = (Clock*)(block + _clocksAt);
        long* totals = (long*)(block + _stateAt) + first;
        for (int w = 0; w < WindowNanos.Count; w++, clock++, totals = (long*)((byte*)totals + _windowBytes))
        {
            clock->Occupied |= 1u << clock->Slot;
            long* bucket = totals + ((1 + clock->Slot) * Columns);
            (Vector512.Load(totals) + amounts).Store(totals);
            (Vector512.Load(bucket) + amounts).Store(bucket);
        }
    }

    /// <summary>The buckets that a window leaves when it goes from one to a later one, a bit each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Left(long from, long to)
    {
        int steps = (int)Math.Min(to - from, Buckets);
        uint left = ((1u << steps) - 1) << ((int)(from + 1) & (Buckets - 1));
        return (left | (left >> Buckets)) & ((1u << Buckets) - 1);
    }

    /// <summary>Takes what buckets hold from the sums, and empties them.</summary>
    /// <param name="totals">The window's sums, its buckets behind them.</param>
    /// <param name="columns">Sums of the window.</param>
    /// <param name="left">The buckets, a bit each.</param>
    public static void Leave(long* totals, int columns, uint left)
    {
        // SAFETY: callers pass a window's state; a bit is below Buckets.
        for (; left != 0; left &= left - 1)
        {
            long* bucket = totals + ((1 + BitOperations.TrailingZeroCount(left)) * columns);
            for (int c = 0; c < columns; c++)
            {
                totals[c] -= bucket[c];
                bucket[c] = 0;
            }
        }
    }

    /// <summary>Where one window of one instrument stands.</summary>
    public struct Clock
    {
        /// <summary>The bucket at hand, modulo <see cref="Buckets"/>.</summary>
        public int Slot;

        /// <summary>Buckets that hold something, a bit each.</summary>
        public uint Occupied;
    }
}
