using System.Buffers.Binary;

namespace Engine.Simulator.Live;

/// <summary>
/// The market as of a message, built from the ITCH messages alone: directory, states and live orders. Knows nothing of any book
/// but the queue numbers that it gives out: an order that comes or replaces another goes behind all others.
/// </summary>
public sealed class ItchOrderMap
{
    private readonly Dictionary<ulong, Order> _orders = [];
    private readonly SortedDictionary<ushort, byte[]> _directory = [];
    private readonly SortedDictionary<ushort, byte[]> _states = [];
    private readonly SortedDictionary<ushort, byte[]> _restrictions = [];
    private ulong _arrivals;

    /// <summary>Live orders.</summary>
    public int Count => _orders.Count;

    /// <summary>Messages that named an order that is not live, or took more than it held; 0 for a sound feed.</summary>
    public long Contradictions { get; private set; }

    /// <summary>Takes the next message.</summary>
    /// <param name="m">One whole ITCH 5.0 message.</param>
    public void Apply(ReadOnlySpan<byte> m)
    {
        switch ((char)m[0])
        {
            case 'R':
                _directory[Locate(m)] = m.ToArray();
                break;
            case 'H':
                _states[Locate(m)] = m.ToArray();
                break;
            case 'Y':
                _restrictions[Locate(m)] = m.ToArray();
                break;
            case 'A' or 'F':
                Add(m);
                break;
            case 'E' or 'C' or 'X':
                Reduce(U64(m, 11), U32(m, 19));
                break;
            case 'D':
                Contradictions += _orders.Remove(U64(m, 11)) ? 0 : 1;
                break;
            case 'U':
                Replace(m);
                break;
        }
    }

    /// <summary>
    /// Hands out the snapshot: for every instrument its directory entry, state and restriction, then every live order as the A or
    /// F message that would add it, instrument by instrument, bids before asks, best price first, each queue from its oldest.
    /// </summary>
    /// <param name="take">Takes one message; valid during the call only.</param>
    public void Snapshot(Action<ReadOnlyMemory<byte>> take)
    {
        foreach (SortedDictionary<ushort, byte[]> part in new[] { _directory, _states, _restrictions })
        {
            foreach (byte[] message in part.Values)
            {
                take(message);
            }
        }

        Order[] orders = [.. _orders.Values];
        Array.Sort(orders, InPriority);
        foreach (Order order in orders)
        {
            BinaryPrimitives.WriteUInt32BigEndian(order.Message.AsSpan(20), order.Shares);
            take(order.Message);
        }
    }

    private static ushort Locate(ReadOnlySpan<byte> m) => BinaryPrimitives.ReadUInt16BigEndian(m[1..]);

    private static uint U32(ReadOnlySpan<byte> m, int at) => BinaryPrimitives.ReadUInt32BigEndian(m[at..]);

    private static ulong U64(ReadOnlySpan<byte> m, int at) => BinaryPrimitives.ReadUInt64BigEndian(m[at..]);

    private static int InPriority(Order a, Order b)
    {
        int locate = Locate(a.Message).CompareTo(Locate(b.Message));
        int side = a.Message[19].CompareTo(b.Message[19]); // B comes before S
        int price = U32(a.Message, 32).CompareTo(U32(b.Message, 32));
        return locate != 0 ? locate
            : side != 0 ? side
            : price != 0 ? (a.Message[19] == 'B' ? -price : price)
            : a.Arrival.CompareTo(b.Arrival);
    }

    private void Add(ReadOnlySpan<byte> m)
    {
        var order = new Order { Message = m.ToArray(), Shares = U32(m, 20), Arrival = _arrivals++ };
        Contradictions += _orders.TryAdd(U64(m, 11), order) ? 0 : 1;
    }

    private void Reduce(ulong id, uint shares)
    {
        if (!_orders.TryGetValue(id, out Order? order) || shares > order.Shares)
        {
            Contradictions++;
            return;
        }

        order.Shares -= shares;
        if (order.Shares == 0)
        {
            _orders.Remove(id);
        }
    }

    // Side, stock and attribution come from the old order; tracking number and time from the message.
    private void Replace(ReadOnlySpan<byte> m)
    {
        if (!_orders.Remove(U64(m, 11), out Order? order))
        {
            Contradictions++;
            return;
        }

        m[3..11].CopyTo(order.Message.AsSpan(3));
        m[19..27].CopyTo(order.Message.AsSpan(11));
        m[31..35].CopyTo(order.Message.AsSpan(32));
        order.Shares = U32(m, 27);
        order.Arrival = _arrivals++;
        Contradictions += _orders.TryAdd(U64(m, 19), order) ? 0 : 1;
    }

    private sealed class Order
    {
        /// <summary>The A or F that would add it; its shares are written when it is handed out.</summary>
        public required byte[] Message { get; init; }

        public required uint Shares { get; set; }

        public required ulong Arrival { get; set; }
    }
}
