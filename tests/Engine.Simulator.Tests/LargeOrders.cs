using System.Buffers.Binary;
using System.Text;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Tests;

/// <summary>Follows the orders of 1,000 shares and more: when they came, and how they went.</summary>
internal sealed class LargeOrders : IMessageSink
{
    private const uint Least = 1_000;
    private readonly Dictionary<ulong, Order> _live = [];
    private readonly List<Order> _all = [];

    public IEnumerable<Order> Of(string symbol) => _all.Where(order => order.Symbol == symbol);

    public void Finish(long timeNanos)
    {
    }

    public void Message(long timeNanos, ReadOnlySpan<byte> m)
    {
        if (m[0] is (byte)'A' or (byte)'F' && BinaryPrimitives.ReadUInt32BigEndian(m[20..]) is >= Least and var shares)
        {
            var order = new Order(Encoding.ASCII.GetString(m.Slice(24, 8)).TrimEnd(), timeNanos) { Shares = shares };
            _live.Add(BinaryPrimitives.ReadUInt64BigEndian(m[11..]), order);
            _all.Add(order);
        }
        else if (m[0] is (byte)'E' or (byte)'C' or (byte)'D' && _live.TryGetValue(BinaryPrimitives.ReadUInt64BigEndian(m[11..]), out Order? order))
        {
            order.Shares -= m[0] == 'D' ? order.Shares : BinaryPrimitives.ReadUInt32BigEndian(m[19..]);
            if (order.Shares == 0)
            {
                (order.Ended, order.IsCancelled) = (timeNanos, m[0] == 'D');
            }
        }
    }

    internal sealed class Order(string symbol, long began)
    {
        public string Symbol => symbol;

        public long Began => began;

        public uint Shares { get; set; }

        public long Ended { get; set; } = long.MaxValue;

        public bool IsCancelled { get; set; }

        public string Told(long timeNanos) => Ended > timeNanos ? "standing" : IsCancelled ? "cancelled" : "traded";
    }
}
