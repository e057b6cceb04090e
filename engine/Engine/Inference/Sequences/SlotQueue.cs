namespace Engine.Inference.Sequences;

/// <summary>Slots with something to do, first come first served, each at most once.</summary>
internal sealed class SlotQueue
{
    private readonly int[] _slots;
    private readonly bool[] _waits;
    private int _head;
    private int _count;

    /// <param name="capacity">Slots that there are.</param>
    public SlotQueue(int capacity)
    {
        _slots = new int[capacity];
        _waits = new bool[capacity];
    }

    /// <summary>Whether no slot waits.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>The slot that has waited longest. There must be one.</summary>
    public int First => _slots[_head];

    /// <summary>Adds a slot, if it does not wait already.</summary>
    public void Add(int slot)
    {
        if (!_waits[slot])
        {
            _waits[slot] = true;
            int at = _head + _count++;
            _slots[at < _slots.Length ? at : at - _slots.Length] = slot;
        }
    }

    /// <summary>Takes the first slot out.</summary>
    public void RemoveFirst()
    {
        _waits[First] = false;
        _head = _head + 1 < _slots.Length ? _head + 1 : 0;
        _count--;
    }

    /// <summary>Takes every slot out.</summary>
    public void Clear()
    {
        Array.Clear(_waits);
        _head = _count = 0;
    }
}
