using Engine.Core.Numerics;

namespace Engine.Simulator.Market.Known;

/// <summary>
/// One instrument of a spoofing tape: a quiet ordinary flow whose trades and price moves are fair, and episodes (see
/// <see cref="SpoofEpisode"/>) one after the other. The book at the decision, seen without its past, is the same in both classes:
/// the same orders at the touch and behind it, the same wall two or three ticks from it in half of them. Only what came before tells them apart.
/// </summary>
internal sealed class SpoofMarket : IMarketProcess
{
    private const double FlipsPerSecond = 6, TradesPerSecond = 4, ChurnPerSecond = 12, ShiftsPerSecond = 0.3;
    private const double FlowPerSecond = FlipsPerSecond + TradesPerSecond + ChurnPerSecond + ShiftsPerSecond;
    private const double NanosPerSecond = 1e9;
    private const double EpisodeSeconds = 1.2;
    private static readonly LadderShape s_shape = new(LeastTouchOrders: 2, LeaningOrders: 4, DeepOrders: 2);
    private readonly InstrumentSpec _spec;
    private readonly QuoteLadder _ladder;
    private readonly SeededRandom _random;
    private readonly SpoofTruthWriter? _truth;
    private readonly double _gapSeconds;
    private SpoofEpisode _episode;
    private QuoteLadder.Wall? _wall;
    private QuoteLadder.Wall? _standing;
    private long _flowNanos;
    private long _decisionNanos;

    /// <param name="market">The instrument's market.</param>
    /// <param name="perMinute">Episodes a minute, on average.</param>
    /// <param name="times">Draws of what happens when.</param>
    /// <param name="orders">Draws of orders.</param>
    /// <param name="truth">Where the episodes go; null for nowhere.</param>
    public SpoofMarket(InstrumentMarket market, double perMinute, SeededRandom times, SeededRandom orders, SpoofTruthWriter? truth)
    {
        _spec = market.Spec;
        _ladder = new QuoteLadder(market, s_shape, orders);
        _random = times;
        _truth = truth;
        _gapSeconds = (60 / perMinute) - EpisodeSeconds;
        _episode = new SpoofEpisode(0, times);
    }

    /// <inheritdoc/>
    public long NextNanos => Math.Min(_flowNanos, _episode.NextNanos);

    /// <inheritdoc/>
    public void PlaceOpeningOrders() => _ladder.Fill();

    /// <inheritdoc/>
    public void Open(long nanos)
    {
        _ladder.Refill();
        DrawFlow(nanos);
        DrawEpisode(nanos);
    }

    /// <inheritdoc/>
    public void Step()
    {
        if (_flowNanos < _episode.NextNanos)
        {
            Flow();
            DrawFlow(_flowNanos);
            return;
        }

        long now = _episode.NextNanos;
        Act(_episode.Take(), now);
    }

    /// <inheritdoc/>
    public void Stop(long nanos)
    {
        // An episode that the close cuts short has no outcome, and is not told.
    }

    private void Flow()
    {
        double u = _random.NextDouble() * FlowPerSecond;
        if ((u -= FlipsPerSecond) < 0)
        {
            _ladder.Flip();
        }
        else if ((u -= TradesPerSecond) < 0)
        {
            _ladder.Trade(_random.Chance(0.5));
        }
        else if (u - ChurnPerSecond < 0 || _flowNanos >= _episode.StartNanos)
        {
            _ladder.Churn();
        }
        else
        {
            _ladder.Shift(_random.Chance(0.5));
        }
    }

    private void Act(SpoofAction action, long now)
    {
        switch (action)
        {
            case SpoofAction.ShowWall:
                _wall = _ladder.PlaceWall(_episode.WallIsBid, _episode.WallShares);
                break;
            case SpoofAction.ShowStandingWall:
                _standing = _ladder.PlaceWall(_episode.WallIsBid, _episode.StandingShares);
                break;
            case SpoofAction.EatWall:
                Eat(_episode.WallShares / SpoofEpisode.Bites);
                break;
            case SpoofAction.FinishWall:
                Eat(int.MaxValue);
                break;
            case SpoofAction.Lean:
                Move(_episode.WallIsBid);
                break;
            case SpoofAction.CancelWall:
                _ladder.CancelWall(_wall!);
                break;
            case SpoofAction.SmallTrade:
                _ladder.Trade(_random.Chance(0.5));
                break;
            case SpoofAction.Decide:
                _ladder.Churn();
                _decisionNanos = now;
                _flowNanos = long.MaxValue;
                break;
            case SpoofAction.Strike:
                _ladder.Sweep(_episode.GoesUp);
                DrawFlow(now);
                break;
            case SpoofAction.Follow:
                Move(_episode.GoesUp);
                break;
            default:
                Clear(now);
                break;
        }
    }

    private void Eat(int shares)
    {
        int most = Math.Min(shares, _ladder.SharesThrough(_wall!));
        if (most > 0)
        {
            _ladder.Trade(!_episode.WallIsBid, most);
        }
    }

    private void Move(bool up)
    {
        _ladder.Trade(up);
        _ladder.Shift(up);
    }

    private void Clear(long now)
    {
        if (_standing is not null)
        {
            _ladder.CancelWall(_standing);
        }

        _truth?.Write(_spec.Symbol, _episode, _decisionNanos);
        (_wall, _standing) = (null, null);
        DrawEpisode(now);
    }

    private void DrawFlow(long now) => _flowNanos = now + Math.Max(1, Nanos(-DeterministicMath.Log(1 - _random.NextDouble()) / FlowPerSecond));

    private void DrawEpisode(long now) => _episode = new SpoofEpisode(now + Nanos(_gapSeconds * (0.75 + (0.5 * _random.NextDouble()))), _random);

    private static long Nanos(double seconds) => (long)(seconds * NanosPerSecond);
}
