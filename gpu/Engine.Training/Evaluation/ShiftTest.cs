using Engine.Core.Numerics;

namespace Engine.Training.Evaluation;

/// <summary>
/// Whether an information coefficient can be luck. Labels overlap, predictions linger and instruments move together, so rows are not
/// independent, and a test that takes them to be finds signals everywhere. Here the predictions of a session (the series that overlap in time) are
/// turned against the labels as a ring in time, all series by the same time, each session by another: that keeps how both move, alone and with each
/// other, and takes away what they have to do with each other. The p-value is the share of turns that score as high as the unturned one, which itself
/// counts as one of so many independent turns (two-sided). Left out are turns so short that rows meet themselves, and those by which a label meets a
/// later prediction that can know it: of its own span, or behind it by no more than predictions remember.
/// </summary>
/// <param name="InformationCoefficient">Rank correlation of prediction and label, ranks over all rows.</param>
/// <param name="PValue">How often chance does as well; NaN where nothing varies.</param>
/// <param name="IndependentSpans">About how many independent rows there are: rows of a series over the sum of the products of both
/// autocorrelations (Bartlett 1935), the mean over a session's series, added over sessions.</param>
/// <param name="LeastPValue">The least p-value that the turns could have shown.</param>
public sealed record ShiftTest(double InformationCoefficient, double PValue, double IndependentSpans, double LeastPValue)
{
    /// <summary>Fewer independent rows than this are too few to say anything.</summary>
    public const int FewestSpans = 30;

    /// <summary>Turns at the usual levels.</summary>
    public const int FewestTurns = 1_999;

    private const double TurnsALevel = 20;
    private const int MostTurns = 100_000;
    private const long MostProducts = 400_000_000;
    private const double MostMargin = 0.25;

    /// <summary>Whether a p-value below a level could have come out, and there are enough independent rows for it to mean something.</summary>
    /// <param name="level">The level.</param>
    public bool CanConclude(double level) => IndependentSpans >= FewestSpans && LeastPValue < level;

    /// <summary>Runs the test.</summary>
    /// <param name="scored">Predictions and labels.</param>
    /// <param name="level">The level that the p-value is held against: there are turns enough for it.</param>
    /// <param name="seed">Seed of the turns.</param>
    public static ShiftTest Of(Scored scored, double level, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(scored);
        return Of(scored, (int)Math.Clamp(TurnsALevel / level, FewestTurns, MostTurns), seed);
    }

    /// <summary>Runs the test with a number of turns.</summary>
    internal static ShiftTest Of(Scored scored, int turns, ulong seed)
    {
        double[] x = Standardise(Ranks.Of([.. scored.Predictions.Select(v => (double)v)]));
        double[] y = Standardise(Ranks.Of([.. scored.Labels.Select(v => (double)v)]));
        double coefficient = scored.Rows == 0 ? double.NaN : x.Zip(y, (a, b) => a * b).Sum();
        if (double.IsNaN(coefficient))
        {
            return new ShiftTest(coefficient, double.NaN, 0, 1);
        }

        Session[] sessions = [.. Session.Of(scored, x, y)];
        double spans = sessions.Sum(s => s.Spans);
        double combinations = sessions.Aggregate(1.0, (product, s) => Math.Min(product * Math.Max(1, s.Spans * s.Open), 1e12));
        double independent = Math.Min(turns, combinations);
        double least = 1 / (independent + 1);

        // Of very many rows the turns look at every few.
        int stride = (int)Math.Max(1, (long)scored.Rows * turns / MostProducts);
        var random = new SeededRandom(seed);
        double actual = Math.Abs(sessions.Sum(s => s.Turned(0, stride)));
        int asHigh = 0;
        for (int turn = 0; turn < turns; turn++)
        {
            double sum = 0;
            foreach (Session session in sessions)
            {
                sum += session.Turned(session.Later + (session.Open * random.NextDouble()), stride);
            }

            asHigh += Math.Abs(sum) >= actual ? 1 : 0;
        }

        double share = (double)asHigh / turns;
        return new ShiftTest(coefficient, ((share * independent) + 1) / (independent + 1), spans, least);
    }

