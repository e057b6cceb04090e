using System.Numerics;
using System.Runtime.CompilerServices;
using Engine.Core.Memory;

namespace Engine.Books;

/// <summary>
/// Room for the sorted sides of all books: runs of rungs in power-of-two sizes from one arena, a free list a size.
/// A side that outgrows its run moves to one twice as long. Runs do not shrink as sides do; when the arena is used up, all runs
/// are pushed together and cut to what they need, so that only the level limits can refuse a level.
/// </summary>
internal sealed unsafe class LadderStore : IDisposable
{
    private const int SmallestRun = 16;
    private const int NearTheTouch = 8;

    private readonly NativeBuffer<Rung> _rungs;
    private readonly int[] _free;
    private readonly int _largest;
    private readonly BookHead* _heads;
    private readonly long[] _byOffset;
    private int _used;

    /// <param name="heads">The books whose sides live here; they move when runs do.</param>
    /// <param name="instruments">How many books there are.</param>
    /// <param name="levels">Most levels over all sides.</param>
    /// <param name="levelsPerSide">Most levels on one side.</param>
    public LadderStore(BookHead* heads, int instruments, int levels, int levelsPerSide)
    {
        // Every side may hold one smallest run. Pushed together, the larger runs are at most two rungs a level; the side that
        // grows holds its old run and one twice as long for a moment. Three rungs a level are enough, the fourth makes it rare.
        _heads = heads;
        _byOffset = new long[instruments * 2];
        _rungs = new NativeBuffer<Rung>(checked((instruments * 2 * SmallestRun) + (levels * 4)));
        _largest = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(levelsPerSide, SmallestRun));
        _free = new int[BitOperations.Log2((uint)_largest) + 1];
        Array.Fill(_free, -1);
    }

    /// <summary>How often the arena was used up and its runs pushed together.</summary>
    public long Compactions { get; private set; }

    /// <summary>The rungs of a side, worst first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Rung* Of(in Ladder ladder) => _rungs.Pointer + ladder.Offset;

    /// <summary>Where a key is, or (as ~position) where it belongs. Walks from the best, then halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Search(in Ladder ladder, long key)
    {
        // SAFETY: positions stay in [0, Count), Count <= Capacity, and the run lies within the arena.
        Rung* rungs = Of(ladder);
        int position = ladder.Count - 1;
        int stop = Math.Max(0, ladder.Count - NearTheTouch);
        for (; position >= stop; position--)
        {
            if (rungs[position].Key <= key)
            {
                return rungs[position].Key == key ? position : ~(position + 1);
            }
        }

        return position < 0 ? ~0 : SearchFar(rungs, position, key);
    }

    /// <summary>Opens a place for a new rung. False when there is no room.</summary>
    public bool TryInsert(ref Ladder ladder, int position, long key, int level)
    {
        if (ladder.Count == ladder.Capacity && !TryGrow(ref ladder))
        {
            return false;
        }

        // SAFETY: Count < Capacity now; the moved range ends inside the run.
        Rung* at = Of(ladder) + position;
        int behind = ladder.Count - position;
        for (int i = behind; i > 0; i--)
        {
            at[i] = at[i - 1];
        }

        at->Key = key;
        at->Level = level;
        ladder.Count++;
        return true;
    }

    /// <summary>Closes the place of a rung.</summary>
    public void Remove(ref Ladder ladder, int position)
    {
        // SAFETY: position < Count; the moved range lies inside the run.
        Rung* at = Of(ladder) + position;
        int behind = --ladder.Count - position;
        for (int i = 0; i < behind; i++)
        {
            at[i] = at[i + 1];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _rungs.Dispose();

    private static int SearchFar(Rung* rungs, int last, long key)
    {
        int low = 0;
        int high = last;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (rungs[middle].Key == key)
            {
                return middle;
            }

            if (rungs[middle].Key < key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryGrow(ref Ladder ladder)
    {
        int capacity = ladder.Capacity == 0 ? SmallestRun : ladder.Capacity * 2;
        if (capacity > _largest)
        {
            return false;
        }

        if (!TryTake(capacity, out int offset))
        {
            Compact();
            if (!TryTake(capacity, out offset))
            {
                return false;
            }
        }

        // SAFETY: both runs lie within the arena and do not overlap.
        Rung* from = Of(ladder);
        Rung* to = _rungs.Pointer + offset;
        for (int i = 0; i < ladder.Count; i++)
        {
            to[i] = from[i];
        }

        Release(ladder);
        ladder.Offset = offset;
        ladder.Capacity = capacity;
        return true;
    }

    private bool TryTake(int capacity, out int offset)
    {
        ref int head = ref _free[BitOperations.Log2((uint)capacity)];
        if (head >= 0)
        {
            offset = head;
            head = _rungs[offset].Level;
            return true;
        }

        offset = _used;
        if (capacity > _rungs.Length - _used)
        {
            return false;
        }

        _used += capacity;
        return true;
    }

    /// <summary>Cuts every run to what its side needs and pushes all of them to the start of the arena.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Compact()
    {
        int count = 0;
        for (int side = 0; side < _byOffset.Length; side++)
        {
            ref Ladder ladder = ref Side(side);
            if (ladder.Capacity > 0)
            {
                _byOffset[count++] = ((long)ladder.Offset << 32) | (uint)side;
            }
        }

        Span<long> order = _byOffset.AsSpan(0, count);
        order.Sort();
        _used = 0;
        Array.Fill(_free, -1);
        Compactions++;
        foreach (long entry in order)
        {
            ref Ladder ladder = ref Side((int)entry);

            // SAFETY: in the order of offsets and with no run longer than before, a run never moves up or over one not moved yet.
            Rung* from = Of(ladder);
            Rung* to = _rungs.Pointer + _used;
            for (int i = 0; i < ladder.Count; i++)
            {
                to[i] = from[i];
            }

            ladder.Offset = _used;
            ladder.Capacity = ladder.Count == 0 ? 0 : (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(ladder.Count, SmallestRun));
            _used += ladder.Capacity;
        }
    }

    private ref Ladder Side(int side)
    {
        // SAFETY: side < instruments × 2.
        BookHead* head = _heads + (side >> 1);
        return ref (side & 1) == 0 ? ref head->Bid : ref head->Ask;
    }

    private void Release(in Ladder ladder)
    {
        if (ladder.Capacity > 0)
        {
            ref int head = ref _free[BitOperations.Log2((uint)ladder.Capacity)];
            _rungs[ladder.Offset].Level = head;
            head = ladder.Offset;
        }
    }
}
