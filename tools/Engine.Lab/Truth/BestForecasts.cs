using Engine.Core.Numerics;
using Engine.Simulator.Market.Known;

namespace Engine.Lab.Truth;

/// <summary>Pairs the best forecasts of a day with what its mid prices did.</summary>
internal static class BestForecasts
{
    private const double NanosPerSecond = 1e9;

    /// <summary>
    /// On the grid of multiples of a step since the epoch, from a symbol's first truth row to a horizon before its last: the forecast at
    /// strength 1 and the return of the mid price, both relative to the mid price. Forecast and mid price know what is strictly before.
    /// </summary>
    /// <param name="truth">The day's truth.</param>
    /// <param name="tapes">Its mid prices.</param>
    /// <param name="horizonNanos">How far ahead.</param>
    /// <param name="stepNanos">The grid.</param>
    /// <exception cref="TruthException">A symbol of the truth is not in the capture.</exception>
    public static List<(long Time, double Forecast, double Outcome)> Pair(
        TruthFile truth, IReadOnlyDictionary<string, MidTape> tapes, long horizonNanos, long stepNanos)
    {
        var pairs = new List<(long Time, double Forecast, double Outcome)>();
        double[] values = new double[truth.Model.Components.Count];
        foreach ((string symbol, TruthSeries series) in truth.Instruments)
        {
            MidTape tape = tapes.TryGetValue(symbol, out MidTape? found)
                ? found
                : throw new TruthException($"'{symbol}' of the truth is not in the capture; give the two files of one run");
            int row = 0;
            long last = series.Times[^1] - horizonNanos;
            for (long time = ((series.Times[0] / stepNanos) + 1) * stepNanos; time <= last; time += stepNanos)
            {
                for (; row + 1 < series.Times.Count && series.Times[row + 1] < time; row++)
                {
                }

                At(truth.Model, series, row, time, values);
                double mid = tape.Before(time);
                double forecast = truth.Model.ForecastTicks(values, horizonNanos / NanosPerSecond) * truth.Tick / mid;
                double outcome = (tape.Before(time + horizonNanos) / mid) - 1;
                pairs.Add(double.IsNaN(outcome)
                    ? throw new TruthException($"'{symbol}' has no mid price at {time} ns; give the two files of one run")
                    : (time, forecast, outcome));
            }
        }

        return pairs;
    }

    /// <summary>The forecast at one time, at strength 1 and relative to the mid price; NaN before the symbol's first truth row, behind its
    /// last one, and where there is no mid price. It knows what is strictly before.</summary>
    /// <param name="truth">The day's truth.</param>
    /// <param name="series">The symbol's values.</param>
    /// <param name="tape">Its mid prices.</param>
    /// <param name="time">When the forecast is made.</param>
    /// <param name="horizonNanos">How far ahead.</param>
    public static double At(TruthFile truth, TruthSeries series, MidTape tape, long time, long horizonNanos)
    {
        int found = series.Times.BinarySearch(time);
        int row = (found >= 0 ? found : ~found) - 1;
        while (row > 0 && series.Times[row] >= time)
        {
            row--;
        }

        if (row < 0 || time > series.Times[^1])
        {
            return double.NaN;
        }

        Span<double> values = stackalloc double[truth.Model.Components.Count];
        At(truth.Model, series, row, time, values);
        return truth.Model.ForecastTicks(values, horizonNanos / NanosPerSecond) * truth.Tick / tape.Before(time);
    }

    private static void At(AlphaModel model, TruthSeries series, int row, long time, Span<double> values)
    {
        double seconds = (time - series.Times[row]) / NanosPerSecond;
        for (int k = 0; k < values.Length; k++)
        {
            AlphaComponent component = model.Components[k];
            double value = series.Values[(row * values.Length) + k];
            values[k] = component.OfTrades ? value * DeterministicMath.Exp(-seconds / component.DecaySeconds) : value;
        }
    }
}
