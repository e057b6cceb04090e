using Engine.Core.Diagnostics;
using Engine.Core.Numerics;

namespace Engine.Core.Tests.Diagnostics;

/// <summary>The histogram against a sorted list.</summary>
public class LatencyHistogramTests
{
    private static readonly double[] s_percentiles = [0, 1, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 100];

    [Test]
    public void Agrees_with_a_sorted_list_within_its_digits([Values(1, 2, 3, 4)] int digits, [Values(1, 2, 3)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        SeededRandom random = new((ulong)seed);
        LatencyHistogram histogram = new(digits);
        List<long> all = [];
        for (int i = 0; i < 5_000; i++)
        {
            long value = (long)(random.NextUInt64() >> random.Next(23, 64));
            value = Math.Min(value, LatencyHistogram.DefaultHighestNanos);
            histogram.Record(value);
            all.Add(value);
        }

        all.Sort();
        double error = Math.Pow(10, -digits);
        foreach (double percentile in s_percentiles)
        {
            int rank = Math.Clamp((int)Math.Ceiling(percentile / 100 * all.Count), 1, all.Count);
            long exact = all[rank - 1];
            long got = histogram.ValueAtPercentile(percentile);
            Assert.That(got, Is.GreaterThanOrEqualTo(exact), $"p{percentile}");
            Assert.That(got - exact, Is.LessThanOrEqualTo(exact * error), $"p{percentile}");
        }

        Assert.That(histogram.Min, Is.EqualTo(all[0]));
        Assert.That(histogram.Max, Is.EqualTo(all[^1]));
        Assert.That(histogram.Count, Is.EqualTo(all.Count));
        Assert.That(histogram.Mean, Is.EqualTo(all.Average()).Within(1e-9).Percent);
        double mean = all.Average();
        double deviation = Math.Sqrt(all.Average(value => (value - mean) * (value - mean)));
        Assert.That(histogram.StandardDeviation, Is.EqualTo(deviation).Within(2 * error * 100).Percent);
        Assert.That((histogram.Overflows, histogram.Negatives), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public void Every_slot_boundary_keeps_the_error()
    {
        LatencyHistogram histogram = new(3);
        for (int power = 0; power < 41; power++)
        {
            foreach (long value in new[] { (1L << power) - 1, 1L << power, (1L << power) + 1 })
            {
                histogram.Reset();
                histogram.Record(value);
                histogram.Record(LatencyHistogram.DefaultHighestNanos);
                Assert.That(histogram.ValueAtPercentile(50), Is.InRange(value, value + value / 1_000));
            }
        }
    }

    [Test]
    public void Values_outside_the_range_are_counted_and_kept()
    {
        LatencyHistogram histogram = new(3, 1_000_000);
        histogram.Record(10);
        histogram.Record(1_000_001);
        histogram.Record(long.MaxValue);
        histogram.Record(-1);
        histogram.Record(long.MinValue);
        Assert.That(histogram.Count, Is.EqualTo(3));
        Assert.That(histogram.Overflows, Is.EqualTo(2));
        Assert.That(histogram.Negatives, Is.EqualTo(2));
        Assert.That(histogram.Max, Is.EqualTo(long.MaxValue));
        Assert.That(histogram.Min, Is.EqualTo(10));
        Assert.That(histogram.ValueAtPercentile(100), Is.EqualTo(long.MaxValue));
        Assert.That(histogram.ValueAtPercentile(33), Is.EqualTo(10));
        histogram.Record(long.MaxValue);
        histogram.Record(long.MaxValue);
        Assert.That(histogram.Mean, Is.EqualTo((3.0 * long.MaxValue + 1_000_011) / 5).Within(1e-9).Percent, "the sum is wider than 64 bits");
    }

    [Test]
    public void An_empty_histogram_says_so()
    {
        LatencyHistogram histogram = new();
        Assert.That((histogram.Count, histogram.Min, histogram.Max, histogram.ValueAtPercentile(99)), Is.EqualTo((0L, 0L, 0L, 0L)));
        Assert.That(histogram.Mean, Is.NaN);
        Assert.That(histogram.StandardDeviation, Is.NaN);
    }

    [Test]
    public void Adding_equals_recording_into_one()
    {
        SeededRandom random = new(7);
        LatencyHistogram left = new();
        LatencyHistogram right = new();
        LatencyHistogram both = new();
        for (int i = 0; i < 10_000; i++)
        {
            long value = (long)(random.NextUInt64() >> random.Next(1, 63)) * (random.Chance(0.01) ? -1 : 1);
            (random.Chance(0.3) ? left : right).Record(value);
            both.Record(value);
        }

        left.Add(right);
        Assert.That((left.Count, left.Min, left.Max, left.Overflows, left.Negatives, left.Mean),
            Is.EqualTo((both.Count, both.Min, both.Max, both.Overflows, both.Negatives, both.Mean)));
        foreach (double percentile in s_percentiles)
        {
            Assert.That(left.ValueAtPercentile(percentile), Is.EqualTo(both.ValueAtPercentile(percentile)));
        }

        Assert.That(() => left.Add(new LatencyHistogram(2)), Throws.ArgumentException);
        left.Reset();
        Assert.That((left.Count, left.Min, left.Max, left.ValueAtPercentile(50)), Is.EqualTo((0L, 0L, 0L, 0L)));
    }

    [TestCase(0, 1000L)]
    [TestCase(6, 1000L)]
    [TestCase(3, 1L)]
    [TestCase(3, long.MaxValue)]
    public void Refuses_what_it_cannot_be(int digits, long highest) =>
        Assert.That(() => new LatencyHistogram(digits, highest), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void Recording_allocates_nothing()
    {
        LatencyHistogram histogram = new();
        histogram.Record(1);
        AllocationMeter meter = AllocationMeter.Start();
        for (long value = -10; value < 100_000; value++)
        {
            histogram.Record(value * value * value);
        }

        Assert.That(meter.AllocatedBytes, Is.Zero);
    }
}
