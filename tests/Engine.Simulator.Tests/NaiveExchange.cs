using System.Buffers.Binary;
using System.Text;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Tests;

/// <summary>
/// Follows the messages with dictionaries and fails at the first that cannot be: an unknown or exhausted order, a trade
/// out of price-time priority, a crossed book, a time that runs backwards, a length that its type does not have.
/// </summary>
internal sealed class NaiveExchange : IMessageSink
{
    private static readonly Dictionary<char, int> s_lengths = new()
    {
        ['S'] = 12, ['R'] = 39, ['H'] = 25, ['Y'] = 20, ['L'] = 26, ['A'] = 36, ['F'] = 40, ['E'] = 31, ['C'] = 36,
        ['X'] = 23, ['D'] = 19, ['U'] = 35, ['P'] = 44, ['Q'] = 40, ['B'] = 19, ['I'] = 50,
    };

    private readonly Dictionary<ulong, (int Locate, bool IsBuy, uint Price, uint Shares)> _orders = [];
    private readonly Dictionary<int, string> _symbols = [];
    private readonly Dictionary<int, SortedDictionary<uint, List<ulong>>[]> _books = [];
    private readonly HashSet<ulong> _matches = [];
    private readonly HashSet<ulong> _ordersEver = [];
    private long _lastNanos;

    /// <summary>System event codes so far, in order.</summary>
    public string SystemEvents { get; private set; } = "";

    public Dictionary<char, long> CountByType { get; } = [];

    public Dictionary<string, List<(long TimeNanos, double Mid)>> Mids { get; } = [];

    public long OddLots { get; private set; }

    /// <summary>Messages of one instrument that carry the very time of the one before: the parts of one order's matching.</summary>
    public long SharedTimes { get; private set; }

    public bool IsFinished { get; private set; }

    public void Finish(long timeNanos) => IsFinished = true;

    public void Message(long timeNanos, ReadOnlySpan<byte> m)
    {
        char type = (char)m[0];
        long time = ((long)BinaryPrimitives.ReadUInt16BigEndian(m[5..]) << 32) | BinaryPrimitives.ReadUInt32BigEndian(m[7..]);
        Require(s_lengths.TryGetValue(type, out int length) && m.Length == length, $"length {m.Length} of type {type}");
        Require(time >= _lastNanos && time == timeNanos, $"time {time} after {_lastNanos}");
        SharedTimes += time == _lastNanos && type == 'E' ? 1 : 0;
        _lastNanos = time;
        CountByType[type] = CountByType.GetValueOrDefault(type) + 1;
        int locate = BinaryPrimitives.ReadUInt16BigEndian(m[1..]);
        if (type == 'S')
        {
            SystemEvents += (char)m[11];
        }
        else if (type == 'R')
        {
            _symbols.Add(locate, Text(m.Slice(11, 8)));
            _books.Add(locate, [new(), new()]);
            Mids.Add(_symbols[locate], []);
        }
        else
        {
            Require(_symbols.ContainsKey(locate), $"locate {locate} has a directory entry");
            Follow(type, locate, m);
            CheckBook(locate, time);
        }
    }

    private void Follow(char type, int locate, ReadOnlySpan<byte> m)
    {
        switch (type)
        {
            case 'A' or 'F':
                Require(Text(m.Slice(24, 8)) == _symbols[locate], "stock of an order");
                Require(m[19] is (byte)'B' or (byte)'S', "side");
                Add(locate, U64(m, 11), m[19] == 'B', U32(m, 20), U32(m, 32));
                break;
            case 'E' or 'C':
                Require(_matches.Add(U64(m, 23)) || type == 'C', "a match number is new");
                RequirePriority(locate, U64(m, 11));
                Reduce(locate, U64(m, 11), U32(m, 19), true);
                break;
            case 'X':
                Reduce(locate, U64(m, 11), U32(m, 19), false);
                break;
            case 'D':
                Reduce(locate, U64(m, 11), Live(locate, U64(m, 11)).Shares, true);
                break;
            case 'U':
                (int _, bool isBuy, uint _, uint shares) = Live(locate, U64(m, 11));
                Reduce(locate, U64(m, 11), shares, true);
                Add(locate, U64(m, 19), isBuy, U32(m, 27), U32(m, 31));
                break;
            case 'P':
                Require(_matches.Add(U64(m, 36)) && U32(m, 20) > 0 && U32(m, 32) > 0, "hidden trade");
                break;
            case 'Q':
                _matches.Add(U64(m, 31));
                break;
            case 'B':
                Require(_matches.Contains(U64(m, 11)), "a broken trade happened");
                break;
        }
    }

    private void Add(int locate, ulong id, bool isBuy, uint shares, uint price)
    {
        Require(shares > 0 && price > 0 && price % 100 == 0, $"order {id}: {shares} at {price}");
        Require(_ordersEver.Add(id), $"order {id} is new");
        OddLots += shares % 100 == 0 ? 0 : 1;
        _orders.Add(id, (locate, isBuy, price, shares));
        SortedDictionary<uint, List<ulong>> side = _books[locate][isBuy ? 0 : 1];
        if (!side.TryGetValue(price, out List<ulong>? queue))
        {
            side.Add(price, queue = []);
        }

        queue.Add(id);
    }

    private (int Locate, bool IsBuy, uint Price, uint Shares) Live(int locate, ulong id)
    {
        Require(_orders.TryGetValue(id, out (int Locate, bool IsBuy, uint Price, uint Shares) order), $"order {id} is live");
        Require(order.Locate == locate, $"order {id} is of locate {locate}");
        return order;
    }

    private void Reduce(int locate, ulong id, uint shares, bool mayVanish)
    {
        (int _, bool isBuy, uint price, uint held) = Live(locate, id);
        Require(shares > 0 && (mayVanish ? shares <= held : shares < held), $"order {id} holds {held}, loses {shares}");
        if (shares < held)
        {
            _orders[id] = (locate, isBuy, price, held - shares);
            return;
        }

        _orders.Remove(id);
        SortedDictionary<uint, List<ulong>> side = _books[locate][isBuy ? 0 : 1];
        side[price].Remove(id);
        if (side[price].Count == 0)
        {
            side.Remove(price);
        }
    }

    private void CheckBook(int locate, long time)
    {
        SortedDictionary<uint, List<ulong>>[] book = _books[locate];
        if (book[0].Count == 0 || book[1].Count == 0)
        {
            return;
        }

        uint bid = book[0].Keys.Last();
        uint ask = book[1].Keys.First();
        Require(bid < ask, $"bid {bid} below ask {ask}");
        Mids[_symbols[locate]].Add((time, 0.5 * ((double)bid + ask)));
    }

    // Price, then time: a trade takes the oldest order of its side's best price.
    private void RequirePriority(int locate, ulong id)
    {
        bool isBuy = Live(locate, id).IsBuy;
        SortedDictionary<uint, List<ulong>> side = _books[locate][isBuy ? 0 : 1];
        List<ulong> queue = isBuy ? side.Values.Last() : side.Values.First();
        Require(queue[0] == id, $"order {id} trades before order {queue[0]}");
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes).TrimEnd(' ');

    private static uint U32(ReadOnlySpan<byte> m, int at) => BinaryPrimitives.ReadUInt32BigEndian(m[at..]);

    private static ulong U64(ReadOnlySpan<byte> m, int at) => BinaryPrimitives.ReadUInt64BigEndian(m[at..]);

    private void Require(bool condition, string what)
    {
        if (!condition)
        {
            Assert.Fail($"message {CountByType.Values.Sum()} at {_lastNanos} ns breaks: {what}");
        }
    }
}
