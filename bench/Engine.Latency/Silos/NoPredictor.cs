using Engine.Features;
using Engine.Inference;

namespace Engine.Latency.Silos;

/// <summary>Predicts a row's first feature: what a lap costs beside the model, which is the timer and one call.</summary>
/// <param name="features">Features of a row.</param>
public sealed class NoPredictor(int features) : Predictor
{
    /// <inheritdoc/>
    public override string Kernel => "none";

    /// <inheritdoc/>
    public override int FeatureCount => features;

    /// <inheritdoc/>
    public override float Predict(ReadOnlySpan<float> normalised) => normalised[0];

    /// <inheritdoc/>
    public override float PredictRaw(int instrument, ReadOnlySpan<float> row, Normaliser normaliser, Span<float> scratch, out int missing)
    {
        missing = 0;
        return row[0];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
