using System.Globalization;
using Engine.Core.Numerics;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>A random session that keeps its own rules: books by id, several symbols, trades, quotes, instruments, now and then a new partial.</summary>
internal sealed class BitMexFlow(ulong seed, int symbols = 4, int levels = 60)
{
    private readonly SeededRandom _random = new(seed);
    private readonly Dictionary<int, (string Side, int Ticks, int Size)>[] _books = [.. Enumerable.Range(0, symbols).Select(_ => new Dictionary<int, (string, int, int)>())];
    private int _nextId = 1;

    public static string Symbol(int symbol) => "SYM" + symbol;

    /// <summary>A session with a partial of each symbol and many messages.</summary>
    public BitMexText Write(int messages)
    {
        var text = new BitMexText().Opened();
        for (int i = 0; i < symbols; i++)
        {
            Partial(text, i);
            text.Partial("trade", Symbol(i)).Partial("quote", Symbol(i)).Partial("instrument", Symbol(i), Instrument(i));
        }

        for (int i = 0; i < messages; i++)
        {
            Message(text, _random.Next(symbols));
        }

        return text;
    }

    private void Message(BitMexText text, int symbol)
    {
        int dice = _random.Next(100);
        if (dice == 0)
        {
            Partial(text, symbol);
        }
        else if (dice < 8)
        {
            text.Rows("trade", "insert", $$"""{"timestamp":"2023-11-14T22:13:20.000Z","symbol":"{{Symbol(symbol)}}","side":"Buy","size":{{_random.Next(1, 99)}},"price":{{Price(1_000)}},"trdMatchID":"00000000-0000-0000-0000-000000000001"}""");
        }
        else if (dice < 20)
        {
            text.Rows("quote", "insert", text.Quote(_random.Next(1, 9), Price(900), Price(1_100), 5, Symbol(symbol)));
        }
        else if (dice < 30)
        {
            Instruments(text, symbol);
        }
        else
        {
            string action = _books[symbol].Count < levels ? "insert" : _random.Next(3) switch { 0 => "insert", 1 => "update", _ => "delete" };
            text.Rows("orderBookL2", action, [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => Row(symbol, action)).OfType<string>()]);
        }
    }

    private void Partial(BitMexText text, int symbol)
    {
        _books[symbol].Clear();
        text.Partial("orderBookL2", Symbol(symbol), [.. Enumerable.Range(0, _random.Next(0, levels)).Select(_ => Row(symbol, "insert")).OfType<string>()]);
    }

    private void Instruments(BitMexText text, int symbol)
    {
        int dice = _random.Next(20);
        if (dice == 0)
        {
            text.Partial("instrument", Symbol(symbol), Instrument(symbol));
        }
        else
        {
            string action = dice switch { 1 => "insert", 2 => "delete", _ => "update" };
            text.Rows("instrument", action, [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Instrument(_random.Next(symbols)))]);
        }
    }

    /// <summary>A sparse row of few different values, so that some are told again as they were.</summary>
    private string Instrument(int symbol)
    {
        string row = $"\"symbol\":\"{Symbol(symbol)}\"";
        row += Sparse("markPrice", Price(_random.Next(1_000, 1_003))) + Sparse("indicativeSettlePrice", Price(_random.Next(1_000, 1_003)));
        row += Sparse("fundingRate", (_random.Next(-1, 2) * 0.000125m).ToString(CultureInfo.InvariantCulture));
        row += Sparse("fundingTimestamp", $"\"2023-11-1{_random.Next(5, 7)}T04:00:00.000Z\"") + Sparse("openInterest", "5");
        return $"{{{row}{(_random.Chance(0.9) ? $",\"timestamp\":\"2023-11-14T22:13:2{_random.Next(10)}.000Z\"" : "")}}}";
    }

    private string Sparse(string name, string value) => _random.Chance(0.5) ? "" : $",\"{name}\":{(_random.Chance(0.1) ? "null" : value)}";

    private string? Row(int symbol, string action)
    {
        Dictionary<int, (string Side, int Ticks, int Size)> book = _books[symbol];
        if (action == "insert")
        {
            string side = _random.Chance(0.5) ? "Buy" : "Sell";
            int ticks = side == "Buy" ? 1_000 - _random.Next(1, 4 * levels) : 1_000 + _random.Next(1, 4 * levels);
            if (book.Values.Any(l => l.Side == side && l.Ticks == ticks))
            {
                return null;
            }

            book[_nextId] = (side, ticks, _random.Next(1, 500));
            return BitMexText.Level(_nextId, side, book[_nextId++].Size, Price(ticks), Symbol(symbol));
        }

        if (book.Count == 0)
        {
            return null;
        }

        // The levels near the top change most.
        int id = book.OrderBy(l => Math.Abs(l.Value.Ticks - 1_000)).ElementAt(_random.Next(_random.Chance(0.7) ? Math.Min(book.Count, 5) : book.Count)).Key;
        (string at, int tick, _) = book[id];
        if (action == "delete")
        {
            book.Remove(id);
            return BitMexText.Level(id, at, null, null, Symbol(symbol));
        }

        book[id] = (at, tick, _random.Next(1, 500));
        return BitMexText.Level(id, at, book[id].Size, null, Symbol(symbol));
    }

    private static string Price(int ticks) => (ticks * 0.0005m).ToString(CultureInfo.InvariantCulture);
}
