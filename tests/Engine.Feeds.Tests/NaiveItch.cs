using Engine.Core.Events;

namespace Engine.Feeds.Tests;

/// <summary>
/// A second reading of ITCH 5.0, written apart from the decoder: slow, with dictionaries and field lists. Only for comparing.
/// </summary>
internal sealed class NaiveItch
{
    private static readonly Dictionary<char, string> s_fields = new()
    {
        ['S'] = "code:1", ['R'] = "stock:8 *:20", ['H'] = "stock:8 *:6", ['Y'] = "stock:8 *:1", ['L'] = "*:4 stock:8 *:3",
        ['V'] = "*:24", ['W'] = "*:1", ['K'] = "stock:8 *:9", ['J'] = "stock:8 *:16", ['h'] = "stock:8 *:2",
        ['A'] = "order:8 side:1 quantity:4 stock:8 price:4", ['F'] = "order:8 side:1 quantity:4 stock:8 price:4 *:4",
        ['E'] = "order:8 quantity:4 reference:8", ['C'] = "order:8 quantity:4 reference:8 printable:1 price:4",
        ['X'] = "order:8 quantity:4", ['D'] = "order:8", ['U'] = "order:8 reference:8 quantity:4 price:4",
        ['P'] = "order:8 side:1 quantity:4 stock:8 price:4 reference:8", ['Q'] = "quantity:8 stock:8 price:4 reference:8 *:1",
        ['B'] = "reference:8", ['I'] = "*:17 stock:8 *:14", ['N'] = "stock:8 *:1", ['O'] = "stock:8 *:29",
    };

    private static readonly Dictionary<char, EventKind> s_kinds = new()
    {
        ['A'] = EventKind.Add, ['F'] = EventKind.Add, ['E'] = EventKind.Execute, ['C'] = EventKind.Execute, ['X'] = EventKind.Cancel,
        ['D'] = EventKind.Delete, ['U'] = EventKind.Replace, ['P'] = EventKind.Trade, ['Q'] = EventKind.Trade, ['B'] = EventKind.TradeBreak,
    };

    private readonly Dictionary<int, int> _instruments = new() { [0] = -1 };
    private readonly List<string?> _symbols = [];

    public string?[] Symbols => [.. _symbols];

    /// <summary>All complete messages of a BinaryFILE as the events they should become.</summary>
    public List<MarketEvent> ReadBinaryFile(byte[] file, long midnight)
    {
        List<MarketEvent> events = [];
        using MemoryStream stream = new(file);
        while (stream.Position + 2 <= file.Length)
        {
            int length = (int)Number(stream, 2);
            if (stream.Position + length > file.Length)
            {
                break;
            }

            byte[] body = new byte[length];
            stream.ReadExactly(body);
            events.Add(Event(body, midnight, (ulong)events.Count + 1));
        }

        return events;
    }

    private MarketEvent Event(byte[] body, long midnight, ulong sequence)
    {
        using MemoryStream stream = new(body);
        char type = (char)stream.ReadByte();
        int locate = (int)Number(stream, 2);
        Number(stream, 2);
        long time = midnight + (long)Number(stream, 6);
        Dictionary<string, ulong> numbers = [];
        string? stock = null;
        foreach (string[] field in s_fields[type].Split(' ').Select(f => f.Split(':')))
        {
            byte[] bytes = new byte[int.Parse(field[1])];
            stream.ReadExactly(bytes);
            numbers[field[0]] = bytes.Aggregate(0UL, (a, b) => unchecked((a * 256) + b));
            stock = field[0] == "stock" ? System.Text.Encoding.Latin1.GetString(bytes).TrimEnd(' ') : stock;
        }

        Assert.That(stream.Position, Is.EqualTo(body.Length), $"length of {type}");
        ulong Get(string name) => numbers.GetValueOrDefault(name);
        int instrument = Instrument(locate, stock);
        bool named = instrument >= 0 && _symbols[instrument] is not null;
        return new MarketEvent
        {
            ExchangeTime = time,
            ReceiveTime = time,
            Price = numbers.TryGetValue("price", out ulong price) ? (long)price * 100_000 : MarketEvent.Absent,
            Quantity = numbers.TryGetValue("quantity", out ulong quantity) ? (long)quantity : MarketEvent.Absent,
            OrderId = Get("order"),
            Reference = Get("reference"),
            Instrument = instrument,
            Venue = Venue.Itch50,
            Kind = s_kinds.GetValueOrDefault(type, EventKind.Status),
            Side = Get("side") switch { 'B' => Side.Buy, 'S' => Side.Sell, _ => Side.None },
            Flags = EventFlags.LastOfEvent | EventFlags.BadReceiveTime | (named ? EventFlags.Watched : 0)
                | (Get("printable") == 'N' ? EventFlags.NonPrintable : 0)
                | (sequence == 1 && type == 'S' && Get("code") == 'O' ? EventFlags.SessionStart : 0),
            Sequence = sequence,
        };
    }

    private int Instrument(int locate, string? stock)
    {
        if (!_instruments.TryGetValue(locate, out int instrument))
        {
            instrument = _symbols.Count;
            _instruments[locate] = instrument;
            _symbols.Add(null);
        }

        if (instrument >= 0 && !string.IsNullOrEmpty(stock))
        {
            _symbols[instrument] ??= stock;
        }

        return instrument;
    }

    private static ulong Number(Stream stream, int size)
    {
        ulong value = 0;
        for (int i = 0; i < size; i++)
        {
            value = (value * 256) + (ulong)stream.ReadByte();
        }

        return value;
    }
}
