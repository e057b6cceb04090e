using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Engine.Features;

/// <summary>
/// The best levels of one side, best first, as keys: the price for bids and minus the price for asks, so that a better one is always
/// greater. Places without a level hold <see cref="NoLevel"/> and quantity 0, also those behind <see cref="Depth"/>, so that whole
/// vectors can be read.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = SizeInBytes)]
internal unsafe struct TopLevels
{
    /// <summary>Levels that features look at.</summary>
    public const int Depth = 10;

    /// <summary>Places, levels or not: two vectors of eight.</summary>
    public const int Places = 16;

    /// <summary>Size of the layout in bytes.</summary>
    public const int SizeInBytes = 2 * Places * sizeof(long);

    /// <summary>The key of a place without a level: worse than any price.</summary>
    public const long NoLevel = long.MinValue;

    private fixed long _keys[Places];
    private fixed long _quantities[Places];

    /// <summary>The key of a level.</summary>
    /// <param name="rank">0 is the best; below <see cref="Places"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long Key(int rank) => _keys[rank];

    /// <summary>The quantity of a level; 0 where there is none.</summary>
    /// <param name="rank">0 is the best; below <see cref="Places"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long Quantity(int rank) => _quantities[rank];

    /// <summary>Whether the side has a level.</summary>
    public readonly bool IsEmpty => _keys[0] == NoLevel;

    /// <summary>The keys, all places.</summary>
    public readonly ReadOnlySpan<long> Keys => MemoryMarshal.CreateReadOnlySpan(in _keys[0], Places);

    /// <summary>The quantities, all places.</summary>
    public readonly ReadOnlySpan<long> Quantities => MemoryMarshal.CreateReadOnlySpan(in _quantities[0], Places);

    /// <summary>Quantity of the best 1, 3, 5 and 10 levels.</summary>
    public readonly Vector256<long> Depths
    {
        get
        {
            long three = _quantities[0] + _quantities[1] + _quantities[2];
            long five = three + _quantities[3] + _quantities[4];
            long ten = five + _quantities[5] + _quantities[6] + _quantities[7] + _quantities[8] + _quantities[9];
            return Vector256.Create(_quantities[0], three, five, ten);
        }
    }

    /// <summary>What a level's quantity adds to <see cref="Depths"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> DepthsOf(int rank, long quantity) =>
        Vector256.GreaterThan(Vector256.Create(1L, 3, 5, 10), Vector256.Create((long)rank)) & Vector256.Create(quantity);

    /// <summary>Changes a level's quantity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int rank, long delta) => _quantities[rank] += delta;

    /// <summary>How many of the levels held are better than a key: its rank, <see cref="Depth"/> where it lies behind all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int RankOf(long key)
    {
        Vector512<long> wanted = Vector512.Create(key);
        ulong low = Vector512.GreaterThan(Vector512.LoadUnsafe(in _keys[0]), wanted).ExtractMostSignificantBits();
        ulong high = Vector512.GreaterThan(Vector512.LoadUnsafe(in _keys[8]), wanted).ExtractMostSignificantBits();
        return BitOperations.PopCount(low | (high << 8));
    }

    /// <summary>Forgets every level.</summary>
    public void Clear()
    {
        MemoryMarshal.CreateSpan(ref _keys[0], Places).Fill(NoLevel);
        MemoryMarshal.CreateSpan(ref _quantities[0], Places).Clear();
    }

    /// <summary>
    /// Takes over one change of the book. The struct must lie in the instrument's head: the word before it is read, and not looked at.
    /// </summary>
    /// <param name="key">Key of the level that changed.</param>
    /// <param name="delta">Its quantity after minus its quantity before.</param>
    /// <param name="known">How many places are right, levels or not: all, at first. One fewer once a level is to move up from behind.</param>
    /// <returns>False where the change contradicts the levels held: they are to be read anew.</returns>
    public bool Take(long key, long delta, ref int known)
    {
        int rank = RankOf(key);
        if (rank >= known)
        {
            return true;
        }

        bool isHeld = _keys[rank] == key;
        long quantity = (isHeld ? _quantities[rank] : 0) + delta;
        if (quantity < 0 || (quantity == 0 && !isHeld))
        {
            return false;
        }

        if (quantity == 0)
        {
            known -= _keys[known - 1] == NoLevel ? 0 : 1;
            Shift(rank, 1, Math.Min(known, Depth - 1), NoLevel, 0);
        }
        else if (isHeld)
        {
            _quantities[rank] = quantity;
        }
        else
        {
            known = Math.Min(known + 1, Depth);
            Shift(rank, -1, known, key, quantity);
        }

        return true;
    }

    /// <summary>Reads the levels from a book.</summary>
    /// <param name="books">The books.</param>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="side">Which side.</param>
    /// <param name="known">Levels before this one are right.</param>
    public void Read(Books.OrderBooks books, int instrument, Core.Events.Side side, int known = 0)
    {
        // SAFETY: the struct lies in native memory, and Depth is below Places.
        fixed (long* keys = _keys, quantities = _quantities)
        {
            int count = Math.Max(known, books.CopyTop(instrument, side, keys, quantities, Depth, known));
            for (; count < Depth; count++)
            {
                keys[count] = NoLevel;
                quantities[count] = 0;
            }
        }
    }

    /// <summary>Moves the places from a rank on up (<paramref name="by"/> 1) over it, or down (−1) behind a level that is put there; those from
    /// <paramref name="end"/> on hold no level then.</summary>
    private void Shift(int rank, int by, int end, long key, long quantity)
    {
        // SAFETY: a vector starts at most one word before the keys or quantities, and ends at most one behind them: all inside the instrument's head.
        fixed (long* keys = _keys, quantities = _quantities)
        {
            int put = by < 0 ? rank : -1;
            Vector512<long> keysLow = Moved(keys, 0, rank, by, end, put, key, NoLevel);
            Vector512<long> keysHigh = Moved(keys, 8, rank, by, end, put, key, NoLevel);
            Vector512<long> quantitiesLow = Moved(quantities, 0, rank, by, end, put, quantity, 0);
            Vector512<long> quantitiesHigh = Moved(quantities, 8, rank, by, end, put, quantity, 0);
            keysLow.Store(keys);
            keysHigh.Store(keys + 8);
            quantitiesLow.Store(quantities);
            quantitiesHigh.Store(quantities + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Moved(long* values, int first, int rank, int by, int end, int put, long value, long none)
    {
        // SAFETY: as Shift.
        Vector512<long> places = Vector512<long>.Indices + Vector512.Create((long)first);
        Vector512<long> stays = Vector512.LessThan(places, Vector512.Create((long)rank));
        Vector512<long> moved = Vector512.ConditionalSelect(stays, Vector512.Load(values + first), Vector512.Load(values + first + by));
        moved = Vector512.ConditionalSelect(Vector512.Equals(places, Vector512.Create((long)put)), Vector512.Create(value), moved);
        return Vector512.ConditionalSelect(Vector512.LessThan(places, Vector512.Create((long)end)), moved, Vector512.Create(none));
    }
}
