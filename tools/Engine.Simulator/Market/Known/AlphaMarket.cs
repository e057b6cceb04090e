using Engine.Core.Numerics;

namespace Engine.Simulator.Market.Known;

/// <summary>One instrument of a day with a known forecast; see <see cref="AlphaModel"/>.</summary>
internal sealed class AlphaMarket : IMarketProcess
{
    private const int Book = 0;
    private const double NanosPerSecond = 1e9;
    private readonly QuoteLadder _ladder;
    private readonly AlphaModel _model;
    private readonly SeededRandom _random;
    private readonly AlphaTruthWriter? _truth;
    private readonly string _symbol;
    private readonly double _flipsPerSecond;
    private readonly double _rootOrders;
    private readonly double[] _values;
    private readonly double[] _tradeSteps;
    private double _jumpBound;
    private long _nowNanos;

    /// <param name="market">The instrument's market.</param>
    /// <param name="model">What its price follows.</param>
    /// <param name="times">Draws of what happens when.</param>
    /// <param name="orders">Draws of orders.</param>
    /// <param name="truth">Where its state goes; null for nowhere.</param>
    public AlphaMarket(InstrumentMarket market, AlphaModel model, SeededRandom times, SeededRandom orders, AlphaTruthWriter? truth)
    {
        _model = model;
        _random = times;
        _truth = truth;
        _symbol = market.Spec.Symbol;
        _ladder = new QuoteLadder(market, AlphaModel.Shape, orders);
        _flipsPerSecond = AlphaModel.Shape.LeaningOrders / (2 * model.Components[Book].DecaySeconds);
        _rootOrders = Math.Sqrt(AlphaModel.Shape.LeaningOrders);
        _values = new double[model.Components.Count];
        _tradeSteps = [.. model.Components.Select(c => c.OfTrades ? 1 / Math.Sqrt(0.5 * AlphaModel.TradesPerSecond * c.DecaySeconds) : 0)];
        _values[Book] = BookValue();
    }

    /// <inheritdoc/>
    public long NextNanos { get; private set; }

    /// <inheritdoc/>
    public void PlaceOpeningOrders() => _ladder.Fill();

    /// <inheritdoc/>
    public void Open(long nanos)
    {
        _ladder.Refill();
        _nowNanos = nanos;
        Write();
        DrawNext();
    }

    /// <inheritdoc/>
    public void Step()
    {
        FadeTo(NextNanos);
        double u = _random.NextDouble() * (AlphaModel.TradesPerSecond + _flipsPerSecond + AlphaModel.ChurnPerSecond + _jumpBound);
        if ((u -= AlphaModel.TradesPerSecond) < 0)
        {
            Trade();
        }
        else if ((u -= _flipsPerSecond) < 0)
        {
            _ladder.Flip();
            _values[Book] = BookValue();
            Write();
        }
        else if ((u -= AlphaModel.ChurnPerSecond) < 0)
        {
            _ladder.Churn();
        }
        else
        {
            Jump(u);
        }

        DrawNext();
    }

    /// <inheritdoc/>
    public void Stop(long nanos)
    {
        FadeTo(Math.Max(nanos, _nowNanos));
        Write();
    }

    private double BookValue() => ((2 * _ladder.Bidding) - AlphaModel.Shape.LeaningOrders) / _rootOrders;

    private void Trade()
    {
        bool isBuy = _random.Chance(0.5);
        _ladder.Trade(isBuy);
        for (int k = 0; k < _values.Length; k++)
        {
            _values[k] += isBuy ? _tradeSteps[k] : -_tradeSteps[k];
        }

        Write();
    }

    // u is uniform below the bound, which was drawn for the time since the last event: thinned to what holds at this moment.
    private void Jump(double u)
    {
        double drift = 0;
        for (int k = 0; k < _values.Length; k++)
        {
            drift += _model.Strength * _model.Components[k].DriftTicksPerSecond * _values[k];
        }

        double intensity = Math.Max(_model.JumpsPerSecond, Math.Abs(drift));
        if (u < intensity)
        {
            _ladder.Shift(u < 0.5 * (intensity + drift));
        }
    }

    private void FadeTo(long nanos)
    {
        double seconds = (nanos - _nowNanos) / NanosPerSecond;
        for (int k = 0; k < _values.Length; k++)
        {
            if (_model.Components[k].OfTrades)
            {
                _values[k] *= DeterministicMath.Exp(-seconds / _model.Components[k].DecaySeconds);
            }
        }

        _nowNanos = nanos;
    }

    // Until something happens every value keeps its sign and shrinks, so the drift stays below the sum of its parts.
    private void DrawNext()
    {
        double parts = 0;
        for (int k = 0; k < _values.Length; k++)
        {
            parts += _model.Strength * _model.Components[k].DriftTicksPerSecond * Math.Abs(_values[k]);
        }

        _jumpBound = Math.Max(_model.JumpsPerSecond, parts);
        double total = AlphaModel.TradesPerSecond + _flipsPerSecond + AlphaModel.ChurnPerSecond + _jumpBound;
        double seconds = -DeterministicMath.Log(1 - _random.NextDouble()) / total;
        NextNanos = _nowNanos + Math.Max(1, (long)(seconds * NanosPerSecond));
    }

    private void Write() => _truth?.Write(_nowNanos, _symbol, _values);
}
