namespace Engine.Lab.Truth;

/// <summary>How well a forecast told what happened.</summary>
/// <param name="Rows">Pairs of forecast and outcome.</param>
/// <param name="Correlation">Their correlation (Pearson), which is the information coefficient.</param>
/// <param name="CorrelationError">Its standard error, from leaving out one block of time after the other.</param>
/// <param name="RSquared">1 - squared error of the forecast at the day's strength / variance of the outcome.</param>
/// <param name="Auc">Probability that of a rise and a fall the rise had the higher forecast; outcomes of 0 are left out.</param>
internal sealed record TruthScore(long Rows, double Correlation, double CorrelationError, double RSquared, double Auc)
{
    private const int Blocks = 20;

    /// <summary>Scores forecasts.</summary>
    /// <param name="pairs">Time of the row, forecast and outcome.</param>
    /// <param name="strength">What a forecast is multiplied by for R².</param>
    public static TruthScore Of(IReadOnlyList<(long Time, double Forecast, double Outcome)> pairs, double strength)
    {
        long first = pairs.Min(p => p.Time);
        double length = Math.Max(1, pairs.Max(p => p.Time) - first);
        var blocks = new Sums[Blocks];
        Sums all = default;
        double squaredError = 0;
        foreach ((long time, double forecast, double outcome) in pairs)
        {
            blocks[Math.Min(Blocks - 1, (int)((time - first) * Blocks / length))].Add(forecast, outcome);
            all.Add(forecast, outcome);
            double error = outcome - (strength * forecast);
            squaredError += error * error;
        }

        double[] without = [.. blocks.Select(block => all.Without(block).Correlation)];
        double mean = without.Average();
        double deviation = Math.Sqrt((Blocks - 1.0) / Blocks * without.Sum(c => (c - mean) * (c - mean)));
        return new TruthScore(pairs.Count, all.Correlation, deviation, 1 - (squaredError / all.OutcomeSquares), AucOf(pairs));
    }

    // By ranks (Mann and Whitney 1947); equal forecasts share the mean of their ranks.
    private static double AucOf(IReadOnlyList<(long Time, double Forecast, double Outcome)> pairs)
    {
        (double Forecast, bool IsRise)[] sorted = [.. pairs.Where(p => p.Outcome != 0).Select(p => (p.Forecast, p.Outcome > 0)).OrderBy(p => p.Forecast)];
        double rankSum = 0, rises = 0;
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            int risesHere = 0;
            for (end = start; end < sorted.Length && sorted[end].Forecast == sorted[start].Forecast; end++)
            {
                risesHere += sorted[end].IsRise ? 1 : 0;
            }

            rankSum += risesHere * 0.5 * (start + 1 + end);
            rises += risesHere;
        }

        double falls = sorted.Length - rises;
        return rises == 0 || falls == 0 ? double.NaN : (rankSum - (0.5 * rises * (rises + 1))) / (rises * falls);
    }

    private struct Sums
    {
        private double _n, _x, _y, _xx, _yy, _xy;

        public readonly double OutcomeSquares => _yy - (_y * _y / _n);

        public readonly double Correlation => (_xy - (_x * _y / _n)) / Math.Sqrt((_xx - (_x * _x / _n)) * OutcomeSquares);

        public void Add(double x, double y)
        {
            _n++;
            _x += x;
            _y += y;
            _xx += x * x;
            _yy += y * y;
            _xy += x * y;
        }

        public readonly Sums Without(Sums part) => new()
        {
            _n = _n - part._n, _x = _x - part._x, _y = _y - part._y, _xx = _xx - part._xx, _yy = _yy - part._yy, _xy = _xy - part._xy,
        };
    }
}
