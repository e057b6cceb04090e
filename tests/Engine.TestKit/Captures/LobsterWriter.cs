using System.Globalization;
using System.Text;
using Engine.Core.Numerics;

namespace Engine.TestKit.Captures;

/// <summary>Writes LOBSTER message and order-book files: line by line, or a random market.</summary>
public sealed class LobsterWriter
{
    private readonly StringBuilder _messages = new();
    private readonly StringBuilder _rows = new();
    private readonly SortedDictionary<long, long> _bids = [];
    private readonly SortedDictionary<long, long> _asks = [];
    private readonly int _levels;

    /// <param name="levels">Levels a side of the order-book file.</param>
    public LobsterWriter(int levels = 5)
    {
        _levels = levels;
    }

    /// <summary>The message file.</summary>
    public byte[] Messages => Encoding.ASCII.GetBytes(_messages.ToString());

    /// <summary>The order-book file.</summary>
    public byte[] Rows => Encoding.ASCII.GetBytes(_rows.ToString());

    /// <summary>By line: the best levels of each side, prices in 1e-4.</summary>
    public List<(List<(long, long)> Bids, List<(long, long)> Asks)> Tops { get; } = [];

    /// <summary>Adds a message, and the row of the book as it is.</summary>
    public LobsterWriter Message(string time, int type, ulong order, long size, long price, int direction)
    {
        _messages.Append(CultureInfo.InvariantCulture, $"{time},{type},{order},{size},{price},{direction}\n");
        List<(long, long)> bids = [.. _bids.Reverse().Take(_levels).Select(l => (l.Key, l.Value))];
        List<(long, long)> asks = [.. _asks.Take(_levels).Select(l => (l.Key, l.Value))];
        Tops.Add((bids, asks));
        _rows.AppendJoin(',', Enumerable.Range(0, _levels).Select(i => $"{Level(asks, i, 9_999_999_999)},{Level(bids, i, -9_999_999_999)}")).Append('\n');
        return this;
    }

    /// <summary>Changes a level of the book that the next rows show.</summary>
    public LobsterWriter Rest(int direction, long price, long change)
    {
        SortedDictionary<long, long> side = direction > 0 ? _bids : _asks;
        side[price] = side.GetValueOrDefault(price) + change;
        if (side[price] == 0)
        {
            side.Remove(price);
        }

        return this;
    }

    /// <summary>A random market, whose book may hold orders that no message named.</summary>
    /// <param name="seed">Any value.</param>
    /// <param name="count">Messages.</param>
    /// <param name="resting">Orders from before the first message.</param>
    public static LobsterWriter Random(ulong seed, int count, int levels = 5, int resting = 0)
    {
        var random = new SeededRandom(seed);
        var writer = new LobsterWriter(levels);
        var live = new List<(ulong Id, int Direction, long Price, long Size)>();
        ulong id = 1_000;
        for (int i = 0; i < count + resting; i++)
        {
            string time = $"{34_200 + (i / 50)}.{i % 50 * 20_000_001:000000000}";
            int index = live.Count == 0 ? -1 : random.Next(live.Count);
            if (i < resting || live.Count < 10 || random.Chance(100.0 / (100 + live.Count)))
            {
                int direction = random.Chance(0.5) ? 1 : -1;
                (ulong, int, long Price, long Size) order = (++id, direction, 1_000_000 - (direction * random.Next(1, 30) * 100), random.Next(1, 9) * 100);
                live.Add(order);
                writer.Rest(direction, order.Price, order.Size);
                _ = i < resting ? writer : writer.Message(time, 1, id, order.Size, order.Price, direction);
                continue;
            }

            (ulong known, int side, long price, long size) = live[index];
            long taken = size > 100 && random.Chance(0.5) ? 100 : size;
            int type = taken < size ? (random.Chance(0.5) ? 2 : 4) : random.Chance(0.5) ? 3 : 4;
            if (random.Chance(0.05))
            {
                writer.Message(time, 5, 0, 10, 1_000_050, side);
                continue;
            }

            live[index] = (known, side, price, size - taken);
            live.RemoveAll(order => order.Size == 0);
            writer.Rest(side, price, -taken).Message(time, type, known, taken, price, side);
        }

        return writer;
    }

    private static string Level(List<(long Price, long Size)> levels, int i, long none) =>
        i < levels.Count ? $"{levels[i].Price},{levels[i].Size}" : $"{none},0";
}
