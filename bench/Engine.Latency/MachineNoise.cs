using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Engine.Core.Diagnostics;
using Engine.Core.Time;

namespace Engine.Latency;

/// <summary>
/// What the machine itself does to a measurement, by percentile, taken between the laps of the same run: two readings of the timer
/// with nothing between them, and a fixed piece of arithmetic in registers. Where that has a tail, so has everything else:
/// an interrupt, the scheduler, or a neighbour on the same physical core.
/// </summary>
public sealed class MachineNoise
{
    private const int Turns = 50;

    private readonly LatencyHistogram _timer = new();
    private readonly LatencyHistogram _work = new();
    private Vector256<float> _kept = Vector256.Create(0.5f);

    /// <summary>Takes both once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Sample()
    {
        long start = MonotonicTimer.NowNanos;
        long read = MonotonicTimer.NowNanos;
        _timer.Record(read - start);
        start = MonotonicTimer.NowNanos;
        Work();
        _work.Record(MonotonicTimer.NowNanos - start);
    }

    /// <summary>Forgets what was taken: the end of the warm-up.</summary>
    public void Reset()
    {
        _timer.Reset();
        _work.Reset();
    }

    /// <summary>Writes two lines.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="width">Of the names.</param>
    public void Print(TextWriter output, int width)
    {
        Line(output, "(the timer alone)", width, _timer);
        Line(output, "(the timer and a fixed piece of work)", width, _work);
    }

    private static void Line(TextWriter output, string name, int width, LatencyHistogram laps) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"  {name.PadRight(width)} {laps.ValueAtPercentile(1),8} {laps.ValueAtPercentile(50),9} {laps.ValueAtPercentile(90),9} {laps.ValueAtPercentile(99),9} {laps.ValueAtPercentile(99.9),9}"));

    // Eight chains side by side keep both multipliers busy; all go towards 0.5.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Work()
    {
        Vector256<float> a = _kept, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        var half = Vector256.Create(0.5f);
        var quarter = Vector256.Create(0.25f);
        for (int i = 0; i < Turns; i++)
        {
            a = (a * half) + quarter;
            b = (b * half) + quarter;
            c = (c * half) + quarter;
            d = (d * half) + quarter;
            e = (e * half) + quarter;
            f = (f * half) + quarter;
            g = (g * half) + quarter;
            h = (h * half) + quarter;
        }

        _kept = (a + b + c + d + e + f + g + h) * Vector256.Create(0.125f);
    }
}
