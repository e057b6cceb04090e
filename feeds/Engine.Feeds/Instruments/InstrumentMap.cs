using System.Numerics;
using System.Runtime.InteropServices;
using Engine.Core.Memory;

namespace Engine.Feeds.Instruments;

/// <summary>A key's place in the map.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct InstrumentSlot
{
    /// <summary>The venue's key; 0 in an empty slot.</summary>
    public ulong Key;

    /// <summary>See <see cref="InstrumentEntry"/>.</summary>
    public int Entry;

    /// <summary>What else the venue's decoder keeps for the instrument.</summary>
    public int Extra;
}

/// <summary>
/// Maps a venue's 64-bit keys (a symbol's letters, a symbol index) to instruments: open addressing, linear probing, at most half
/// full, nothing removed. Keys whose instruments found no room take at most half of it.
/// </summary>
internal sealed unsafe class InstrumentMap : IDisposable
{
    private readonly NativeBuffer<InstrumentSlot> _slots;
    private readonly InstrumentSlot* _first;
    private readonly int _mask;
    private readonly int _limit;
    private int _count;
    private int _refusedCount;

    /// <param name="limit">Most instruments; there may be twice as many keys.</param>
    public InstrumentMap(int limit)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(limit, 8) * 4);
        _slots = new NativeBuffer<InstrumentSlot>(size + 1);
        _first = _slots.Pointer;
        _mask = size - 1;
        _limit = limit;
    }

    /// <summary>The slot of a key, or null.</summary>
    /// <param name="key">Not 0.</param>
    public InstrumentSlot* Find(ulong key)
    {
        // SAFETY: the index is masked to the buffer; at least half of the slots are empty, so the walk ends.
        for (int at = Start(key); _first[at].Key != 0; at = (at + 1) & _mask)
        {
            if (_first[at].Key == key)
            {
                return _first + at;
            }
        }

        return null;
    }

    /// <summary>Whether there is no room for another key.</summary>
    public bool IsFull => _count == 2 * _limit;

    /// <summary>A new slot with an entry for a key that <see cref="Find"/> does not know, or null when the map is full.</summary>
    public InstrumentSlot* Add(ulong key, int entry)
    {
        bool isRefused = InstrumentEntry.IsRefused(entry);
        if (IsFull || (isRefused && _refusedCount == _limit))
        {
            return null;
        }

        int at = Start(key);
        while (_first[at].Key != 0)
        {
            at = (at + 1) & _mask;
        }

        _count++;
        _refusedCount += isRefused ? 1 : 0;
        _first[at].Key = key;
        _first[at].Entry = entry;
        return _first + at;
    }

    /// <summary>A slot of no key, for what finds no room in the map either: good until the next one is asked for.</summary>
    public InstrumentSlot* Overflow()
    {
        // SAFETY: one slot more than the walks see was allocated.
        InstrumentSlot* slot = _first + _mask + 1;
        *slot = new InstrumentSlot { Entry = InstrumentEntry.RefusedUnnamed };
        return slot;
    }

    /// <summary>All slots, empty ones included: for cold paths.</summary>
    public Span<InstrumentSlot> Slots => _slots.Span[..^1];

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _slots.Dispose();

    private int Start(ulong key) => (int)((key * 0x9E3779B97F4A7C15) >> 40) & _mask;
}
