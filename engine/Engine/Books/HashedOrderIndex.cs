using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Engine.Core.Memory;

namespace Engine.Books;

/// <summary>
/// Order id → slot: open addressing with linear probing in the order of homes (Robin Hood), at most half full, removal by
/// shifting back (no tombstones), so that a probe's length depends on the live orders only. Ids come nearly in sequence, so 64
/// neighbouring ids are kept side by side (blocks are hashed, not ids): a new order's entry lies in a cache line that the one
/// before it brought in.
/// </summary>
/// <remarks>
/// <code>
///  63                             38 37       32 31                    0
/// +---------------------------------+-----------+-----------------------+
/// | hash of id / 64, upper 26 bits  | id mod 64 | slot; 0 is empty      |
/// +---------------------------------+-----------+-----------------------+
/// </code>
/// The upper half, the tag, gives an entry's home; the id itself lies in the slot, and is compared there. Slots count from 1.
/// </remarks>
internal readonly unsafe struct HashedOrderIndex
{
    /// <summary>The slot of an id that is not there.</summary>
    public const int Missing = 0;

    /// <summary>Bytes of a slot; the id is its first eight.</summary>
    public const int SlotBytes = 32;

    private const int BlockBits = 6;
    private const uint BlockMask = (1 << BlockBits) - 1;
    private const int HashBits = 32 - BlockBits;
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    private readonly ulong* _table;
    private readonly byte* _slots;
    private readonly uint _mask;
    private readonly int _shift;
    private readonly ulong _homeMask;

    /// <param name="table">Memory of the entries, empty: as many as <see cref="Entries"/> gives; it outlives the index.</param>
    /// <param name="slots">Where the slots lie, from slot 0, which is no id's.</param>
    public HashedOrderIndex(NativeBuffer<ulong> table, void* slots)
    {
        _table = table.Pointer;
        _slots = (byte*)slots;
        _mask = (uint)table.Length - 1;
        _shift = 64 - (BitOperations.Log2((uint)table.Length) - BlockBits);
        _homeMask = (~0UL << _shift) | ((ulong)BlockMask << 32);
    }

    /// <summary>How many entries a table has.</summary>
    /// <param name="orders">Most ids at once, at most 2²⁹.</param>
    public static int Entries(int orders)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(orders, 1 << 29);
        return (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(orders * 2, 2 << BlockBits));
    }

    /// <summary>The slot of an id, or <see cref="Missing"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ulong id) => Find(id, out _);

    /// <summary>The slot of an id, or <see cref="Missing"/>.</summary>
    /// <param name="id">The id.</param>
    /// <param name="at">Its entry.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Find(ulong id, out uint at)
    {
        at = Home(id);

        // SAFETY: a home lies in the table; an entry names a slot, and an empty one slot 0.
        ulong slot = (uint)_table[at];
        if (*(ulong*)(_slots + (slot * SlotBytes)) != id)
        {
            ulong place = slot == Missing ? Missing : FindBehind(id, at);
            slot = (uint)place;
            at = (uint)(place >> 32);
        }

        return (int)slot;
    }

    /// <summary>Adds an id that is not there. The caller keeps the count within the limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong id, int slot)
    {
        uint at = Home(id);
        ulong entry = Entry(id, slot);

        // SAFETY: as in Find.
        if (_table[at] == 0)
        {
            _table[at] = entry;
        }
        else
        {
            AddBehind(at, entry);
        }
    }

    /// <summary>Removes an id that is there.</summary>
    public void Remove(ulong id)
    {
        _ = Find(id, out uint at);

        // SAFETY: as in Find.
        uint next = (at + 1) & _mask;
        ulong behind = _table[next];
        if ((behind != 0) & (HomeOf(behind) != next))
        {
            MoveUp(at);
        }
        else
        {
            _table[at] = 0;
        }
    }

    /// <summary>The home holds another id's entry.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong FindBehind(ulong id, uint at)
    {
        // SAFETY: every index is masked to the table; the table is never full, so the walk ends at an empty entry.
        ulong tag = Entry(id, 0) >> 32;
        for (at = (at + 1) & _mask; ; at = (at + 1) & _mask)
        {
            ulong entry = _table[at];
            ulong slot = (uint)entry;
            if (slot == Missing)
            {
                return Missing;
            }

            if (entry >> 32 == tag && *(ulong*)(_slots + (slot * SlotBytes)) == id)
            {
                return slot | ((ulong)at << 32);
            }
        }
    }

    /// <summary>The home is taken: whoever is nearer to its own home makes room for who is farther from it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddBehind(uint at, ulong entry)
    {
        // SAFETY: as in FindBehind; the table is at most half full, so the walk ends at an empty entry.
        for (uint distance = 0; _table[at] != 0; at = (at + 1) & _mask, distance++)
        {
            uint other = (at - HomeOf(_table[at])) & _mask;
            if (other < distance)
            {
                (entry, _table[at]) = (_table[at], entry);
                distance = other;
            }
        }

        _table[at] = entry;
    }

    /// <summary>Closes a hole: entries are in the order of their homes, so the first that is at home ends what may move up.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MoveUp(uint hole)
    {
        // SAFETY: as in FindBehind.
        for (uint next = (hole + 1) & _mask; _table[next] != 0 && HomeOf(_table[next]) != next; next = (next + 1) & _mask)
        {
            _table[hole] = _table[next];
            hole = next;
        }

        _table[hole] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Home(ulong id) => ((uint)(((id >> BlockBits) * Multiplier) >> _shift) << BlockBits) | ((uint)id & BlockMask);

    /// <summary>The home of an entry: the bits of its tag that make one lie in the order in which a home has them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint HomeOf(ulong entry) => Bmi2.X64.IsSupported
        ? (uint)Bmi2.X64.ParallelBitExtract(entry, _homeMask)
        : ((uint)(entry >> _shift) << BlockBits) | ((uint)(entry >> 32) & BlockMask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Entry(ulong id, int slot) =>
        (((id >> BlockBits) * Multiplier) & ~0UL << (64 - HashBits)) | ((id & BlockMask) << 32) | (uint)slot;
}
