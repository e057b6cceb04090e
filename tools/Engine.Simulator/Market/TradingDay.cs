using Engine.Core.Numerics;

namespace Engine.Simulator.Market;

/// <summary>
/// A shortened exchange day over all instruments: start of messages, directory and states, orders before the opening auction,
/// the auction, continuous trading, the closing auction, end of messages. Times are nanoseconds since midnight US Eastern.
/// </summary>
public sealed class TradingDay
{
    /// <summary>Messages for each event of the continuous market, on average: a market order makes several.</summary>
    private const double MessagesPerEvent = 1.11;

    private const long Second = 1_000_000_000, Millisecond = 1_000_000;
    private const int InitialOrdersPerSide = 45;
    private readonly FeedCounter _feed;
    private readonly TruthWriter? _truth;
    private readonly SeededRandom _random;
    private readonly InstrumentMarket[] _markets;
    private readonly PressureProcess[] _hidden;
    private readonly OrderFlow[] _flows;
    private readonly ArrivalProcess[] _arrivals;
    private readonly ExchangeSession _session;

    /// <param name="options">Valid options.</param>
    /// <param name="feed">What is told of it; its count decides when the day closes, so that a day is the same on every venue.</param>
    /// <param name="truth">Where the hidden state goes; null for nowhere.</param>
    public TradingDay(SimulationOptions options, FeedCounter feed, TruthWriter? truth)
    {
        _feed = feed;
        _truth = truth;
        _random = RandomStreams.Create(options.Seed, RandomStream.Auctions, 0);
        InstrumentSpec[] specs = InstrumentSpec.List(options.Instruments);
        var numbers = new ExchangeNumbers();
        double eventRate = options.EffectiveRate / MessagesPerEvent;
        _markets = new InstrumentMarket[specs.Length];
        _session = new ExchangeSession(options, feed, _markets, _random);
        _hidden = new PressureProcess[specs.Length];
        _flows = new OrderFlow[specs.Length];
        _arrivals = new ArrivalProcess[specs.Length];
        for (int i = 0; i < specs.Length; i++)
        {
            SeededRandom orders = RandomStreams.Create(options.Seed, RandomStream.Orders, i);
            SeededRandom arrivals = RandomStreams.Create(options.Seed, RandomStream.Arrivals, i);
            _markets[i] = new InstrumentMarket(specs[i], _feed, numbers, orders);
            _hidden[i] = new PressureProcess(specs[i], options.Signal, RandomStreams.Create(options.Seed, RandomStream.Hidden, i));
            _flows[i] = new OrderFlow(_markets[i], _hidden[i], orders);
            _arrivals[i] = new ArrivalProcess(eventRate * specs[i].ActivityShare, _session.OpenNanos + Millisecond, arrivals);
        }
    }

    /// <summary>Runs the whole day and ends the feed.</summary>
    public void Run()
    {
        _session.Begin();
        PlaceOpeningOrders();
        _session.Open();
        _session.Close(TradeContinuously());
    }

    // Seconds 1 to 4.5 of the day; both sides of every instrument alternate.
    private void PlaceOpeningOrders()
    {
        int total = 2 * InitialOrdersPerSide * _markets.Length;
        long gap = 7 * Second / 2 / total;
        for (int i = 0; i < total; i++)
        {
            _feed.TimeNanos = _session.OrdersNanos + (i * gap) + _random.Next((int)gap);
            _flows[i % _markets.Length].Place(i / _markets.Length % 2 == 0);
        }
    }

    /// <returns>When trading stopped.</returns>
    private long TradeContinuously()
    {
        long gridNanos = _session.OpenNanos;
        while (true)
        {
            int next = EarliestArrival();
            long now = _arrivals[next].NextNanos;
            if (now >= _session.ClosingNanos)
            {
                return _session.ClosingNanos;
            }

            if (_feed.Total >= _session.MessagesBeforeClosing)
            {
                return _feed.TimeNanos;
            }

            for (; gridNanos <= now; gridNanos += PressureProcess.StepNanos)
            {
                StepHidden(gridNanos);
            }

            _feed.TimeNanos = now;
            _arrivals[next].Advance(_flows[next].Step());
        }
    }

    private int EarliestArrival()
    {
        int earliest = 0;
        for (int i = 1; i < _arrivals.Length; i++)
        {
            if (_arrivals[i].NextNanos < _arrivals[earliest].NextNanos)
            {
                earliest = i;
            }
        }

        return earliest;
    }

    private void StepHidden(long gridNanos)
    {
        for (int i = 0; i < _hidden.Length; i++)
        {
            _hidden[i].Step();
            _truth?.Write(gridNanos, _markets[i].Spec.Symbol, _hidden[i].Pressure);
        }
    }
}
