using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Features;

/// <summary>
/// Sums of one family over bucketed windows. A window of w is <see cref="WindowClock.Buckets"/> buckets of a sixteenth of w, aligned to multiples of
/// that since the epoch: at time t, in bucket k = t / (w / 16), it holds what happened in buckets k − 15 to k. So it covers between 15/16 of w
/// and w, whatever the number of events, in memory fixed by the contract. Sums are integers: nothing drifts, and the order of additions
/// does not matter. The sums lie in the store of their window, beside those of other families: <see cref="WindowStore"/>.
/// </summary>
internal sealed unsafe class BucketedSums
{
    /// <summary>Columns that <see cref="AddAll(byte*, int, Vector512{long})"/> takes at once.</summary>
    public const int MaxVector = 8;

    private readonly Place[] _places;
    private ulong _family;

    /// <param name="columns">Sums kept of each window.</param>
    /// <param name="windowNanos">Lengths of the windows, ns.</param>
    public BucketedSums(int columns, IReadOnlyList<long> windowNanos)
    {
        Columns = columns;
        WindowNanos = windowNanos;
        _places = new Place[windowNanos.Count];
    }

    /// <summary>Sums kept of each window.</summary>
    public int Columns { get; }

    /// <summary>Lengths of the windows, ns.</summary>
    public IReadOnlyList<long> WindowNanos { get; }

    /// <summary>Says where the sums of a window lie.</summary>
    /// <param name="window">Index into <see cref="WindowNanos"/>.</param>
    /// <param name="store">The window's store.</param>
    /// <param name="column">First of our columns in it.</param>
    /// <param name="family">The family's bit.</param>
    public void Put(int window, WindowStore store, int column, ulong family)
    {
        int first = (1 + column) * sizeof(long);
        _places[window] = new Place(store.ClockAt, store.SumsAt + first, store.BucketsAt, first, store.StrideBytes);
        _family = family;
    }

    /// <summary>The sums of one window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long* Totals(byte* block, int window)
    {
        // SAFETY: a block holds every store; callers pass a window of ours.
        return (long*)(block + _places[window].TotalsAt);
    }

    /// <summary>Writes the sums as they are: all columns of the first window, then of the next.</summary>
    public void Write(byte* block, Span<float> output)
    {
        for (int w = 0; w < _places.Length; w++)
        {
            // SAFETY: as Totals.
            long* totals = Totals(block, w);
            Span<float> columns = output.Slice(w * Columns, Columns);
            for (int c = 0; c < columns.Length; c++)
            {
                columns[c] = totals[c];
            }
        }
    }

    /// <summary>Adds to a column of every window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(byte* block, int column, long amount)
    {
        foreach (ref readonly Place place in _places.AsSpan())
        {
            // SAFETY: as Totals; column < Columns.
            ((long*)(block + place.TotalsAt))[column] += amount;
            Open(block, place)[column] += amount;
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
        foreach (ref readonly Place place in _places.AsSpan())
        {
            // SAFETY: as Add; first < Columns, a block ends with room for a vector, and lanes behind the columns add 0 to what is not ours.
            long* totals = (long*)(block + place.TotalsAt) + first;
            long* bucket = Open(block, place) + first;
            (Vector512.Load(totals) + amounts).Store(totals);
            (Vector512.Load(bucket) + amounts).Store(bucket);
        }
    }

    /// <summary>Marks the bucket at hand as holding something of the family; our columns in it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long* Open(byte* block, in Place place)
    {
        // SAFETY: as Totals; a slot is below the number of buckets.
        var clock = (WindowClock*)(block + place.ClockAt);
        byte* bucket = block + place.BucketsAt + (clock->Slot * place.StrideBytes);
        *(ulong*)bucket |= _family;
        clock->Occupied |= 1u << clock->Slot;
        return (long*)(bucket + place.First);
    }

    private readonly record struct Place(int ClockAt, int TotalsAt, int BucketsAt, int First, int StrideBytes);
}
