using Engine.Inference;
using Engine.Signals;

namespace Engine.Tests.Signals;

/// <summary>Keeps every prediction.</summary>
internal readonly struct PredictionCollector(List<Prediction> predictions) : IPredictionSink
{
    public void Publish(ref Prediction prediction) => predictions.Add(prediction);
}

/// <summary>Keeps the digest of the predictions only, in one long.</summary>
internal readonly struct FoldingSink(long[] total) : IPredictionSink
{
    public void Publish(ref Prediction prediction) =>
        total[0] = (total[0] * 31) + BitConverter.SingleToInt32Bits(prediction.Value) + (long)prediction.RowDigest;
}

/// <summary>A weighted sum of the row: a model's work without a model.</summary>
internal sealed class WeightedSum(int features) : Predictor
{
    private readonly float[] _weights = [.. Enumerable.Range(0, features).Select(i => 1f / (i + 1))];

    public override string Kernel => "weighted-sum";

    public override int FeatureCount => features;

    public override float Predict(ReadOnlySpan<float> normalised)
    {
        float sum = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            sum = MathF.FusedMultiplyAdd(_weights[i], normalised[i], sum);
        }

        return sum;
    }

    protected override void Dispose(bool disposing)
    {
    }
}

/// <summary>Allocates one object at its n-th prediction.</summary>
internal sealed class AllocatingPredictor(int features, int at) : Predictor
{
    private int _predictions;
    private object? _kept;

    public override string Kernel => "allocating";

    public override int FeatureCount => features;

    public override float Predict(ReadOnlySpan<float> normalised)
    {
        _kept = ++_predictions == at ? new object() : _kept;
        return _predictions;
    }

    protected override void Dispose(bool disposing)
    {
    }
}

/// <summary>Answers what it is told.</summary>
internal sealed class ScriptedPredictor(int features, Func<float[], float> answer) : Predictor
{
    public override string Kernel => "scripted";

    public override int FeatureCount => features;

    public override float Predict(ReadOnlySpan<float> normalised) => answer(normalised.ToArray());

    protected override void Dispose(bool disposing)
    {
    }
}

/// <summary>Says the instrument, and leaves three pieces of work a prediction; a piece that comes before all is published is early.</summary>
internal sealed class LeavingPredictor(Func<int> published) : Predictor
{
    private int _left;

    public int Pieces { get; private set; }

    public int Early { get; private set; }

    public override string Kernel => "leaving";

    public override int FeatureCount => 1;

    public override float Predict(ReadOnlySpan<float> normalised) => Predict(0, normalised);

    public override float Predict(int instrument, ReadOnlySpan<float> normalised)
    {
        _left = 3;
        return instrument;
    }

    public override bool Background()
    {
        Pieces += _left > 0 ? 1 : 0;
        Early += published() < 2 ? 1 : 0;
        _left = Math.Max(0, _left - 1);
        return _left > 0;
    }

    protected override void Dispose(bool disposing)
    {
    }
}
