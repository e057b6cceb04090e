using System.Diagnostics;
using System.Numerics;

namespace Engine.Books;

/// <content>The window of a side follows the touch: levels go out of it into the ladder, and come in, with their queues.</content>
public sealed unsafe partial class OrderBooks
{
    /// <summary>Moves a side's window so that a price outside has a place: a better one, or a worse one where the best level of the window has sunk, or
    /// any where the window is empty. Not where the ladder is so long, or so many orders would have to be told, that one event would pay for many.</summary>
    private bool TryReach(int side, long price)
    {
        if (!NearLevels.IsOnTick(price) || _far[side].Count > NearLevels.LongestLadder)
        {
            return false;
        }

        // SAFETY: the side is in the table. Everything in keys from here on.
        BookSide* book = SideAt(side);
        long key = KeyOf(price, side), top = key;
        if (book->Near != 0)
        {
            long best = NearLevels.BestPlace(book->Near);
            top = Math.Max(key, NearLevels.BaseKey(book) + (best * NearLevels.Tick));
            if (top != key && best >= NearLevels.Sunk)
            {
                return false;
            }
        }

        long baseKey = top - (NearLevels.Touch * NearLevels.Tick);
        if (key < baseKey || OrdersMoved(side, baseKey) > NearLevels.MostMoved)
        {
            return false;
        }

        MoveWindow(side, baseKey);
        return true;
    }

    /// <summary>Orders of the levels that would leave a side's window, or come into it, each of which names its level.</summary>
    private long OrdersMoved(int side, long baseKey)
    {
        // SAFETY: as in MoveWindow.
        BookSide* book = SideAt(side);
        int window = WindowOf(side);
        long by = (baseKey - NearLevels.BaseKey(book)) / NearLevels.Tick, orders = 0;
        for (ulong left = book->Near; left != 0; left &= left - 1)
        {
            int place = BitOperations.TrailingZeroCount(left);
            orders += (ulong)(place - by) >= NearLevels.Window ? LevelAt(window + NearLevels.RoomOf(book->Origin, place))->Count : 0;
        }

        Ladder* far = _far + side;
        for (int rank = _rungs.Rank(far, TopKey(baseKey)); rank < far->Count && _rungs.Keys(far)[rank] >= baseKey; rank++)
        {
            orders += LevelAt(_rungs.Levels(far)[rank])->Count;
        }

        return orders;
    }

    /// <summary>The key of the best place of a window.</summary>
    private static long TopKey(long baseKey) => baseKey + ((NearLevels.Window - 1) * NearLevels.Tick);

    /// <summary>Moves a side's window: levels that leave it go to the ladder, levels of the ladder that it reaches come in. What stays lies where it lay.</summary>
    private void MoveWindow(int side, long baseKey)
    {
        // SAFETY: places are below Window; ranks below the ladder's count.
        BookHead* head = HeadOf(side);
        BookSide* book = SideAt(side);
        int window = WindowOf(side);
        long oldKey = NearLevels.BaseKey(book);
        long by = (baseKey - oldKey) / NearLevels.Tick;
        for (ulong left = book->Near; left != 0; left &= left - 1)
        {
            int place = BitOperations.TrailingZeroCount(left);
            if ((ulong)(place - by) >= NearLevels.Window)
            {
                // A ladder has room for all levels that its side may have.
                int slot = OpenFar(side, oldKey + (place * NearLevels.Tick));
                Debug.Assert(slot != None, "no room in a ladder for a level that its side has");
                Rehouse(window + NearLevels.RoomOf(book->Origin, place), slot);
                book->Near &= ~(1UL << place);
            }
        }

        // What stays has a place in the window before and after, so that nothing is shifted out.
        int from = (int)Math.Clamp(by, 0, NearLevels.Window), to = (int)Math.Clamp(-by, 0, NearLevels.Window);
        book->Near = book->Near == 0 ? 0 : book->Near >> from << to;
        book->Origin = baseKey * NearLevels.Scale;
        head->Reach = NearLevels.Reach(NearLevels.BaseKey(&head->Bid), NearLevels.BaseKey(&head->Ask));
        Ladder* far = _far + side;
        for (int rank = _rungs.Rank(far, TopKey(baseKey)); rank < far->Count && _rungs.Keys(far)[rank] >= baseKey;)
        {
            long price = KeyOf(_rungs.Keys(far)[rank], side);
            ulong place = NearLevels.Place(book, price);
            if (place >= NearLevels.Window)
            {
                rank++;
                continue;
            }

            int slot = _rungs.Levels(far)[rank];
            Rehouse(slot, NearSlot(side, price));
            FreeSlot(slot);
            book->Near |= 1UL << (int)place;
            _rungs.Close(far, rank);
        }
    }

    /// <summary>Moves a level with its queue from one slot to another of the same side, and leaves the first empty.</summary>
    private void Rehouse(int from, int to)
    {
        // SAFETY: both slots are levels', the queue is live and ends at its level.
        Level* source = LevelAt(from);
        Level* target = LevelAt(to);
        target->Price = source->Price;
        target->Quantity = source->Quantity;
        target->Count = source->Count;
        if (source->Count != 0)
        {
            target->Next = source->Next;
            target->Previous = source->Previous;
            NodeAt(source->Next)->Previous = to;
            NodeAt(source->Previous)->Next = to;
            for (int o = target->Next; o != to; o = NodeAt(o)->Next)
            {
                OrderAt(o)->Level = to;
            }
        }

        source->Quantity = 0;
        source->Count = 0;
        source->Next = from;
        source->Previous = from;
    }

    /// <summary>Makes the levels near the touch of a book that has none yet: empty, each of its side.</summary>
    private void Furnish(int instrument)
    {
        for (int side = instrument << 1; side <= ((instrument << 1) | 1); side++)
        {
            for (int slot = WindowOf(side); slot < WindowOf(side + 1); slot += Node.Bytes)
            {
                // SAFETY: every side of the table has its room.
                LevelAt(slot)->Side = side;
                LevelAt(slot)->Next = slot;
                LevelAt(slot)->Previous = slot;
            }
        }
    }
}
