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

    /// <summary>Reads the levels from a book.</summary>
    public void Read(Books.OrderBooks books, int instrument, Core.Events.Side side)
    {
        // SAFETY: the struct lies in native memory, and Depth is below Places.
        fixed (long* keys = _keys, quantities = _quantities)
        {
            int count = books.CopyTop(instrument, side, keys, quantities, Depth);
            for (; count < Depth; count++)
            {
                keys[count] = NoLevel;
                quantities[count] = 0;
            }
        }
    }
}
