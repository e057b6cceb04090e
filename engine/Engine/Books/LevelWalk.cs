using System.Runtime.CompilerServices;

namespace Engine.Books;

/// <summary>Walks the levels of a side from the best to the worst: its window and its ladder, merged. Valid while the book does not change.</summary>
internal unsafe ref struct LevelWalk
{
    private readonly long _baseKey;
    private readonly int _window;
    private readonly long _origin;
    private readonly long* _keys;
    private readonly int* _levels;
    private readonly int _count;
    private ulong _near;
    private int _rank;

    /// <param name="side">The side.</param>
    /// <param name="window">Where the levels of its window lie.</param>
    /// <param name="far">Its ladder.</param>
    /// <param name="rungs">Where ladders lie.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LevelWalk(BookSide* side, int window, Ladder* far, RungArena rungs)
    {
        // SAFETY: the side and its ladder are in the table.
        _baseKey = NearLevels.BaseKey(side);
        _origin = side->Origin;
        _near = side->Near;
        _window = window;
        _keys = rungs.Keys(far);
        _levels = rungs.Levels(far);
        _count = far->Count;
    }

    /// <summary>The key of the level, after <see cref="MoveNext"/> was true.</summary>
    public long Key { get; private set; }

    /// <summary>Its slot.</summary>
    public int Slot { get; private set; }

    /// <summary>Goes to the next level. False when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        // SAFETY: places of set bits are in the window, ranks below the count in the ladder.
        if (_near == 0)
        {
            return MoveFar();
        }

        long place = NearLevels.BestPlace(_near);
        long key = _baseKey + (place * NearLevels.Tick);
        if (_rank < _count && _keys[_rank] > key)
        {
            return MoveFar();
        }

        Key = key;
        Slot = _window + NearLevels.RoomOf(_origin, place);
        _near ^= 1UL << (int)place;
        return true;
    }

    private bool MoveFar()
    {
        if (_rank >= _count)
        {
            return false;
        }

        Key = _keys[_rank];
        Slot = _levels[_rank++];
        return true;
    }
}
