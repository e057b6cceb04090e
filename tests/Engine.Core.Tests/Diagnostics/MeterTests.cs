using System.Runtime.CompilerServices;
using Engine.Core.Diagnostics;

namespace Engine.Core.Tests.Diagnostics;

/// <summary>Meters of allocation and noise; each is shown to notice what it is for.</summary>
public class MeterTests
{
    private static object? s_sink;

    [Test]
    public void The_allocation_meter_passes_clean_code() => Assert.That(Measure(static () => Add(3)), Is.Zero);

    [Test]
    public void The_allocation_meter_catches_one_small_object() =>
        Assert.That(Measure(static () => s_sink = new object()), Is.GreaterThanOrEqualTo(1_000 * 24));

    [Test]
    public void The_allocation_meter_catches_a_collection()
    {
        AllocationMeter meter = AllocationMeter.Start();
        Assert.That(meter.Collections, Is.Zero);
        GC.Collect(0);
        Assert.That(meter.Collections, Is.GreaterThanOrEqualTo(1));
    }

    [Test]
    public void The_hiccup_meter_records_the_whole_time_and_allocates_nothing()
    {
        const long Duration = 20_000_000;
        LatencyHistogram gaps = new();
        HiccupMeter.Run(gaps, 1_000);
        gaps.Reset();
        AllocationMeter meter = AllocationMeter.Start();
        long spent = HiccupMeter.Run(gaps, Duration);
        Assert.That(meter.AllocatedBytes, Is.Zero);
        Assert.That(spent, Is.GreaterThanOrEqualTo(Duration));
        Assert.That(gaps.Mean * gaps.Count, Is.EqualTo((double)spent).Within(0.001).Percent, "the gaps add up to the time");
        Assert.That(gaps.Negatives, Is.Zero);
        Assert.That(gaps.Count, Is.GreaterThan(1_000));
    }

    [TestCase(0L)]
    [TestCase(-1L)]
    [TestCase(long.MaxValue)]
    public void The_hiccup_meter_has_bounds(long nanos) =>
        Assert.That(() => HiccupMeter.Run(new LatencyHistogram(), nanos), Throws.TypeOf<ArgumentOutOfRangeException>());

    private static long Measure(Action action)
    {
        action();
        AllocationMeter meter = AllocationMeter.Start();
        for (int i = 0; i < 1_000; i++)
        {
            action();
        }

        return meter.AllocatedBytes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Add(int value) => value + 1;
}
