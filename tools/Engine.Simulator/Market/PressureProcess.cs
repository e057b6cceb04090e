using Engine.Core.Numerics;

namespace Engine.Simulator.Market;

/// <summary>
/// The hidden state of one instrument, stepped on a grid of Δ = 0.1 s: a pressure x and a reference price r in ticks.
/// <code>
///   x ← ρ·x + √(1-ρ²)·z₁            ρ = 2^(-Δ/4 s): mean 0, variance 1, half life 4 s
///   r ← r + σ·(κ·signal·x·Δ + √Δ·z₂) - λ·Δ·(r - r₀)
/// </code>
/// with z standard normal, σ the instrument's volatility in ticks per root second, κ = 0.45 per root second and λ = 1/5000 per
/// second, a pull towards the opening price r₀ that is far slower than any horizon of interest. The expected move of r over
/// h seconds given x is σ·κ·signal·x·τ·(1 - e^(-h/τ)) with τ = 4/ln 2 s. The draws do not depend on the signal's strength.
/// </summary>
public sealed class PressureProcess
{
    /// <summary>Step of the hidden state, nanoseconds.</summary>
    public const long StepNanos = 100_000_000;

    /// <summary>Half life of the pressure, seconds.</summary>
    public const double HalfLifeSeconds = 4;

    /// <summary>κ: drift of the reference price at pressure 1, in volatilities.</summary>
    public const double DriftPerVolatility = 0.45;

    private const double StepSeconds = StepNanos * 1e-9;
    private const double PullPerSecond = 1.0 / 5_000;
    private const double Ln2 = 0.69314718055994531;
    private readonly SeededRandom _random;
    private readonly double _signal;
    private readonly double _volatilityTicks;
    private readonly double _openingTicks;
    private readonly double _persistence;
    private readonly double _innovation;

    /// <param name="spec">The instrument.</param>
    /// <param name="signal">Strength of the planted signal.</param>
    /// <param name="random">Its own draws.</param>
    public PressureProcess(InstrumentSpec spec, double signal, SeededRandom random)
    {
        _random = random;
        _signal = signal;
        _volatilityTicks = spec.VolatilityTicks;
        _openingTicks = spec.OpeningTicks + 0.5;
        _persistence = DeterministicMath.Exp(-Ln2 * StepSeconds / HalfLifeSeconds);
        _innovation = Math.Sqrt(1 - (_persistence * _persistence));
        Pressure = random.NextNormal();
        ReferenceTicks = _openingTicks;
    }

    /// <summary>x, of mean 0 and variance 1.</summary>
    public double Pressure { get; private set; }

    /// <summary>What the order flow feels: signal times pressure, within ±3.</summary>
    public double FeltPressure => Math.Clamp(_signal * Pressure, -3, 3);

    /// <summary>r in ticks, within a half and one and a half of the opening price.</summary>
    public double ReferenceTicks { get; private set; }

    /// <summary>Goes one step on.</summary>
    public void Step()
    {
        double drift = DriftPerVolatility * _signal * Pressure * StepSeconds;
        double noise = Math.Sqrt(StepSeconds) * _random.NextNormal();
        double pull = PullPerSecond * StepSeconds * (ReferenceTicks - _openingTicks);
        double moved = ReferenceTicks + (_volatilityTicks * (drift + noise)) - pull;
        ReferenceTicks = Math.Clamp(moved, 0.5 * _openingTicks, 1.5 * _openingTicks);
        Pressure = (_persistence * Pressure) + (_innovation * _random.NextNormal());
    }
}
