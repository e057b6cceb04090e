using Engine.Core.Numerics;

namespace Engine.Simulator.Market;

/// <summary>
/// Times of one instrument's events: a self-exciting (Hawkes) process. Each event raises the intensity twice, by a burst that
/// fades within microseconds (reactions of other machines) and by a swell that fades within a tenth of a second (interest):
/// <code>λ(t) = μ + Σ m·(n₁/τ₁·e^(-(t-tᵢ)/τ₁) + n₂/τ₂·e^(-(t-tᵢ)/τ₂))</code>
/// with n₁ = 0.50, τ₁ = 12 µs, n₂ = 0.25, τ₂ = 120 ms and a mark m of mean about 1. μ is chosen so that the mean intensity is
/// the wanted rate. Sampled exactly by thinning (Ogata 1981), since the intensity only falls between events.
/// </summary>
public sealed class ArrivalProcess
{
    private const double BurstOffspring = 0.50, BurstSeconds = 12e-6;
    private const double SwellOffspring = 0.25, SwellSeconds = 120e-3;
    private const double NanosPerSecond = 1e9;

    // A machine's least time to react: no two events of an instrument are closer.
    private const long LeastGapNanos = 350;

    // The longest single draw: keeps a time far below overflow however low the rate.
    private const double LongestWaitSeconds = 86_400;
    private readonly SeededRandom _random;
    private readonly double _base;
    private double _burst;
    private double _swell;
    private long _nowNanos;

    /// <param name="ratePerSecond">Wanted mean rate of events.</param>
    /// <param name="startNanos">When the process begins.</param>
    /// <param name="random">Its own draws.</param>
    public ArrivalProcess(double ratePerSecond, long startNanos, SeededRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ratePerSecond);
        _random = random;
        _base = ratePerSecond * (1 - BurstOffspring - SwellOffspring);
        _nowNanos = startNanos;
        NextNanos = startNanos;
        Advance(0);
    }

    /// <summary>Time of the next event, nanoseconds since midnight.</summary>
    public long NextNanos { get; private set; }

    /// <summary>Takes the next event as having happened and draws the one after it.</summary>
    /// <param name="mark">How much the event excites, 1 being usual; 0 not at all.</param>
    public void Advance(double mark)
    {
        _burst += mark * BurstOffspring / BurstSeconds;
        _swell += mark * SwellOffspring / SwellSeconds;
        long happenedNanos = _nowNanos;
        while (true)
        {
            double bound = _base + _burst + _swell;
            double wait = Math.Min(LongestWaitSeconds, -DeterministicMath.Log(1 - _random.NextDouble()) / bound);
            _burst *= DeterministicMath.Exp(-wait / BurstSeconds);
            _swell *= DeterministicMath.Exp(-wait / SwellSeconds);
            _nowNanos += (long)(wait * NanosPerSecond);
            if (_random.NextDouble() * bound <= _base + _burst + _swell)
            {
                break;
            }
        }

        _nowNanos = Math.Max(_nowNanos, happenedNanos + LeastGapNanos);
        NextNanos = _nowNanos;
    }
}
