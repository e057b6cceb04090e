using Engine.Core.Numerics;

namespace Engine.Simulator.Market;

/// <summary>Draws the distances and sizes of one instrument's orders.</summary>
public sealed class OrderDraws
{
    /// <summary>Shares of a round lot.</summary>
    public const int RoundLot = 100;

    private const double TouchProbability = 0.34;
    private const double FarProbability = 0.04;
    private const int FarTicksPerSpread = 25;
    private const int DistanceLimit = 60;
    private const double OddLotProbability = 0.18, LargeProbability = 0.03;
    private const double FurtherLotProbability = 0.52;
    private const int LotsLimit = 200;
    private readonly SeededRandom _random;
    private readonly double _sizeScale;
    private readonly int _spread;

    /// <param name="spec">The instrument.</param>
    /// <param name="random">Its own draws.</param>
    public OrderDraws(InstrumentSpec spec, SeededRandom random)
    {
        _random = random;
        _sizeScale = spec.SizeScale;
        _spread = spec.SpreadTicks;
    }

    /// <summary>
    /// Ticks away from the quote that the reference price implies: geometric, further out for wide instruments, closer under
    /// favourable pressure; few orders go far away, and on wide instruments some go inside (-1).
    /// </summary>
    /// <param name="favour">Felt pressure towards this side.</param>
    public int Distance(double favour)
    {
        if (_random.Chance(FarProbability))
        {
            return 5 + _random.Next(FarTicksPerSpread * Math.Max(1, _spread));
        }

        if (_spread >= 3 && _random.Chance(0.06))
        {
            return -1;
        }

        double scale = Math.Max(1, 0.5 * _spread);
        double touch = TouchProbability * (1 + (0.25 * Math.Clamp(favour, -1.5, 1.5))) / scale;
        return Geometric(touch, DistanceLimit);
    }

    /// <summary>Shares of an order: round lots mostly, odd lots of 1 to 99 shares, some large ones.</summary>
    /// <param name="factor">Multiplies the usual size, above 0.</param>
    public int Size(double factor)
    {
        double u = _random.NextDouble();
        if (u < OddLotProbability)
        {
            return 1 + _random.Next(RoundLot - 1);
        }

        double lots = 1 + Geometric(1 - FurtherLotProbability, LotsLimit);
        if (u < OddLotProbability + LargeProbability)
        {
            lots += 10 + _random.Next(15);
        }

        // Rounded to whole lots at random, so that the mean follows the factor.
        double scaled = lots * _sizeScale * factor;
        int whole = (int)scaled;
        whole += _random.Chance(scaled - whole) ? 1 : 0;
        return RoundLot * Math.Clamp(whole, 1, LotsLimit);
    }

    // Failures before the first success, by inversion: one draw.
    private int Geometric(double success, int limit)
    {
        double u = 1 - _random.NextDouble();
        double failures = DeterministicMath.Log(u) / DeterministicMath.Log(1 - success);
        return failures >= limit ? limit : (int)failures;
    }
}
