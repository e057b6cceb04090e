using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Memory;

namespace Engine.Books;

/// <summary>
/// Order id → slot: open addressing with linear probing in the order of homes (Robin Hood), at most half full, removal by
/// shifting back (no tombstones), so that a probe's length depends on the live orders only. Ids come nearly in sequence, so 64
/// neighbouring ids are kept side by side (blocks are hashed, not ids): a new order's entry lies in a cache line that the one
/// before it brought in.
/// </summary>
internal sealed unsafe class OrderIndex : IDisposable
{
    /// <summary>Answer of <see cref="Find"/> when the id is not there.</summary>
    public const int Missing = -1;

    private readonly NativeBuffer<Entry> _entries;
    private readonly Entry* _table;
    private readonly uint _mask;
    private readonly int _shift;

    private const int BlockBits = 6;
    private const uint BlockMask = (1 << BlockBits) - 1;

    /// <param name="orders">Most ids at once.</param>
    public OrderIndex(int orders)
    {
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(orders * 2, 2 << BlockBits));
        _entries = new NativeBuffer<Entry>(capacity);
        _table = _entries.Pointer;
        _mask = (uint)capacity - 1;
        _shift = 64 - (BitOperations.Log2((uint)capacity) - BlockBits);
    }

    /// <summary>The slot of an id, or <see cref="Missing"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ulong id)
    {
        // SAFETY: every index is masked to the table; the table is never full, so the walk ends at an empty entry.
        for (uint i = Home(id); ; i = (i + 1) & _mask)
        {
            Entry* entry = _table + i;
            if (entry->SlotPlusOne == 0)
            {
                return Missing;
            }

            if (entry->Id == id)
            {
                return entry->SlotPlusOne - 1;
            }
        }
    }

    /// <summary>Adds an id that is not there. The caller keeps the count within the limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong id, int slot)
    {
        uint i = Home(id);

        // SAFETY: as in Find.
        if (_table[i].SlotPlusOne != 0)
        {
            AddBehind(i, id, slot);
            return;
        }

        _table[i].Id = id;
        _table[i].SlotPlusOne = slot + 1;
    }

    /// <summary>Removes an id that is there.</summary>
    public void Remove(ulong id)
    {
        uint hole = Home(id);

        // SAFETY: as in Find; the id is present, so the first walk ends on it.
        while (_table[hole].Id != id || _table[hole].SlotPlusOne == 0)
        {
            hole = (hole + 1) & _mask;
        }

        // Entries are in the order of their homes, so the first that is at home ends what may move up.
        for (uint next = (hole + 1) & _mask; _table[next].SlotPlusOne != 0 && Home(_table[next].Id) != next; next = (next + 1) & _mask)
        {
            _table[hole] = _table[next];
            hole = next;
        }

        _table[hole] = default;
    }

    /// <summary>Asks the processor for the line an id lives in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong id)
    {
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported)
        {
            // SAFETY: a prefetch never faults.
            System.Runtime.Intrinsics.X86.Sse.Prefetch0(_table + Home(id));
        }
    }

    /// <summary>Forgets every id.</summary>
    public void Clear() => _entries.Span.Clear();

    /// <inheritdoc/>
    public void Dispose() => _entries.Dispose();

    /// <summary>The home is taken: whoever is nearer to its own home makes room for who is farther from it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddBehind(uint i, ulong id, int slot)
    {
        var entry = new Entry { Id = id, SlotPlusOne = slot + 1 };

        // SAFETY: as in Find; the table is at most half full, so the walk ends at an empty entry.
        for (uint distance = 0; _table[i].SlotPlusOne != 0; i = (i + 1) & _mask, distance++)
        {
            uint other = (i - Home(_table[i].Id)) & _mask;
            if (other < distance)
            {
                (entry, _table[i]) = (_table[i], entry);
                distance = other;
            }
        }

        _table[i] = entry;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Home(ulong id) => ((uint)(((id >> BlockBits) * 0x9E3779B97F4A7C15) >> _shift) << BlockBits) | ((uint)id & BlockMask);

    [StructLayout(LayoutKind.Sequential, Pack = 8, Size = 16)]
    private struct Entry
    {
        public ulong Id;

        /// <summary>0 marks an empty entry.</summary>
        public int SlotPlusOne;
    }
}
