using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Engine.Features;

/// <summary>
/// Sums of one family over bucketed windows (<see cref="WindowTable"/>): totals over all time, of which a window shows what was added since its
/// oldest bucket began. Sums are integers: nothing drifts, and the order of additions does not matter. The totals of all families lie side by side.
/// </summary>
internal sealed unsafe class BucketedSums
{
    private const int FourWindows = 4;

    private readonly int[] _basesAt;
    private readonly int* _bases;
    private int _firstAt;
    private int _first;

    /// <param name="columns">Sums kept of each window.</param>
    /// <param name="windowNanos">Lengths of the windows, ns.</param>
    public BucketedSums(int columns, IReadOnlyList<long> windowNanos)
    {
        Columns = columns;
        WindowNanos = windowNanos;
        Windows = windowNanos.Count;
        _basesAt = GC.AllocateArray<int>((windowNanos.Count + FourWindows - 1) / FourWindows * FourWindows, pinned: true);

        // SAFETY: the array is pinned, and lives as long as this object.
        _bases = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_basesAt));
    }

    /// <summary>Sums kept of each window.</summary>
    public int Columns { get; }

    /// <summary>Lengths of the windows, ns.</summary>
    public IReadOnlyList<long> WindowNanos { get; }

    /// <summary>How many there are.</summary>
    public int Windows { get; }

    /// <summary>Says where the totals lie.</summary>
    /// <param name="totalsAt">Offset of all totals in a block, bytes.</param>
    /// <param name="first">The first of ours.</param>
    /// <param name="basesAt">For each window, where the offset of its base lies in a block, bytes.</param>
    public void Put(int totalsAt, int first, IEnumerable<int> basesAt)
    {
        _first = first * sizeof(long);
        _firstAt = totalsAt + _first;
        int w = 0;
        foreach (int at in basesAt)
        {
            _basesAt[w++] = at;
        }

        // Places behind the last window show it again, so that four can be read at once.
        Array.Fill(_basesAt, w == 0 ? 0 : _basesAt[w - 1], w, _basesAt.Length - w);
    }

    /// <summary>Our totals over all time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long* Totals(byte* block)
    {
        // SAFETY: a block has the totals of every family.
        return (long*)(block + _firstAt);
    }

    /// <summary>What our totals were when a window's oldest bucket began.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long* Base(byte* block, int window)
    {
        // SAFETY: callers keep the window below those there are, rounded up to four; a base is where a bucket, or the totals, lie in the block.
        return (long*)(block + *(long*)(block + _bases[window]) + _first);
    }

    /// <summary>The sum of a column over a window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Sum(byte* block, int window, int column) => Totals(block)[column] - Base(block, window)[column];

    /// <summary>What one of our totals was when the oldest buckets of four neighbouring windows began; behind the last window, that again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<long> FourBases(byte* block, int window)
    {
        // SAFETY: as Base. Put together from words, which may be read before all of a vector has left the core's store buffer.
        return Vector256.Create(*Base(block, window), *Base(block, window + 1), *Base(block, window + 2), *Base(block, window + 3));
    }

    /// <summary>The sums of the first column over four neighbouring windows; behind the last window, its sum again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<long> FourSums(byte* block, int window) => Vector256.Create(*Totals(block)) - FourBases(block, window);

    /// <summary>The sums of the first four columns over a window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<long> FirstFour(byte* block, int window)
    {
        // SAFETY: as Totals; there are four columns.
        return Vector256.Load(Totals(block)) - Vector256.Load(Base(block, window));
    }

    /// <summary>Adds to the first four columns of every window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddFour(byte* block, Vector256<long> amounts)
    {
        // SAFETY: as Totals; there are four columns.
        long* totals = Totals(block);
        (Vector256.Load(totals) + amounts).Store(totals);
    }

    /// <summary>Writes the sums as they are: all columns of the first window, then of the next.</summary>
    public void Write(byte* block, Span<float> output)
    {
        long* totals = Totals(block);
        for (int w = 0; w < Windows; w++)
        {
            // SAFETY: as Totals. One by one: a vector could not be read before what was just added to one of them has left the core's store buffer.
            long* bases = Base(block, w);
            Span<float> columns = output.Slice(w * Columns, Columns);
            for (int c = 0; c < columns.Length; c++)
            {
                columns[c] = totals[c] - bases[c];
            }
        }
    }

    /// <summary>Adds to a column of every window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(byte* block, int column, long amount)
    {
        // SAFETY: as Totals; column < Columns.
        Totals(block)[column] += amount;
    }

    /// <summary>Adds to a column of every window, and writes what it is then.</summary>
    /// <param name="block">The instrument's block.</param>
    /// <param name="column">The column.</param>
    /// <param name="amount">What is added.</param>
    /// <param name="output">The family's columns, as <see cref="Write"/> has them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAndWrite(byte* block, int column, long amount, float* output)
    {
        // SAFETY: as Add; there are Columns of output for each window.
        long total = Totals(block)[column] += amount;
        for (int w = 0; w < Windows; w++)
        {
            output[(w * Columns) + column] = total - Base(block, w)[column];
        }
    }

    /// <summary>Adds to eight neighbouring columns of every window; lanes behind the columns must be 0.</summary>
    /// <param name="block">The instrument's block.</param>
    /// <param name="first">The first of the columns.</param>
    /// <param name="amounts">What is added.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAll(byte* block, int first, Vector512<long> amounts)
    {
        // SAFETY: as Add; first < Columns, a block ends with room for a vector, and lanes behind the columns add 0 to what is not ours. One
        // that is alone in the upper half goes alone: what others add to and read as vectors lies behind it.
        long* totals = Totals(block) + first;
        (Vector256.Load(totals) + amounts.GetLower()).Store(totals);
        int upper = Columns - first - Vector256<long>.Count;
        if (upper == 1)
        {
            totals[Vector256<long>.Count] += amounts.GetUpper().ToScalar();
        }
        else if (upper > 1)
        {
            (Vector256.Load(totals + Vector256<long>.Count) + amounts.GetUpper()).Store(totals + Vector256<long>.Count);
        }
    }
}
