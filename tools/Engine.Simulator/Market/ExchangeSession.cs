using Engine.Core.Numerics;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Market;

/// <summary>
/// What every simulated day has around its trading: start of messages, directory and states; the opening auction; the closing auction
/// and the end of messages. Times are nanoseconds since midnight US Eastern.
/// </summary>
public sealed class ExchangeSession
{
    private const long Second = 1_000_000_000, Millisecond = 1_000_000, Microsecond = 1_000;
    private const int ImbalanceRounds = 4;
    private const int ClosingMessagesPerInstrument = ImbalanceRounds + 3, ClosingSystemEvents = 3;
    private readonly FeedCounter _feed;
    private readonly IReadOnlyList<InstrumentMarket> _markets;
    private readonly SeededRandom _random;
    private readonly long _startNanos;

    /// <param name="options">Valid options.</param>
    /// <param name="feed">What is told of the day.</param>
    /// <param name="markets">The instruments.</param>
    /// <param name="random">The auctions' draws.</param>
    public ExchangeSession(SimulationOptions options, FeedCounter feed, IReadOnlyList<InstrumentMarket> markets, SeededRandom random)
    {
        _feed = feed;
        _markets = markets;
        _random = random;
        _startNanos = Nanos(options.Start);
        OpenNanos = _startNanos + Nanos(SimulationOptions.OpeningSpan);
        ClosingNanos = Nanos(options.ClosingBegins);
        long closingMessages = (ClosingMessagesPerInstrument * markets.Count) + ClosingSystemEvents;
        MessagesBeforeClosing = (options.Messages ?? long.MaxValue) - closingMessages;
    }

    /// <summary>The first moment at which orders are taken.</summary>
    public long OrdersNanos => _startNanos + Second + Millisecond;

    /// <summary>When the market opens.</summary>
    public long OpenNanos { get; }

    /// <summary>When trading stops at the latest.</summary>
    public long ClosingNanos { get; }

    /// <summary>Messages, as ITCH counts them, after which the market closes.</summary>
    public long MessagesBeforeClosing { get; }

    /// <summary>The first second: system events, directory, states.</summary>
    public void Begin()
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
        for (int i = 0; i < Math.Min(participants.Length, _markets.Count); i++)
        {
            _feed.ParticipantPosition(_markets[i].Spec.Locate, participants[i], _markets[i].Spec.Stock, i == 0);
        }

        _feed.TimeNanos = _startNanos + Second;
        _feed.SystemEvent('S');
    }

    /// <summary>Imbalances, the opening and its auction; orders must have been placed.</summary>
    public void Open()
    {
        AnnounceImbalances('O', _startNanos + (5 * Second));
        _feed.TimeNanos = OpenNanos;
        _feed.SystemEvent('Q');
        Cross('O', OpenNanos + (20 * Microsecond));
    }

    /// <summary>Imbalances, the closing auction and the end of messages.</summary>
    /// <param name="stoppedNanos">When trading stopped.</param>
    public void Close(long stoppedNanos)
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

    private static long Nanos(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;
}
