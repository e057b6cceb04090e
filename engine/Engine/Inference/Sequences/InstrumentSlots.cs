using System.Runtime.CompilerServices;

namespace Engine.Inference.Sequences;

/// <summary>Which piece of memory an instrument has: handed out on its first tick, in order, until there is none left.</summary>
internal sealed class InstrumentSlots
{
    // One more than the slot; 0 where the instrument has none.
    private readonly int[] _slots;

    /// <param name="instruments">Instruments of the run.</param>
    /// <param name="capacity">Pieces of memory.</param>
    public InstrumentSlots(int instruments, int capacity)
    {
        _slots = new int[instruments];
        Capacity = capacity;
    }

    /// <summary>Pieces of memory.</summary>
    public int Capacity { get; }

    /// <summary>Pieces handed out.</summary>
    public int Count { get; private set; }

    /// <summary>The instrument's piece, or −1 where none is left for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(int instrument)
    {
        int[] slots = _slots;
        if ((uint)instrument >= (uint)slots.Length)
        {
            return -1;
        }

        int slot = slots[instrument] - 1;
        return slot >= 0 ? slot : Assign(instrument);
    }

    /// <summary>Takes every piece back.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        Count = 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Assign(int instrument)
    {
        if (Count == Capacity)
        {
            return -1;
        }

        _slots[instrument] = ++Count;
        return Count - 1;
    }
}
