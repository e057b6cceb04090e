using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Books;

/// <summary>
/// The rungs of all sides: keys (the price for bids and minus the price for asks, so that a better one is always greater) and levels in two
/// arrays. Nearly everything happens at the best eight rungs of a side, where it is done by vectors: a rank is how many keys are greater,
/// and a shift by one writes all eight one off and then those behind the rank back where they were, so that neither branches on
/// where in the book an event falls.
/// </summary>
internal readonly unsafe struct RungArena
{
    /// <summary>Rungs that must be there before the first and behind the last run, to be read or rewritten as they are.</summary>
    public const int Margin = 24;

    private const int Near = 8;

    private readonly long* _keys;
    private readonly int* _levels;

    /// <param name="keys">The first key, with a margin on both sides of all of them.</param>
    /// <param name="levels">The first level, with the same margins.</param>
    public RungArena(long* keys, int* levels)
    {
        _keys = keys;
        _levels = levels;
    }

    /// <summary>The keys of a side, best first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long* Keys(Ladder* ladder) => _keys + ladder->Best;

    /// <summary>The levels of a side, best first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* Levels(Ladder* ladder) => _levels + ladder->Best;

    /// <summary>How many rungs of a side are better than a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(Ladder* ladder, long key)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            return RankFar(ladder, 0, key);
        }

        // SAFETY: a whole vector can be read at every place of the arena; what lies behind the side's last rung is cut off.
        long* at = _keys + ladder->Best;
        Vector256<long> wanted = Vector256.Create(key);
        uint better = Vector256.GreaterThan(Vector256.Load(at), wanted).ExtractMostSignificantBits()
            | (Vector256.GreaterThan(Vector256.Load(at + 4), wanted).ExtractMostSignificantBits() << 4);
        int rank = Math.Min(BitOperations.TrailingZeroCount(~better), ladder->Count);
        return rank < Near ? rank : RankFar(ladder, Near, key);
    }

    /// <summary>Whether the rung of a rank has a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(Ladder* ladder, int rank, long key) => (rank < ladder->Count) & (_keys[ladder->Best + rank] == key);

    /// <summary>Puts a rung before the one of a rank. The run has room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Open(Ladder* ladder, int rank, long key, int level)
    {
        // SAFETY: the run has a place before its best rung; rungs behind the rank are written back as they were.
        int best = ladder->Best;
        long* keys = _keys + best;
        int* levels = _levels + best;
        if (Vector256.IsHardwareAccelerated && rank < Near)
        {
            Shift(keys, keys - 1, keys + rank);
            Shift(levels, levels - 1, levels + rank);
        }
        else
        {
            Move(best, best - 1, rank);
        }

        keys[rank - 1] = key;
        levels[rank - 1] = level;
        ladder->Best = best - 1;
        ladder->Count++;
    }

    /// <summary>Takes out the rung of a rank.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Close(Ladder* ladder, int rank)
    {
        // SAFETY: rank < Count; rungs behind it are written back as they were, at most a margin behind the arena.
        int best = ladder->Best;
        if (Vector256.IsHardwareAccelerated && rank < Near)
        {
            long* keys = _keys + best;
            int* levels = _levels + best;
            Shift(keys, keys + 1, keys + rank + 1);
            Shift(levels, levels + 1, levels + rank + 1);
        }
        else
        {
            Move(best, best + 1, rank);
        }

        ladder->Best = best + 1;
        ladder->Count--;
    }

    /// <summary>Copies rungs to where they may overlap with where they were.</summary>
    public void Move(int from, int to, int count)
    {
        // SAFETY: both ranges lie within the arena and its margins; the copies allow overlaps.
        Buffer.MemoryCopy(_keys + from, _keys + to, (long)count * sizeof(long), (long)count * sizeof(long));
        Buffer.MemoryCopy(_levels + from, _levels + to, (long)count * sizeof(int), (long)count * sizeof(int));
    }

    /// <summary>Eight keys to another place, then those that keep theirs back to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Shift(long* from, long* to, long* kept)
    {
        // SAFETY: as in Open and Close.
        (Vector256<long> moved, Vector256<long> movedToo) = (Vector256.Load(from), Vector256.Load(from + 4));
        (Vector256<long> tail, Vector256<long> tailToo) = (Vector256.Load(kept), Vector256.Load(kept + 4));
        moved.Store(to);
        movedToo.Store(to + 4);
        tail.Store(kept);
        tailToo.Store(kept + 4);
    }

    /// <summary>Eight levels to another place, then those that keep theirs back to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Shift(int* from, int* to, int* kept)
    {
        // SAFETY: as in Open and Close.
        Vector256<int> moved = Vector256.Load(from);
        Vector256<int> tail = Vector256.Load(kept);
        moved.Store(to);
        tail.Store(kept);
    }

    /// <summary>How many rungs are better than a key, of which some are known to be: walks a little, then halves.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int RankFar(Ladder* ladder, int low, long key)
    {
        // SAFETY: positions stay in [0, Count).
        long* keys = _keys + ladder->Best;
        int high = ladder->Count;
        for (int stop = Math.Min(high, low + Near); low < stop; low++)
        {
            if (keys[low] <= key)
            {
                return low;
            }
        }

        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (keys[middle] > key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