    /// <summary>Mean 0, and such that the sum of squares is 1; NaN where nothing varies.</summary>
    private static double[] Standardise(double[] values)
    {
        double mean = values.Length == 0 ? 0 : values.Average();
        double norm = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)));
        return [.. values.Select(v => norm > 0 ? (v - mean) / norm : double.NaN)];
    }

    /// <summary>The series that overlap in time, and are turned together.</summary>
    private sealed class Session
    {
        private readonly Series[] _series;
        private readonly long _start;
        private readonly double _length;

        private Session(Series[] series)
        {
            _series = series;
            _start = series.Min(s => s.Times[0]);
            _length = series.Max(s => s.Times[^1]) - _start + 1.0;
            Spans = series.Average(s => s.Spans);
            double own = 1 / Spans;
            Later = Math.Min(MostMargin, Math.Max(own, series.Max(s => s.Reach) / _length));
            Open = 1 - Later - Math.Min(MostMargin, own);
        }

        /// <summary>About how many independent rows a series of it has.</summary>
        public double Spans { get; }

        /// <summary>Share of the ring at its beginning that no turn falls in, where labels would meet predictions that are a little later.</summary>
        public double Later { get; }

        /// <summary>Share of the ring that turns fall in; behind it rows would meet themselves.</summary>
        public double Open { get; }

        public static IEnumerable<Session> Of(Scored scored, double[] x, double[] y)
        {
            Series[] all =
            [
                .. Enumerable.Range(0, scored.Rows).GroupBy(i => scored.Groups[i])
                    .Select(rows => new Series(
                        [.. rows.Select(i => scored.Times[i])], [.. rows.Select(i => x[i])], [.. rows.Select(i => y[i])], rows.Max(i => scored.Ends[i] - scored.Times[i])))
                    .OrderBy(s => s.Times[0]),
            ];
            var members = new List<Series>();
            long until = long.MinValue;
            foreach (Series series in all)
            {
                if (members.Count > 0 && series.Times[0] > until)
                {
                    yield return new Session([.. members]);
                    members.Clear();
                }

                members.Add(series);
                until = Math.Max(members.Count == 1 ? long.MinValue : until, series.Times[^1]);
            }

            if (members.Count > 0)
            {
                yield return new Session([.. members]);
            }
        }

        /// <summary>The sum of products with predictions turned by a share of the session.</summary>
        public double Turned(double share, int stride)
        {
            double sum = 0;
            foreach (Series series in _series)
            {
                sum += series.Turned(_start, _length, share * _length, stride);
            }

            return sum;
        }
    }

    /// <summary>One instrument of one day.</summary>
    private sealed class Series(long[] times, double[] x, double[] y, long span)
    {
        private const double Negligible = 0.02;
        private const double Forgotten = 0.1;

        public long[] Times => times;

        /// <summary>About how many independent rows there are.</summary>
        public double Spans { get; } = Independent(x, y);

        /// <summary>How long a prediction can know a label after the beginning of its span, ns: the span, and what predictions remember.</summary>
        public double Reach { get; } = span + Memory(times, x);

        public double Turned(long start, double length, double by, int stride)
        {
            // The prediction of the first row at or behind the turned time, which goes up but for once around the ring.
            double sum = 0;
            int at = 0;
            double before = double.NegativeInfinity;
            for (int i = 0; i < times.Length; i += stride)
            {
                double wanted = times[i] - start + by;
                wanted -= wanted >= length ? length : 0;
                at = wanted < before ? 0 : at;
                before = wanted;
                while (at < times.Length && times[at] - start < wanted)
                {
                    at++;
                }

                sum += x[at < times.Length ? at : 0] * y[i];
            }

            return sum;
        }

        private static double Independent(double[] x, double[] y)
        {
            // Σ ρx(k) ρy(k) over lags, by the trapezium rule between lags that grow by a quarter.
            (x, y) = (Centred(x), Centred(y));
            double scale = Product(x, 0) * Product(y, 0);
            double sum = 0, last = 1;
            int lag = 0;
            for (int next = 1; next < x.Length / 2; next = Math.Max(next + 1, next * 5 / 4))
            {
                // A series that does not vary is taken to be the same for ever.
                double product = scale > 0 ? Product(x, next) * Product(y, next) / scale : 1;
                if (!(product > Negligible))
                {
                    break;
                }

                sum += (next - lag) * (last + product) / 2;
                (lag, last) = (next, product);
            }

            return Math.Max(1, x.Length / (1 + (2 * sum)));
        }

        // The lag, lags growing by a quarter, at which predictions hardly resemble themselves.
        private static double Memory(long[] times, double[] x)
        {
            x = Centred(x);
            double scale = Product(x, 0);
            int lag = 1;
            while (scale > 0 && lag < x.Length / 2 && Product(x, lag) > Forgotten * scale)
            {
                lag = Math.Max(lag + 1, lag * 5 / 4);
            }

            return times.Length < 2 ? 0 : lag * ((double)(times[^1] - times[0]) / (times.Length - 1));
        }

        private static double[] Centred(double[] values)
        {
            double mean = values.Average();
            return [.. values.Select(v => v - mean)];
        }

        /// <summary>The sum of products of values a lag apart.</summary>
        private static double Product(double[] values, int lag)
        {
            double sum = 0;
            for (int i = lag; i < values.Length; i++)
            {
                sum += values[i] * values[i - lag];
            }

            return sum;
        }
    }
}
