using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Books;

/// <summary>
/// Orders that came by replacing one that was never seen, as happens where a feed is joined in the middle of its day: id,
/// price and quantity are known from the replacement, the side is not, so they rest in no book. Messages that name one name
/// an order that was seen. At most <see cref="Limit"/> are remembered; further ones count as never seen.
/// </summary>
internal sealed unsafe class SidelessOrders : IDisposable
{
    /// <summary>Most orders remembered.</summary>
    public const int Limit = 1 << 16;

    /// <summary>Bytes of the orders and of their index.</summary>
    public static long Bytes => ((Limit + 1L) * HashedOrderIndex.SlotBytes) + ((long)HashedOrderIndex.Entries(Limit) * sizeof(ulong));

    private const int None = 0;
    private const int Nowhere = -1;

    private readonly NativeBuffer<Entry> _entries = new(Limit + 1);
    private readonly NativeBuffer<ulong> _table = new(HashedOrderIndex.Entries(Limit));
    private readonly HashedOrderIndex _index;
    private int _used = 1;
    private int _free = None;
    private int _count;

    /// <summary>Remembers nothing yet.</summary>
    public SidelessOrders() => _index = new HashedOrderIndex(_table, _entries.Pointer);

    /// <summary>Takes an event whose order is in no book, and fills in what is known of the order.</summary>
    /// <param name="e">The event.</param>
    /// <param name="live">The orders that rest in books.</param>
    /// <returns><see cref="BookStatus.UnknownOrder"/> when the order is not here either.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public BookStatus Apply(ref MarketEvent e, in OrderIndex live)
    {
        int slot = _count > 0 ? _index.Find(e.OrderId) : HashedOrderIndex.Missing;
        if (slot == None)
        {
            if (e.Kind == EventKind.Replace && e.Price > 0 && e.Quantity > 0)
            {
                TryRemember(e.Reference, e, live);
            }

            return BookStatus.UnknownOrder;
        }

        ref Entry entry = ref _entries[slot];
        if (entry.Instrument != e.Instrument)
        {
            return BookStatus.WrongInstrument;
        }

        if (e.Kind is not (EventKind.Replace or EventKind.Modify) && e.Price == MarketEvent.Absent)
        {
            e.Price = entry.Price;
        }

        return e.Kind switch
        {
            EventKind.Delete => Delete(ref e, slot),
            EventKind.Replace => Replace(e, slot, live),
            EventKind.Modify => Modify(e, ref entry),
            _ => Reduce(e, slot),
        };
    }

    /// <summary>Forgets the orders of one instrument.</summary>
    public void Forget(int instrument)
    {
        for (int slot = 1; _count > 0 && slot < _used; slot++)
        {
            if (_entries[slot].Instrument == instrument)
            {
                Remove(slot);
            }
        }
    }

    /// <summary>Forgets the orders of a venue.</summary>
    /// <param name="heads">Say which venue an instrument is of.</param>
    /// <param name="venue">The venue.</param>
    public void Forget(BookHead* heads, Venue venue)
    {
        for (int slot = 1; _count > 0 && slot < _used; slot++)
        {
            // SAFETY: an order is remembered only with an instrument that has a head.
            if (_entries[slot].Instrument != Nowhere && heads[_entries[slot].Instrument].Venue == venue)
            {
                Remove(slot);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _entries.Dispose();
        _table.Dispose();
    }

    private BookStatus Delete(ref MarketEvent e, int slot)
    {
        e.Quantity = _entries[slot].Quantity;
        Remove(slot);
        return BookStatus.SidelessOrder;
    }

    private BookStatus Reduce(in MarketEvent e, int slot)
    {
        if (e.Quantity <= 0)
        {
            return BookStatus.BadValue;
        }

        long left = _entries[slot].Quantity -= e.Quantity;
        if (left <= 0)
        {
            Remove(slot);
        }

        return left < 0 ? BookStatus.ExceedsOrder : BookStatus.SidelessOrder;
    }

    private BookStatus Replace(in MarketEvent e, int slot, in OrderIndex live)
    {
        Remove(slot);
        return e.Price <= 0 || e.Quantity <= 0 ? BookStatus.BadValue
            : TryRemember(e.Reference, e, live) ? BookStatus.SidelessOrder
            : BookStatus.DuplicateOrder;
    }

    private static BookStatus Modify(in MarketEvent e, ref Entry entry)
    {
        if (e.Price <= 0 || e.Quantity <= 0)
        {
            return BookStatus.BadValue;
        }

        entry.Price = e.Price;
        entry.Quantity = e.Quantity;
        return BookStatus.SidelessOrder;
    }

    /// <summary>False only when the id is taken already; an order for which there is no room is let go.</summary>
    private bool TryRemember(ulong id, in MarketEvent e, in OrderIndex live)
    {
        if (live.Find(id) != OrderIndex.Missing || _index.Find(id) != HashedOrderIndex.Missing)
        {
            return false;
        }

        if (_count < Limit)
        {
            int slot = _free != None ? _free : _used++;
            _free = slot == _free ? _entries[slot].NextFree : _free;
            _entries[slot] = new Entry { Id = id, Price = e.Price, Quantity = e.Quantity, Instrument = e.Instrument };
            _index.Add(id, slot);
            _count++;
        }

        return true;
    }

    private void Remove(int slot)
    {
        _index.Remove(_entries[slot].Id);
        _entries[slot].Instrument = Nowhere;
        _entries[slot].NextFree = _free;
        _free = slot;
        _count--;
    }

    /// <summary>The id comes first, as the index wants it.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 8, Size = HashedOrderIndex.SlotBytes)]
    private struct Entry
    {
        public ulong Id;
        public long Price;
        public long Quantity;

        /// <summary><see cref="Nowhere"/> while the slot is free.</summary>
        public int Instrument;

        /// <summary>While the slot is free, the next free slot.</summary>
        public int NextFree;
    }
}
