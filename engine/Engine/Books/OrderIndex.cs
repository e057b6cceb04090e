using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Engine.Core.Memory;

namespace Engine.Books;

/// <summary>
/// Order id → slot, in two parts. The direct one has a place for every id, shared with the ids a table's length apart, and holds of
/// those the one that came last: venues count their ids up, so nearly every order named is found there at once, and neighbours share
/// a cache line. An order that is still live when a later one takes its place moves to the hashed one, which has room for all.
/// </summary>
/// <remarks>
/// What an entry says is believed only if the slot has the id. Slots are offsets in bytes; slot 0 belongs to no order, and whoever finds its id
/// to be the one that was asked for has found nothing.
/// </remarks>
internal unsafe struct OrderIndex
{
    /// <summary>The slot of an id that is not there.</summary>
    public const int Missing = 0;

    private const uint Spread = 0x9E3779B1;
    private const int FewestPlaces = 64;

    private readonly int* _direct;
    private readonly uint _mask;
    private readonly byte* _slots;
    private readonly HashedOrderIndex _hashed;
    private ulong _greatestDisplaced;

    /// <param name="direct">Memory of the direct part, empty: as many as <see cref="Places"/> gives; it outlives the index.</param>
    /// <param name="hashed">Memory of the hashed part, likewise.</param>
    /// <param name="slots">Where the slots lie, from slot 0.</param>
    public OrderIndex(NativeBuffer<int> direct, NativeBuffer<ulong> hashed, Node* slots)
    {
        _direct = direct.Pointer;
        _mask = (uint)direct.Length - 1;
        _slots = (byte*)slots;
        _hashed = new HashedOrderIndex(hashed, slots);
    }

    /// <summary>Orders that are in the hashed part now.</summary>
    public int Displaced { readonly get; private set; }

    /// <summary>How many places the direct part has.</summary>
    /// <param name="orders">Most ids at once.</param>
    public static int Places(int orders) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(orders, FewestPlaces));

    /// <summary>An id's place in the direct part. Upper halves, where a venue has them, spread equal lower ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int* PlaceOf(ulong id)
    {
        uint place = (uint)id;
        if (id > uint.MaxValue)
        {
            place += (uint)(id >> 32) * Spread;
        }

        return _direct + (place & _mask);
    }

    /// <summary>The slot of an id that its place does not name, or <see cref="Missing"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public readonly int FindDisplaced(ulong id) => id <= _greatestDisplaced && Displaced > 0 ? _hashed.Find(id) * Node.Bytes : Missing;

    /// <summary>The slot of an id, or <see cref="Missing"/>.</summary>
    public readonly int Find(ulong id)
    {
        // SAFETY: a place lies in the table, and names a slot.
        int slot = *PlaceOf(id);
        return slot != Missing && ((Order*)(_slots + (uint)slot))->Id == id ? slot : FindDisplaced(id);
    }

    /// <summary>Whether an id is certainly not there, and its place free, for the caller to write the slot to: nearly always, since ids count up
    /// and those displaced are old. Where one with a great id stays displaced, ids below it are never certain, and go the way that looks.</summary>
    /// <param name="id">The id.</param>
    /// <param name="place">Its place.</param>
    // SAFETY: as in Find.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsFree(ulong id, int* place) => *place == Missing && id > _greatestDisplaced;

    /// <summary>Makes an id's place free: an order that has it moves to the hashed part. False when the id is there already.</summary>
    /// <param name="id">The id.</param>
    /// <param name="place">Its place.</param>
    public bool TryClaim(ulong id, int* place)
    {
        if (Find(id) != Missing)
        {
            return false;
        }

        // SAFETY: as in Find.
        int slot = *place;
        if (slot != Missing)
        {
            ulong older = ((Order*)(_slots + (uint)slot))->Id;
            _hashed.Add(older, slot / Node.Bytes);
            *place = Missing;
            Displaced++;
            _greatestDisplaced = Math.Max(_greatestDisplaced, older);
        }

        return true;
    }

    /// <summary>Removes an id that is there.</summary>
    /// <param name="id">The id.</param>
    /// <param name="place">Its place.</param>
    /// <param name="slot">Its slot, which still has the id.</param>
    public void Remove(ulong id, int* place, int slot)
    {
        // SAFETY: as in Find.
        if (*place == slot)
        {
            *place = Missing;
        }
        else
        {
            _hashed.Remove(id);
            Displaced--;
            _greatestDisplaced = Displaced == 0 ? 0 : _greatestDisplaced;
        }
    }

    /// <summary>Asks the processor for the line an id's place lies in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Prefetch(ulong id)
    {
        if (Sse.IsSupported)
        {
            // SAFETY: a prefetch never faults.
            Sse.Prefetch0(PlaceOf(id));
        }
    }
}
