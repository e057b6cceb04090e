namespace Engine.Simulator.Live;

/// <summary>A packet that waits.</summary>
internal readonly ref struct WaitingPacket
{
    /// <summary>The packet; valid until the next one is added.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Its messages.</summary>
    public int Messages { get; init; }

    /// <summary>How often it is to be sent.</summary>
    public int Copies { get; init; }
}

/// <summary>Packets that wait in the order in which they came, in memory taken at the start.</summary>
internal sealed class WaitingPackets
{
    /// <summary>Most packets behind a stall.</summary>
    public const int StallLimit = 4_096;

    /// <summary>Longest packet: an Ethernet frame's payload.</summary>
    public const int PayloadLimit = 1_472;

    private readonly byte[] _bytes;
    private readonly (int Length, int Messages, int Copies, long Due)[] _packets;
    private readonly int[] _order;

    /// <param name="limit">Most packets.</param>
    public WaitingPackets(int limit)
    {
        _bytes = new byte[limit * PayloadLimit];
        _packets = new (int, int, int, long)[limit];
        _order = new int[limit];
        for (int i = 0; i < limit; i++)
        {
            _order[i] = i;
        }
    }

    /// <summary>Packets that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no further packet fits.</summary>
    public bool IsFull => Count == _packets.Length;

    /// <summary>Adds a packet; there must be room.</summary>
    /// <param name="payload">At most <see cref="PayloadLimit"/> bytes.</param>
    /// <param name="messages">Its messages.</param>
    /// <param name="copies">How often it is to be sent.</param>
    /// <param name="due">From when on it may be taken.</param>
    public void Add(ReadOnlySpan<byte> payload, int messages, int copies, long due)
    {
        int slot = _order[Count++];
        payload.CopyTo(_bytes.AsSpan(slot * PayloadLimit, PayloadLimit));
        _packets[slot] = (payload.Length, messages, copies, due);
    }

    /// <summary>Takes the oldest packet that is due.</summary>
    /// <param name="now">Packets due at or before it may go.</param>
    /// <param name="packet">The packet.</param>
    /// <returns>False when none is due.</returns>
    public bool TryTakeDue(long now, out WaitingPacket packet)
    {
        packet = default;
        for (int i = 0; i < Count; i++)
        {
            int slot = _order[i];
            (int length, int messages, int copies, long due) = _packets[slot];
            if (due <= now)
            {
                Count--;
                Array.Copy(_order, i + 1, _order, i, Count - i);
                _order[Count] = slot;
                packet = new WaitingPacket
                {
                    Payload = _bytes.AsSpan(slot * PayloadLimit, length), Messages = messages, Copies = copies,
                };
                return true;
            }
        }

        return false;
    }
}
