using System.Numerics;

namespace Engine.Books;

/// <content>The full state of books, folded into the digest.</content>
public sealed unsafe partial class OrderBooks
{
    /// <summary>Folds the full state of every book into the digest: at the end of a run, so that it covers what rests.</summary>
    public void FoldFullState()
    {
        for (int i = 0; i < _instruments; i++)
        {
            FoldState(i);
        }
    }

    private void FoldState(int instrument)
    {
        _digest.Mix((ulong)instrument);
        FoldSide(instrument << 1);
        FoldSide((instrument << 1) + 1);
    }

    /// <summary>The worst level goes first.</summary>
    private void FoldSide(int side)
    {
        // SAFETY: places of set bits and ranks below Count are live.
        BookSide* book = SideAt(side);
        Ladder* far = _far + side;
        ulong near = book->Near;
        int rank = far->Count - 1;
        while (near != 0 || rank >= 0)
        {
            int place = BitOperations.TrailingZeroCount(near);
            if (rank < 0 || (near != 0 && NearLevels.BaseKey(book) + (place * NearLevels.Tick) < _rungs.Keys(far)[rank]))
            {
                near &= near - 1;
                FoldLevel(WindowOf(side) + NearLevels.RoomOf(book->Origin, place));
            }
            else
            {
                FoldLevel(_rungs.Levels(far)[rank--]);
            }
        }
    }

    private void FoldLevel(int slot)
    {
        // SAFETY: the level is live, and its queue ends at it.
        Level* level = LevelAt(slot);
        _digest.Mix((ulong)level->Price);
        _digest.Mix((ulong)level->Quantity);
        for (int o = level->Next; o != slot; o = NodeAt(o)->Next)
        {
            _digest.Mix(OrderAt(o)->Id);
            _digest.Mix(OrderAt(o)->Quantity);
        }
    }
}
