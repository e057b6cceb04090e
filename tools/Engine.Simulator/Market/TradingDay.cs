using Engine.Core.Numerics;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Market;

/// <summary>
/// A shortened exchange day over all instruments: start of messages, directory and states, orders before the opening auction,
/// the auction, continuous trading, the closing auction, end of messages. Times are nanoseconds since midnight US Eastern.
/// </summary>
public sealed class TradingDay
{
    /// <summary>Messages for each event of the continuous market, on average: a market order makes several.</summary>
    private const double MessagesPerEvent = 1.11;

    private const long Second = 1_000_000_000, Millisecond = 1_000_000, Microsecond = 1_000;
    private const int InitialOrdersPerSide = 45;
    private const int ImbalanceRounds = 4;
    private const int ClosingMessagesPerInstrument = ImbalanceRounds + 3, ClosingSystemEvents = 3;
    private readonly SimulationOptions _options;
    private readonly FeedCounter _feed;
    private readonly TruthWriter? _truth;
    private readonly SeededRandom _random;
    private readonly InstrumentMarket[] _markets;
    private readonly PressureProcess[] _hidden;
    private readonly OrderFlow[] _flows;
    private readonly ArrivalProcess[] _arrivals;
    private readonly long _startNanos;
    private readonly long _openNanos;
    private readonly long _closingNanos;

    /// <param name="options">Valid options.</param>
    /// <param name="feed">What is told of it; its count decides when the day closes, so that a day is the same on every venue.</param>
    /// <param name="truth">Where the hidden state goes; null for nowhere.</param>
    public TradingDay(SimulationOptions options, FeedCounter feed, TruthWriter? truth)
    {
        _options = options;
        _feed = feed;
        _truth = truth;
        _random = RandomStreams.Create(options.Seed, RandomStream.Auctions, 0);
        _startNanos = Nanos(options.Start);
        _openNanos = _startNanos + Nanos(SimulationOptions.OpeningSpan);
        _closingNanos = Nanos(options.ClosingBegins);
        InstrumentSpec[] specs = InstrumentSpec.List(options.Instruments);
        var numbers = new ExchangeNumbers();
        double eventRate = options.EffectiveRate / MessagesPerEvent;
        _markets = new InstrumentMarket[specs.Length];
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
            _arrivals[i] = new ArrivalProcess(eventRate * specs[i].ActivityShare, _openNanos + Millisecond, arrivals);
        }
    }

    /// <summary>Runs the whole day and ends the feed.</summary>
    public void Run()
    {
        Begin();
        PlaceOpeningOrders();
        Open();
        long lastNanos = TradeContinuously();
        Close(lastNanos);
    }

    private static long Nanos(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    private void Begin()
    {
        _feed.TimeNanos = _startNanos;
        _feed.SystemEvent('O');
        _feed.TimeNanos = _startNanos + (50 * Millisecond);
        foreach (InstrumentMarket market in _markets)
        {
            InstrumentSpec spec = market.Spec;
            _feed.StockDirectory(spec.Locate, spec.Stock, OrderDraws.RoundLot);
            _feed.TimeNanos += 2 * Microsecond;
        }

        foreach (InstrumentMarket market in _markets)
        {
            InstrumentSpec spec = market.Spec;
            _feed.TradingAction(spec.Locate, spec.Stock, 'T', ItchText.Pack4(""));
            _feed.ShortSaleRestriction(spec.Locate, spec.Stock, '0');
            _feed.TimeNanos += 2 * Microsecond;
        }

        ReadOnlySpan<uint> participants = InstrumentMarket.Participants;
        for (int i = 0; i < Math.Min(participants.Length, _markets.Length); i++)
        {
            _feed.ParticipantPosition(_markets[i].Spec.Locate, participants[i], _markets[i].Spec.Stock, i == 0);
        }

        _feed.TimeNanos = _startNanos + Second;
        _feed.SystemEvent('S');
    }

    // Seconds 1 to 4.5 of the day; both sides of every instrument alternate.
    private void PlaceOpeningOrders()
    {
        int total = 2 * InitialOrdersPerSide * _markets.Length;
        long gap = 7 * Second / 2 / total;
        for (int i = 0; i < total; i++)
        {
            _feed.TimeNanos = _startNanos + Second + Millisecond + (i * gap) + _random.Next((int)gap);
            _flows[i % _markets.Length].Place(i / _markets.Length % 2 == 0);
        }
    }

    private void Open()
    {
        AnnounceImbalances('O', _startNanos + (5 * Second));
        _feed.TimeNanos = _openNanos;
        _feed.SystemEvent('Q');
        Cross('O', _openNanos + (20 * Microsecond));
    }

    /// <returns>When trading stopped.</returns>
    private long TradeContinuously()
    {
        long gridNanos = _openNanos;
        long closingMessages = (ClosingMessagesPerInstrument * _markets.Length) + ClosingSystemEvents;
        long messagesBeforeClosing = (_options.Messages ?? long.MaxValue) - closingMessages;
        while (true)
        {
            int next = EarliestArrival();
            long now = _arrivals[next].NextNanos;
            if (now >= _closingNanos)
            {
                return _closingNanos;
            }

            if (_feed.Total >= messagesBeforeClosing)
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

    private void Close(long stoppedNanos)
    {
        AnnounceImbalances('C', stoppedNanos + Second);
        Cross('C', stoppedNanos + (5 * Second));
        _feed.TimeNanos = stoppedNanos + (6 * Second);
        _feed.SystemEvent('M');
        _feed.TimeNanos = stoppedNanos + (7 * Second);
        _feed.SystemEvent('E');
        _feed.TimeNanos = stoppedNanos + (8 * Second);
        _feed.SystemEvent('C');
        _feed.Finish(_feed.TimeNanos + (Second / 2));
    }

    private void AnnounceImbalances(char crossType, long firstNanos)
    {
        for (int round = 0; round < ImbalanceRounds; round++)
        {
            _feed.TimeNanos = firstNanos + (round * Second);
            foreach (InstrumentMarket market in _markets)
            {
                int paired = OrderDraws.RoundLot * (20 + _random.Next(200));
                market.AnnounceImbalance(crossType, paired, OrderDraws.RoundLot * _random.Next(-40, 41));
                _feed.TimeNanos += Microsecond;
            }
        }
    }

    private void Cross(char crossType, long firstNanos)
    {
        _feed.TimeNanos = firstNanos;
        foreach (InstrumentMarket market in _markets)
        {
            market.Cross(crossType, OrderDraws.RoundLot * (20 + _random.Next(200)));
            _feed.TimeNanos += 3 * Microsecond;
        }
    }
}
