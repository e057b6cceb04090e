using Engine.Core.Numerics;

namespace Engine.Simulator.Market.Known;

/// <summary>One visible quantity that the drift of the price follows.</summary>
/// <param name="Name">Its column in the truth file.</param>
/// <param name="DecaySeconds">τ: what it is expected to be u seconds on is e^(-u/τ) of what it is.</param>
/// <param name="DriftTicksPerSecond">g: drift of the mid price at value 1 and strength 1.</param>
/// <param name="OfTrades">Whether it is a decaying sum of trades, which fades between its rows; else it holds.</param>
public sealed record AlphaComponent(string Name, double DecaySeconds, double DriftTicksPerSecond, bool OfTrades);

/// <summary>
/// A day whose best forecast is known in closed form. The mid price jumps by one tick; with values zₖ of mean 0 and variance 1 the
/// intensity of up and down jumps together is max(λ, |d|), and their difference is the drift
/// <code>
///   d = strength · Σ gₖ·zₖ      E[mid(t+h) - mid(t) | everything up to t] = strength · Σ gₖ·zₖ·τₖ·(1 - e^(-h/τₖ))
/// </code>
/// which is exact, since each value is expected to fade exponentially and the price has no influence on any of them:
/// <list type="bullet">
/// <item><c>book</c>: of N orders at the touch each goes to the other side at rate 1/(2τ) (Ehrenfest's urn); z = (2·bids - N)/√N;</item>
/// <item><c>fast_flow</c>, <c>slow_flow</c>: trades at rate μ whose signs are independent and fair; z = Σ sign·e^(-age/τ) / √(μτ/2).</item>
/// </list>
/// All three can be computed from the displayed orders and the trades alone, so this forecast is the best from what is visible.
/// </summary>
/// <param name="Strength">0: the same machinery without anything to forecast; 1: the usual one.</param>
/// <param name="JumpsPerSecond">λ.</param>
/// <param name="Components">The visible quantities.</param>
public sealed record AlphaModel(double Strength, double JumpsPerSecond, IReadOnlyList<AlphaComponent> Components)
{
    /// <summary>The largest strength; above 1 the price mostly follows its drift.</summary>
    public const double StrengthLimit = 3;

    /// <summary>μ: trades of an instrument.</summary>
    internal const double TradesPerSecond = 4;

    /// <summary>Orders that come or go behind the touch.</summary>
    internal const double ChurnPerSecond = 4;

    /// <summary>The book's shape.</summary>
    internal static readonly LadderShape Shape = new(LeastTouchOrders: 2, LeaningOrders: 8, DeepOrders: 3);

    private const double DensityStep = 1.0 / 64, DensityEnd = 8;
    private const double InverseRootTwoPi = 0.39894228040143268;

    /// <summary>The simulator's market.</summary>
    public static AlphaModel Usual(double strength) => new(
        strength,
        2,
        [
            new AlphaComponent("book", 8, 0.40, false),
            new AlphaComponent("fast_flow", 1, 0.40, true),
            new AlphaComponent("slow_flow", 5, 0.25, true),
        ]);

    /// <summary>The best forecast of the mid price's move at strength 1, ticks.</summary>
    /// <param name="values">zₖ at the time of the forecast, in the order of <see cref="Components"/>.</param>
    /// <param name="horizonSeconds">h, above 0.</param>
    public double ForecastTicks(ReadOnlySpan<double> values, double horizonSeconds)
    {
        double sum = 0;
        for (int k = 0; k < Components.Count; k++)
        {
            sum += values[k] * Weight(Components[k], horizonSeconds);
        }

        return sum;
    }

    /// <summary>The correlation of forecast and move that is to be expected over a long day: its square is the best R².</summary>
    /// <param name="horizonSeconds">h, above 0.</param>
    public double ExpectedCorrelation(double horizonSeconds)
    {
        double forecast = 0, drift = 0, square = 0;
        for (int j = 0; j < Components.Count; j++)
        {
            for (int k = 0; k < Components.Count; k++)
            {
                (AlphaComponent a, AlphaComponent b) = (Components[j], Components[k]);
                double shared = Correlation(a, b);
                forecast += shared * Weight(a, horizonSeconds) * Weight(b, horizonSeconds);
                double gains = shared * a.DriftTicksPerSecond * b.DriftTicksPerSecond;
                square += gains;
                drift += gains * (Lagged(a, horizonSeconds) + Lagged(b, horizonSeconds));
            }
        }

        double squaredStrength = Strength * Strength;
        double move = (MeanIntensity(Strength * Math.Sqrt(square)) * horizonSeconds) + (squaredStrength * drift);
        return Math.Sqrt(squaredStrength * forecast / move);
    }

    // g·τ·(1 - e^(-h/τ)).
    private static double Weight(AlphaComponent of, double horizon) =>
        of.DriftTicksPerSecond * of.DecaySeconds * (1 - DeterministicMath.Exp(-horizon / of.DecaySeconds));

    // Two sums of the same trades, each of variance 1.
    private static double Correlation(AlphaComponent a, AlphaComponent b) =>
        a == b ? 1
        : a.OfTrades && b.OfTrades ? 2 * Math.Sqrt(a.DecaySeconds * b.DecaySeconds) / (a.DecaySeconds + b.DecaySeconds)
        : 0;

    // ∫∫ e^(-(v-u)/τ) over 0 < u < v < h.
    private static double Lagged(AlphaComponent of, double horizon)
    {
        double lengths = horizon / of.DecaySeconds;
        return of.DecaySeconds * of.DecaySeconds * (lengths - 1 + DeterministicMath.Exp(-lengths));
    }

    // E max(λ, |d|) of a normal drift.
    private double MeanIntensity(double driftDeviation)
    {
        double sum = 0;
        for (double z = -DensityEnd; z <= DensityEnd; z += DensityStep)
        {
            double density = InverseRootTwoPi * DeterministicMath.Exp(-0.5 * z * z);
            sum += DensityStep * density * Math.Max(JumpsPerSecond, Math.Abs(driftDeviation * z));
        }

        return sum;
    }
}
