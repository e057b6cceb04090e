using Engine.Core.Diagnostics;
using Engine.Core.Time;
using Engine.Inference;

namespace Engine.Latency.Stages;

/// <summary>What one predictor costs over a list of rows.</summary>
/// <param name="MeanNanos">Mean of a call in a tight loop without a timer between calls, ns.</param>
/// <param name="Laps">One call with one timer reading, ns.</param>
/// <param name="Checksum">Sum of the outputs.</param>
public sealed record PredictionTiming(double MeanNanos, LatencyHistogram Laps, double Checksum)
{
    private const int WarmUps = 3;

    /// <summary>Measures.</summary>
    public static PredictionTiming Of(Predictor predictor, float[][] rows)
    {
        double checksum = 0;
        for (int i = 0; i < WarmUps; i++)
        {
            checksum = 0;
            foreach (float[] row in rows)
            {
                checksum += predictor.Predict(row);
            }
        }

        float sink = 0;
        long start = MonotonicTimer.NowNanos;
        foreach (float[] row in rows)
        {
            sink += predictor.Predict(row);
        }

        double mean = (double)(MonotonicTimer.NowNanos - start) / rows.Length;
        var laps = new LatencyHistogram();
        long last = MonotonicTimer.NowNanos;
        foreach (float[] row in rows)
        {
            sink += predictor.Predict(row);
            long now = MonotonicTimer.NowNanos;
            laps.Record(now - last);
            last = now;
        }

        GC.KeepAlive(sink);
        return new PredictionTiming(mean, laps, checksum);
    }
}
