using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Feeds.BitMex;

/// <summary>A level of a book as the venue names it: 40 bytes. Links are slots plus one, so that 0 is none.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = 40)]
internal struct BitMexLevel
{
    /// <summary>The venue's number for it.</summary>
    public ulong Id;

    /// <summary>1e-9 units.</summary>
    public long Price;

    /// <summary>Contracts.</summary>
    public long Size;

    /// <summary>Whose book.</summary>
    public int Instrument;

    /// <summary>The next level of the instrument; of a free slot, the next free one.</summary>
    public int Next;

    /// <summary>The one before.</summary>
    public int Previous;

    /// <summary>Which side.</summary>
    public Side Side;

    /// <summary>The side as part of the key: <see cref="Core.Events.Side.None"/> where the partial's keys leave it out.</summary>
    public Side KeySide;
}

/// <summary>
/// The levels of all books by the venue's keys: instrument, id and (where the partial says so) side. Open addressing with linear
/// probing over slots that are taken once, at most half full; a removal shifts back what follows, so nothing wears out.
/// </summary>
internal sealed unsafe class BitMexLevels : IDisposable
{
    private readonly NativeBuffer<BitMexLevel> _levelBuffer;
    private readonly NativeBuffer<int> _indexBuffer;
    private readonly NativeBuffer<BitMexTops> _bookBuffer;
    private readonly BitMexLevel* _levels;
    private readonly int* _index;
    private readonly int _mask;
    private int _free;
    private int _used;

    /// <param name="limits">Bounds of levels and instruments.</param>
    public BitMexLevels(EngineLimits limits)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(limits.Levels, 8) * 2);
        _levelBuffer = new NativeBuffer<BitMexLevel>(limits.Levels);
        _indexBuffer = new NativeBuffer<int>(size);
        _bookBuffer = new NativeBuffer<BitMexTops>(limits.Instruments);
        _levels = _levelBuffer.Pointer;
        _index = _indexBuffer.Pointer;
        _mask = size - 1;
    }

    /// <summary>Levels in all books.</summary>
    public int Count { get; private set; }

    /// <summary>The level of a key, or null.</summary>
    public BitMexLevel* Find(int instrument, ulong id, Side keySide)
    {
        // SAFETY: the index is masked to its buffer and at least half empty, so the walk ends; entries name used slots.
        for (int at = Start(instrument, id, keySide); _index[at] != 0; at = (at + 1) & _mask)
        {
            BitMexLevel* level = _levels + _index[at] - 1;
            if (level->Id == id && level->Instrument == instrument && level->KeySide == keySide)
            {
                return level;
            }
        }

        return null;
    }

    /// <summary>Enters a level whose key is not there. Null when there is no room.</summary>
    public BitMexLevel* Add(int instrument, ulong id, Side keySide, Side side, long price, long size)
    {
        int slot = _free != 0 ? _free : _used < _levelBuffer.Length ? _used + 1 : 0;
        if (slot == 0)
        {
            return null;
        }

        // SAFETY: slot − 1 is inside the buffer and free.
        BitMexLevel* level = _levels + slot - 1;
        if (slot == _free)
        {
            _free = level->Next;
        }
        else
        {
            _used++;
        }

        ref BitMexTops book = ref _bookBuffer[instrument];
        *level = new BitMexLevel
        {
            Id = id, Price = price, Size = size, Instrument = instrument, Side = side, KeySide = keySide, Next = book.FirstLevel,
        };
        if (book.FirstLevel != 0)
        {
            _levels[book.FirstLevel - 1].Previous = slot;
        }

        book.FirstLevel = slot;
        int at = Start(instrument, id, keySide);
        while (_index[at] != 0)
        {
            at = (at + 1) & _mask;
        }

        _index[at] = slot;
        Count++;
        book.Set(side, price, size);
        return level;
    }

    /// <summary>Gives a level its size, price and side.</summary>
    public void Change(BitMexLevel* level, Side side, long price, long size)
    {
        // SAFETY: callers pass a level that Find or Add gave and that was not removed since.
        ref BitMexTops book = ref _bookBuffer[level->Instrument];
        if (side != level->Side || price != level->Price)
        {
            book.Set(level->Side, level->Price, 0);
        }

        level->Side = side;
        level->Price = price;
        level->Size = size;
        book.Set(side, price, size);
    }

    /// <summary>Takes a level out.</summary>
    public void Remove(BitMexLevel* level)
    {
        // SAFETY: as in Change; links name used slots.
        ref BitMexTops book = ref _bookBuffer[level->Instrument];
        book.Set(level->Side, level->Price, 0);
        int slot = (int)(level - _levels) + 1;
        RemoveFromIndex(level, slot);
        if (level->Previous != 0)
        {
            _levels[level->Previous - 1].Next = level->Next;
        }
        else
        {
            book.FirstLevel = level->Next;
        }

        if (level->Next != 0)
        {
            _levels[level->Next - 1].Previous = level->Previous;
        }

        level->Size = 0;
        level->Next = _free;
        _free = slot;
        Count--;
    }

    /// <summary>Empties a book.</summary>
    public void Clear(int instrument)
    {
        // SAFETY: the list's links name used slots; each step removes one.
        ref BitMexTops book = ref _bookBuffer[instrument];
        while (book.FirstLevel != 0)
        {
            Remove(_levels + book.FirstLevel - 1);
        }

        book = default;
    }

    /// <summary>The best level of a side; price <see cref="MarketEvent.Absent"/> and size 0 of an empty one.</summary>
    public (long Price, long Size) Best(int instrument, Side side)
    {
        ref BitMexTops book = ref _bookBuffer[instrument];
        if (book.NeedsRefill(side))
        {
            Refill(ref book, side);
        }

        return book.Best(side);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _levelBuffer.Dispose();
        _indexBuffer.Dispose();
        _bookBuffer.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refill(ref BitMexTops book, Side side)
    {
        // SAFETY: as in Clear; nothing is removed meanwhile.
        book.Reset(side);
        for (int slot = book.FirstLevel; slot != 0; slot = _levels[slot - 1].Next)
        {
            BitMexLevel* level = _levels + slot - 1;
            if (level->Side == side && level->Size > 0)
            {
                book.Set(side, level->Price, level->Size);
            }
        }
    }

    private void RemoveFromIndex(BitMexLevel* level, int slot)
    {
        // SAFETY: as in Find; the level is in the index.
        int hole = Start(level->Instrument, level->Id, level->KeySide);
        while (_index[hole] != slot)
        {
            hole = (hole + 1) & _mask;
        }

        for (int at = (hole + 1) & _mask; _index[at] != 0; at = (at + 1) & _mask)
        {
            BitMexLevel* other = _levels + _index[at] - 1;
            int start = Start(other->Instrument, other->Id, other->KeySide);

            // It may move into the hole unless its own start lies behind the hole.
            if (((at - start) & _mask) >= ((at - hole) & _mask))
            {
                _index[hole] = _index[at];
                hole = at;
            }
        }

        _index[hole] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Start(int instrument, ulong id, Side keySide) =>
        (int)(((id ^ ((ulong)(uint)instrument << 40) ^ ((ulong)keySide << 62)) * 0x9E3779B97F4A7C15) >> 32) & _mask;
}
