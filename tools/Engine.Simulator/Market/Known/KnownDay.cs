using Engine.Core.Numerics;
using Engine.Core.Time;

namespace Engine.Simulator.Market.Known;

/// <summary>A day whose truth is known: the usual opening and closing, and between them instruments that are all of one character.</summary>
internal sealed class KnownDay
{
    private const long Millisecond = 1_000_000;
    private const int OpeningTicks = 10_000;
    private readonly FeedCounter _feed;
    private readonly ExchangeSession _session;
    private readonly IMarketProcess[] _processes;

    /// <param name="options">Valid options that ask for such a day.</param>
    /// <param name="feed">What is told of it; its count decides when the day closes.</param>
    /// <param name="truth">Where the truth goes; null for nowhere.</param>
    public KnownDay(SimulationOptions options, FeedCounter feed, TextWriter? truth)
    {
        _feed = feed;
        InstrumentSpec[] specs = InstrumentSpec.List(options.Instruments);
        var numbers = new ExchangeNumbers();
        var markets = new InstrumentMarket[specs.Length];
        SeededRandom[] orders = [.. specs.Select((_, i) => RandomStreams.Create(options.Seed, RandomStream.Orders, i))];
        for (int i = 0; i < specs.Length; i++)
        {
            markets[i] = new InstrumentMarket(specs[i] with { OpeningTicks = OpeningTicks, SpreadTicks = 1 }, feed, numbers, orders[i]);
        }

        _session = new ExchangeSession(options, feed, markets, RandomStreams.Create(options.Seed, RandomStream.Auctions, 0));
        _processes = Processes(options, markets, orders, truth);
    }

    /// <summary>Runs the whole day and ends the feed.</summary>
    public void Run()
    {
        _session.Begin();
        _feed.TimeNanos = _session.OrdersNanos;
        foreach (IMarketProcess process in _processes)
        {
            process.PlaceOpeningOrders();
            _feed.TimeNanos += Millisecond;
        }

        _session.Open();
        _feed.TimeNanos = _session.OpenNanos + Millisecond;
        foreach (IMarketProcess process in _processes)
        {
            process.Open(_feed.TimeNanos);
        }

        long stopped = Trade();
        foreach (IMarketProcess process in _processes)
        {
            process.Stop(stopped);
        }

        _session.Close(stopped);
    }

    private static IMarketProcess[] Processes(SimulationOptions options, InstrumentMarket[] markets, SeededRandom[] orders, TextWriter? truth)
    {
        long midnight = UsEastern.MidnightUtcNanos(options.Date);
        SeededRandom Times(int i) => RandomStreams.Create(options.Seed, RandomStream.Hidden, i);
        if (options.SpoofsPerMinute is double perMinute)
        {
            SpoofTruthWriter? episodes = truth is null ? null : new SpoofTruthWriter(truth, perMinute, midnight);
            return [.. markets.Select((market, i) => new SpoofMarket(market, perMinute, Times(i), orders[i], episodes))];
        }

        var model = AlphaModel.Usual(options.Alpha ?? 0);
        AlphaTruthWriter? writer = truth is null ? null : new AlphaTruthWriter(truth, model, midnight);
        return [.. markets.Select((market, i) => new AlphaMarket(market, model, Times(i), orders[i], writer))];
    }

    /// <returns>When trading stopped.</returns>
    private long Trade()
    {
        while (true)
        {
            IMarketProcess next = _processes[0];
            foreach (IMarketProcess process in _processes)
            {
                next = process.NextNanos < next.NextNanos ? process : next;
            }

            if (next.NextNanos >= _session.ClosingNanos)
            {
                return _session.ClosingNanos;
            }

            if (_feed.Total >= _session.MessagesBeforeClosing)
            {
                return _feed.TimeNanos;
            }

            _feed.TimeNanos = next.NextNanos;
            next.Step();
        }
    }
}
