using System.Runtime.CompilerServices;

namespace Engine.Books;

/// <summary>
/// The rungs of all ladders: keys (the price for bids and minus the price for asks, so that a better one is always greater) and levels in two
/// arrays.
/// </summary>
internal readonly unsafe struct RungArena
{
    private const int Walked = 8;

    private readonly long* _keys;
    private readonly int* _levels;

    /// <param name="keys">The first key.</param>
    /// <param name="levels">The first level.</param>
    public RungArena(long* keys, int* levels)
    {
        _keys = keys;
        _levels = levels;
    }

    /// <summary>The keys of a ladder, best first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long* Keys(Ladder* ladder) => _keys + ladder->Best;

    /// <summary>The levels of a ladder, best first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* Levels(Ladder* ladder) => _levels + ladder->Best;

    /// <summary>How many rungs of a ladder are better than a key: walks a little, then halves.</summary>
    public int Rank(Ladder* ladder, long key)
    {
        // SAFETY: positions stay in [0, Count).
        long* keys = Keys(ladder);
        int low = 0, high = ladder->Count;
        for (int stop = Math.Min(high, Walked); low < stop; low++)
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

    /// <summary>Whether the rung of a rank has a key.</summary>
    // SAFETY: a rank below Count is a rung's.
    public bool Has(Ladder* ladder, int rank, long key) => rank < ladder->Count && Keys(ladder)[rank] == key;

    /// <summary>Puts a rung before the one of a rank. The run has room.</summary>
    public void Open(Ladder* ladder, int rank, long key, int level)
    {
        // SAFETY: the run has a place before its best rung.
        Move(ladder->Best, ladder->Best - 1, rank);
        ladder->Best--;
        ladder->Count++;
        Keys(ladder)[rank] = key;
        Levels(ladder)[rank] = level;
    }

    /// <summary>Takes out the rung of a rank.</summary>
    public void Close(Ladder* ladder, int rank)
    {
        // SAFETY: rank < Count.
        Move(ladder->Best, ladder->Best + 1, rank);
        ladder->Best++;
        ladder->Count--;
    }

    /// <summary>Copies rungs to where they may overlap with where they were.</summary>
    public void Move(int from, int to, int count)
    {
        // SAFETY: both ranges lie within the arena; the copies allow overlaps.
        Buffer.MemoryCopy(_keys + from, _keys + to, (long)count * sizeof(long), (long)count * sizeof(long));
        Buffer.MemoryCopy(_levels + from, _levels + to, (long)count * sizeof(int), (long)count * sizeof(int));
    }
}
