using Engine.Core.Diagnostics;
using Engine.Core.Time;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;

namespace Engine.Latency.Silos;

/// <summary>What one way to run a silo model costs from a raw row to its prediction.</summary>
/// <param name="name">For the table.</param>
/// <param name="artefact">The model, for its statistics.</param>
/// <param name="predictor">What runs it. Owned.</param>
public sealed class SiloTiming(string name, ModelArtefact artefact, Predictor predictor) : IDisposable
{
    private readonly Normaliser _normaliser = artefact.CreateNormaliser();
    private readonly float[] _row = new float[artefact.Contract.Count];
    private readonly float[] _scratch = new float[artefact.Contract.Count];
    private readonly LatencyHistogram _laps = new();
    private long _rows;
    private long _silosBefore;

    /// <summary>For the table.</summary>
    public string Name => name;

    /// <summary>Sum of a round's outputs.</summary>
    public double Checksum { get; private set; }

    /// <summary>Embeddings computed a row; 0 where that is not known.</summary>
    public double SilosPerRow => _rows == 0 ? 0 : (double)(Silos - _silosBefore) / _rows;

    private long Silos => (predictor as NativeSiloPredictor)?.SilosComputed ?? 0;

    /// <summary>A percentile of one call with one timer reading, ns.</summary>
    public long At(double percentile) => _laps.ValueAtPercentile(percentile);

    /// <summary>
    /// All rows once. A row is copied to its place before its lap begins, as a feature builder has just written the row that it hands
    /// on.
    /// </summary>
    public void Round(SiloRows rows, bool isWarmUp)
    {
        double checksum = 0;
        foreach ((int instrument, float[] row) in rows.Rows)
        {
            row.CopyTo(_row, 0);
            long start = MonotonicTimer.NowNanos;
            checksum += predictor.PredictRaw(instrument, _row, _normaliser, _scratch, out _);
            _laps.Record(MonotonicTimer.NowNanos - start);
        }

        if (isWarmUp)
        {
            _laps.Reset();
            _silosBefore = Silos;
            return;
        }

        Checksum = checksum;
        _rows += rows.Rows.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => predictor.Dispose();
}
