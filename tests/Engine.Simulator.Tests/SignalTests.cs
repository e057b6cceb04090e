using System.Globalization;
using Engine.Core.Time;

namespace Engine.Simulator.Tests;

/// <summary>The hidden pressure tells the future of the mid price when a signal is planted, and only then.</summary>
public class SignalTests
{
    private const long HorizonNanos = 5_000_000_000;
    private const int Messages = 120_000;
    private const double ClearCorrelation = 0.25;
    private const double NoCorrelation = 0.10;
    private static readonly ulong[] s_seeds = [1, 2, 3];

    [Test]
    public void A_planted_pressure_correlates_with_the_return_of_the_next_five_seconds()
    {
        foreach (ulong seed in s_seeds)
        {
            double correlation = Correlation(seed, 1);
            TestContext.Out.WriteLine($"seed {seed}: {correlation:F3}");
            Assert.That(correlation, Is.GreaterThan(ClearCorrelation), $"seed {seed}");
        }
    }

    [Test]
    public void Without_a_signal_it_does_not()
    {
        double[] correlations = s_seeds.Select(seed => Correlation(seed, 0)).ToArray();
        TestContext.Out.WriteLine(string.Join(" ", correlations.Select(c => c.ToString("F3", CultureInfo.InvariantCulture))));
        Assert.That(Math.Abs(correlations.Average()), Is.LessThan(NoCorrelation));
    }

    // Mean over the instruments of each one's correlation, on the grid of the truth file.
    private static double Correlation(ulong seed, double signal)
    {
        var options = new SimulationOptions { Seed = seed, Messages = Messages, Signal = signal };
        var exchange = new NaiveExchange();
        Simulation.Run(options, exchange);
        using var truth = new StringWriter();
        Simulation.Run(options, Stream.Null, truth);
        long midnight = UsEastern.MidnightUtcNanos(options.Date);
        string[] lines = truth.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines[0], Is.EqualTo("time_ns,symbol,pressure"));
        return lines.Skip(1)
            .Select(line => line.Split(','))
            .GroupBy(cells => cells[1])
            .Average(rows => Correlation(exchange.Mids[rows.Key], rows.Select(cells => Row(cells, midnight))));
    }

    private static (long TimeNanos, double Pressure) Row(string[] cells, long midnight) =>
        (long.Parse(cells[0], CultureInfo.InvariantCulture) - midnight, double.Parse(cells[2], CultureInfo.InvariantCulture));

    private static double Correlation(List<(long TimeNanos, double Mid)> mids, IEnumerable<(long TimeNanos, double Pressure)> rows)
    {
        long[] times = mids.Select(m => m.TimeNanos).ToArray();
        var pairs = new List<(double X, double Y)>();
        foreach ((long time, double pressure) in rows)
        {
            if (time + HorizonNanos < times[^1])
            {
                pairs.Add((pressure, MidAt(mids, times, time + HorizonNanos) - MidAt(mids, times, time)));
            }
        }

        double meanX = pairs.Average(p => p.X), meanY = pairs.Average(p => p.Y);
        double xy = pairs.Sum(p => (p.X - meanX) * (p.Y - meanY));
        double xx = pairs.Sum(p => (p.X - meanX) * (p.X - meanX)), yy = pairs.Sum(p => (p.Y - meanY) * (p.Y - meanY));
        return xy / Math.Sqrt(xx * yy);
    }

    // The mid price after every message before the time; several messages may share a time.
    private static double MidAt(List<(long TimeNanos, double Mid)> mids, long[] times, long time)
    {
        int low = 0, high = times.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = times[middle] < time ? (middle + 1, high) : (low, middle);
        }

        return mids[Math.Max(0, low - 1)].Mid;
    }
}
