using Engine.Simulator.Wire;

namespace Engine.Simulator.Market;

/// <summary>What distinguishes one simulated instrument. The symbols are invented and stand for no company.</summary>
/// <param name="Symbol">At most eight characters.</param>
/// <param name="Locate">Its number in the messages, from 1.</param>
/// <param name="OpeningTicks">Reference price at the start, ticks of 0.01 dollars.</param>
/// <param name="VolatilityTicks">Standard deviation of the reference price's change in a second, ticks.</param>
/// <param name="SpreadTicks">Usual spread, ticks.</param>
/// <param name="SizeScale">Usual order size, 1 being about 200 shares.</param>
/// <param name="ActivityShare">Its share of all events; the shares sum to 1.</param>
public sealed record InstrumentSpec(
    string Symbol,
    ushort Locate,
    int OpeningTicks,
    double VolatilityTicks,
    int SpreadTicks,
    double SizeScale,
    double ActivityShare)
{
    /// <summary>Price units (1e-4 dollars) of a tick.</summary>
    public const uint PriceUnitsPerTick = 100;

    /// <summary>The symbol as an a8 field.</summary>
    public ulong Stock { get; } = ItchText.Pack8(Symbol);

    private static readonly string[] s_names =
    [
        "ALFA", "BRVO", "CHRL", "DLTA", "EKHO", "FXTR", "GLFF", "HTLL", "INDG", "JLTT", "KYLO", "LYMA", "MYKE",
        "NVMB", "OSKR", "PAPQ", "QBEK", "RMEO", "SYRA", "TNGG", "UNFM", "VKTR", "WSKY", "XRRY", "YNKE", "ZLUU",
    ];

    // Opening price in ticks, volatility in ticks per root second, spread in ticks, size: from deep and slow to thin and wide.
    private static readonly (int Ticks, double Volatility, int Spread, double Size)[] s_characters =
    [
        (4_215, 0.80, 1, 1.2), (17_840, 1.50, 3, 0.8), (2_330, 0.60, 1, 1.6), (41_575, 2.60, 5, 0.5),
        (862, 0.40, 1, 3.0), (9_605, 1.00, 2, 1.0), (548, 0.35, 1, 4.0), (6_190, 0.90, 2, 0.9),
    ];

    /// <summary>The first instruments of the simulated exchange, the most active first: shares fall as 1/rank^0.9, nearly (Zipf).</summary>
    /// <param name="count">1 to <see cref="SimulationOptions.InstrumentLimit"/>.</param>
    public static InstrumentSpec[] List(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, SimulationOptions.InstrumentLimit);
        double[] weights = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            weights[i] = Core.Numerics.DeterministicMath.Exp(-0.9 * Core.Numerics.DeterministicMath.Log(i + 1));
            sum += weights[i];
        }

        var specs = new InstrumentSpec[count];
        for (int i = 0; i < count; i++)
        {
            int round = i / s_names.Length;
            string symbol = s_names[i % s_names.Length] + (round == 0 ? "" : ((char)('A' + round - 1)).ToString());
            (int ticks, double volatility, int spread, double size) = s_characters[i % s_characters.Length];
            specs[i] = new InstrumentSpec(symbol, (ushort)(i + 1), ticks, volatility, spread, size, weights[i] / sum);
        }

        return specs;
    }
}
