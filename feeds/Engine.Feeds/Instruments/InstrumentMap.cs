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
/// full, nothing removed.
/// </summary>
internal sealed unsafe class InstrumentMap : IDisposable
{
    private readonly NativeBuffer<InstrumentSlot> _slots;
    private readonly InstrumentSlot* _first;
    private readonly int _mask;
    private readonly int _limit;
    private int _count;

    /// <param name="limit">Most keys.</param>
    public InstrumentMap(int limit)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(limit, 8) * 2);
        _slots = new NativeBuffer<InstrumentSlot>(size);
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

    /// <summary>A new slot for a key that <see cref="Find"/> does not know, or null when the map is full.</summary>
    public InstrumentSlot* Add(ulong key)
    {
        if (_count == _limit)
        {
            return null;
        }

        int at = Start(key);
        while (_first[at].Key != 0)
        {
            at = (at + 1) & _mask;
        }

        _count++;
        _first[at].Key = key;
        return _first + at;
    }

    /// <summary>All slots, empty ones included: for cold paths.</summary>
    public Span<InstrumentSlot> Slots => _slots.Span;

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _slots.Dispose();

    private int Start(ulong key) => (int)((key * 0x9E3779B97F4A7C15) >> 40) & _mask;
}
