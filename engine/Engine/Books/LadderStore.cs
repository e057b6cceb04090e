using System.Numerics;
using System.Runtime.CompilerServices;
using Engine.Core.Memory;

namespace Engine.Books;

/// <summary>
/// Room for the ladders of all books: runs of rungs in power-of-two sizes from one arena, a free list a size.
/// A side that outgrows its run moves to one twice as long. Runs do not shrink as sides do; when the arena is used up, all runs
/// are pushed together and cut to what they need, so that only the level limits can refuse a level.
/// </summary>
internal sealed unsafe class LadderStore : IDisposable
{
    private const int SmallestRun = 16;

    private readonly NativeBuffer<long> _keyBuffer;
    private readonly NativeBuffer<int> _levelBuffer;
    private readonly int* _levels;
    private readonly int[] _free;
    private readonly int _largest;
    private readonly int _levelsPerSide;
    private readonly int _length;
    private readonly NativeBuffer<Ladder> _ladderBuffer;
    private readonly long[] _byOffset;
    private int _used;

    /// <param name="instruments">How many books there are.</param>
    /// <param name="levels">Most levels over all sides.</param>
    /// <param name="levelsPerSide">Most levels on one side.</param>
    public LadderStore(int instruments, int levels, int levelsPerSide)
    {
        // Every side may hold one smallest run. Pushed together, the larger runs are at most two rungs a level; the side that
        // grows holds its old run and one twice as long for a moment. Three rungs a level are enough, the fourth makes it rare.
        _ladderBuffer = new NativeBuffer<Ladder>(instruments * 2);
        _byOffset = new long[instruments * 2];
        _length = checked((instruments * 2 * SmallestRun) + (levels * 4));
        _keyBuffer = new NativeBuffer<long>(_length);
        _levelBuffer = new NativeBuffer<int>(_length);
        _levels = _levelBuffer.Pointer;
        Rungs = new RungArena(_keyBuffer.Pointer, _levels);
        _levelsPerSide = levelsPerSide;
        _largest = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(levelsPerSide, SmallestRun));
        _free = new int[BitOperations.Log2((uint)_largest) + 1];
        Array.Fill(_free, -1);
    }

    /// <summary>How often the arena was used up and its runs pushed together.</summary>
    public long Compactions { get; private set; }

    /// <summary>Bytes of the arena.</summary>
    public long Bytes => ((long)_keyBuffer.Length * sizeof(long)) + ((long)_levelBuffer.Length * sizeof(int))
        + ((long)_ladderBuffer.Length * sizeof(Ladder));

    /// <summary>The ladders, one a side: instrument × 2 + (1 for the sell side).</summary>
    public Ladder* Ladders => _ladderBuffer.Pointer;

    /// <summary>The rungs.</summary>
    public RungArena Rungs { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ladderBuffer.Dispose();
        _keyBuffer.Dispose();
        _levelBuffer.Dispose();
    }

    /// <summary>Gives a side whose run is full a longer one. False when there is no room.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryGrow(Ladder* side)
    {
        ref Ladder ladder = ref *side;
        int capacity = ladder.Limit == 0 ? SmallestRun : Capacity(ladder) * 2;
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

        int best = offset + capacity - ladder.Count;
        Rungs.Move(ladder.Best, best, ladder.Count);
        Release(ladder);
        Place(ref ladder, best, capacity);
        return true;
    }

    private bool TryTake(int capacity, out int offset)
    {
        ref int head = ref _free[BitOperations.Log2((uint)capacity)];
        if (head >= 0)
        {
            offset = head;
            head = _levels[offset];
            return true;
        }

        offset = _used;
        if (capacity > _length - _used)
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
            if (ladder.Limit > 0)
            {
                _byOffset[count++] = ((long)Offset(ladder) << 32) | (uint)side;
            }
        }

        Span<long> order = _byOffset.AsSpan(0, count);
        order.Sort();
        _used = 0;
        Array.Fill(_free, -1);
        Compactions++;
        foreach (long entry in order)
        {
            // In the order of offsets and with no run longer than before, a run never moves up or over one not moved yet.
            ref Ladder ladder = ref Side((int)entry);
            int capacity = ladder.Count == 0 ? 0 : (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(ladder.Count, SmallestRun));
            int best = _used + capacity - ladder.Count;
            Rungs.Move(ladder.Best, best, ladder.Count);
            Place(ref ladder, best, capacity);
            _used += capacity;
        }
    }

    // SAFETY: side < instruments × 2.
    private ref Ladder Side(int side) => ref Ladders[side];

    private void Place(ref Ladder ladder, int best, int capacity)
    {
        ladder.Best = best;
        ladder.Limit = Math.Min(capacity, _levelsPerSide);
    }

    private void Release(in Ladder ladder)
    {
        if (ladder.Limit > 0)
        {
            ref int head = ref _free[BitOperations.Log2((uint)Capacity(ladder))];
            int offset = Offset(ladder);
            _levels[offset] = head;
            head = offset;
        }
    }

    /// <summary>The length of a side's run.</summary>
    private static int Capacity(in Ladder ladder) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(ladder.Limit, SmallestRun));

    /// <summary>The first rung of a side's run.</summary>
    private static int Offset(in Ladder ladder) => ladder.Best + ladder.Count - Capacity(ladder);
}
