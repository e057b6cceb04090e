using System.Buffers.Binary;
using System.Text;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Tests;

/// <summary>
/// What anyone can compute from the messages of an alpha day: after each time, the lean of the touch and two decaying sums of trade signs,
/// written out from the definitions and without the simulator's state.
/// </summary>
internal sealed class VisibleState : IMessageSink
{
    private const double Orders = 8, TradesPerSecond = 4;
    private const long OpenNanos = 34_200_000_000_000;
    private readonly Dictionary<int, string> _symbols = [];
    private readonly Dictionary<ulong, (bool IsBuy, uint Price, uint Shares)> _orders = [];
    private readonly Dictionary<string, List<(long Time, int Bids, int Asks)>> _touches = [];
    private readonly Dictionary<string, List<(long Time, int Sign)>> _trades = [];
    private readonly Dictionary<int, Dictionary<uint, int>> _levels = [];

    public void Finish(long timeNanos)
    {
    }

    public void Message(long timeNanos, ReadOnlySpan<byte> m)
    {
        int locate = BinaryPrimitives.ReadUInt16BigEndian(m[1..]);
        if (m[0] == 'R')
        {
            _symbols[locate] = Encoding.ASCII.GetString(m.Slice(11, 8)).TrimEnd();
            _touches[_symbols[locate]] = [];
            _trades[_symbols[locate]] = [];
            _levels[locate] = [];
        }

        if (m[0] is not ((byte)'A' or (byte)'F' or (byte)'E' or (byte)'C' or (byte)'X' or (byte)'D' or (byte)'U'))
        {
            return;
        }

        Follow(timeNanos, locate, m);
        Dictionary<uint, int> levels = _levels[locate];
        uint[] prices = [.. levels.Keys.Order()];
        int bid = Array.FindLastIndex(prices, price => levels[price] > 0), ask = Array.FindIndex(prices, price => levels[price] < 0);
        List<(long Time, int Bids, int Asks)> touches = _touches[_symbols[locate]];
        touches.Add((timeNanos, bid < 0 ? 0 : levels[prices[bid]], ask < 0 ? 0 : -levels[prices[ask]]));
    }

    /// <summary>Lean of the touch, trades over about a second, trades over about five, after everything up to a time.</summary>
    public double[] At(string symbol, long time)
    {
        List<(long Time, int Bids, int Asks)> touches = _touches[symbol];
        int low = 0, high = touches.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = touches[middle].Time <= time ? (middle + 1, high) : (low, middle);
        }

        (long _, int bids, int asks) = touches[low - 1];
        Assert.That(bids + asks, Is.EqualTo(12), $"orders at the touch of {symbol} at {time}");
        return [(bids - asks) / Math.Sqrt(Orders), Flow(symbol, time, 1), Flow(symbol, time, 5)];
    }

    private double Flow(string symbol, long time, double decay)
    {
        double sum = 0;
        foreach ((long at, int sign) in _trades[symbol])
        {
            sum += at > OpenNanos + 1_000_000 && at <= time ? sign * Math.Exp((at - time) * 1e-9 / decay) : 0;
        }

        return sum / Math.Sqrt(0.5 * TradesPerSecond * decay);
    }

    // A level counts its orders, bids above 0 and asks below.
    private void Follow(long timeNanos, int locate, ReadOnlySpan<byte> m)
    {
        ulong id = BinaryPrimitives.ReadUInt64BigEndian(m[11..]);
        if (m[0] is (byte)'A' or (byte)'F')
        {
            Add(locate, id, m[19] == 'B', BinaryPrimitives.ReadUInt32BigEndian(m[32..]), BinaryPrimitives.ReadUInt32BigEndian(m[20..]));
            return;
        }

        (bool isBuy, uint price, uint shares) = _orders[id];
        uint left = m[0] is (byte)'D' or (byte)'U' ? 0 : shares - BinaryPrimitives.ReadUInt32BigEndian(m[19..]);
        _orders[id] = (isBuy, price, left);
        if (m[0] is (byte)'E' or (byte)'C')
        {
            _trades[_symbols[locate]].Add((timeNanos, isBuy ? -1 : 1));
        }

        if (left == 0)
        {
            _orders.Remove(id);
            int count = _levels[locate][price] + (isBuy ? -1 : 1);
            _levels[locate][price] = count;
            if (count == 0)
            {
                _levels[locate].Remove(price);
            }
        }

        if (m[0] == 'U')
        {
            uint newShares = BinaryPrimitives.ReadUInt32BigEndian(m[27..]), newPrice = BinaryPrimitives.ReadUInt32BigEndian(m[31..]);
            Add(locate, BinaryPrimitives.ReadUInt64BigEndian(m[19..]), isBuy, newPrice, newShares);
        }
    }

    private void Add(int locate, ulong id, bool isBuy, uint price, uint shares)
    {
        _orders[id] = (isBuy, price, shares);
        _levels[locate][price] = _levels[locate].GetValueOrDefault(price) + (isBuy ? 1 : -1);
    }
}
