using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds;
using Engine.Feeds.Captures;

namespace Engine.Lab.Truth;

/// <summary>The mid prices of one instrument: each holds from its time on. Changes of one time count as one.</summary>
internal sealed class MidTape
{
    private readonly List<long> _times = [];
    private readonly List<long> _sums = [];

    /// <summary>Replays a capture through the engine's books.</summary>
    /// <param name="capture">The capture.</param>
    /// <param name="date">Its day, US Eastern, for one that does not tell it.</param>
    /// <returns>The tapes by symbol.</returns>
    /// <exception cref="CaptureException">It cannot be read.</exception>
    /// <exception cref="TruthException">It is damaged, or messages are missing.</exception>
    public static Dictionary<string, MidTape> Read(string capture, DateOnly date) =>
        TryRead(capture, null) ?? TryRead(capture, date) ?? throw new TruthException($"'{capture}' is of no day; give a capture of 'lab sim'");

    /// <summary>The mid price in dollars after everything before a time; NaN where a side was empty or nothing had happened.</summary>
    public double Before(long time)
    {
        int found = _times.BinarySearch(time);
        int index = (found >= 0 ? found : ~found) - 1;
        return index < 0 || _sums[index] == 0 ? double.NaN : _sums[index] / (2.0 * MarketEvent.PriceScale);
    }

    // Null where the capture does not tell its day and none was given.
    private static Dictionary<string, MidTape>? TryRead(string capture, DateOnly? date)
    {
        var limits = new EngineLimits();
        using MarketDataSource source = CaptureSource.Open(
            [capture], new FeedOptions { Instruments = new InstrumentTable(limits.Instruments), Limits = limits, Date = date });
        using var books = new OrderBooks(limits);
        using var buffer = new NativeBuffer<MarketEvent>(limits.EventsPerPacket);
        var tapes = new MidTape?[limits.Instruments];
        for (int count; (count = source.Read(buffer.Span)) >= 0;)
        {
            foreach (ref MarketEvent e in buffer.Span[..count])
            {
                books.Apply(ref e);
                if (e.Instrument >= 0)
                {
                    (tapes[e.Instrument] ??= new MidTape()).Add(e.ExchangeTime, SumOfTouch(books, e.Instrument));
                }
            }
        }

        if (source.Fault is { } fault)
        {
            throw new TruthException(fault.Sentence);
        }

        if (source.DateSource == "none")
        {
            return null;
        }

        if (books.CountTrust(BookTrust.Suspect) > 0)
        {
            throw new TruthException($"'{capture}' lacks messages, so its mid prices are not the day's; score a capture without losses");
        }

        return Enumerable.Range(0, source.Instruments.Count)
            .Where(i => tapes[i] is not null)
            .ToDictionary(i => source.Instruments.Symbol(i)!, i => tapes[i]!, StringComparer.Ordinal);
    }

    // Best bid and best ask together, 1e-9 dollars; 0 where a side is empty.
    private static long SumOfTouch(OrderBooks books, int instrument)
    {
        Span<long> bid = stackalloc long[1], ask = stackalloc long[1], quantity = stackalloc long[1];
        bool isWhole = books.Top(instrument, Side.Buy, bid, quantity) == 1 && books.Top(instrument, Side.Sell, ask, quantity) == 1;
        return isWhole ? bid[0] + ask[0] : 0;
    }

    private void Add(long time, long sum)
    {
        if (_times.Count > 0 && _times[^1] >= time)
        {
            _sums[^1] = sum;
        }
        else if (_times.Count == 0 || _sums[^1] != sum)
        {
            _times.Add(time);
            _sums.Add(sum);
        }
    }
}
