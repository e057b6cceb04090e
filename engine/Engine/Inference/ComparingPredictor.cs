using Engine.Inference.Sequences;

namespace Engine.Inference;

/// <summary>
/// Runs a model two ways on every row, returns the first's value and keeps the largest difference to the second, in units
/// of what is allowed: <see cref="Predictor.Tolerance"/> × max(<see cref="Scale"/>, |reference|). Beside it the largest absolute difference, the
/// largest in units in the last place, and how many decisions differ.
/// </summary>
public sealed class ComparingPredictor : Predictor
{
    private readonly Predictor _value;
    private readonly Predictor _reference;

    /// <param name="value">Whose value is returned. Owned.</param>
    /// <param name="reference">What it is held against. Owned.</param>
    /// <param name="decision">A decision is whether a prediction is above this: 0 for a regression, 0.5 for a probability.</param>
    /// <param name="scale">The model's <see cref="Artefacts.GoldenVectors.Scale"/>.</param>
    /// <exception cref="ArgumentException">They read rows of different lengths.</exception>
    public ComparingPredictor(Predictor value, Predictor reference, float decision = 0, double scale = 1)
    {
        if (value.FeatureCount != reference.FeatureCount)
        {
            throw new ArgumentException($"Rows of {value.FeatureCount} and of {reference.FeatureCount} features cannot be compared.");
        }

        _value = value;
        _reference = reference;
        DecisionThreshold = decision;
        Scale = scale;
        Kernel = $"{value.Kernel}+{reference.Kernel}";
    }

    /// <inheritdoc/>
    public override string Kernel { get; }

    /// <inheritdoc/>
    public override int FeatureCount => _value.FeatureCount;

    /// <summary>Below this size of the reference a difference counts as if it were this.</summary>
    public double Scale { get; }

    /// <summary>Rows compared.</summary>
    public long Count { get; private set; }

    /// <summary>The largest difference in units of what is allowed; infinite where one was NaN and the other not.</summary>
    public double LargestRatio { get; private set; }

    /// <summary>The largest absolute difference, over rows where both are numbers.</summary>
    public double LargestDifference { get; private set; }

    /// <summary>The largest difference in units in the last place: float32 numbers from one to the other. Over rows where both are numbers.</summary>
    public long LargestUlps { get; private set; }

    /// <summary>Which row, counted from 0, had it; −1 while all were equal.</summary>
    public long LargestUlpsIndex { get; private set; } = -1;

    /// <summary>A decision is whether a prediction is above this.</summary>
    public float DecisionThreshold { get; }

    /// <summary>Rows where one of the two is above <see cref="DecisionThreshold"/> and the other is not. Over rows where both are numbers.</summary>
    public long DecisionFlips { get; private set; }

    /// <summary>Which row, counted from 0, had the largest ratio; −1 while all were equal.</summary>
    public long WorstIndex { get; private set; } = -1;

    /// <summary>The value returned for that row.</summary>
    public float WorstValue { get; private set; }

    /// <summary>The reference's value for that row.</summary>
    public float WorstReference { get; private set; }

    /// <summary>Whether every row so far was within what is allowed.</summary>
    public bool WithinTolerance => LargestRatio <= 1;

    /// <inheritdoc/>
    public override SequencePredictor? Sequence => _value.Sequence;

    /// <inheritdoc/>
    public override IReadOnlyList<Predictor> Members => _value.Members;

    /// <inheritdoc/>
    public override long KeptBytes => _value.KeptBytes + _reference.KeptBytes;

    /// <inheritdoc/>
    public override long Unkept => _value.Unkept;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> MemberValues => _value.MemberValues;

    /// <inheritdoc/>
    public override void Forget()
    {
        _value.Forget();
        _reference.Forget();
    }

    /// <inheritdoc/>
    public override float Predict(ReadOnlySpan<float> normalised) => Predict(0, normalised);

    /// <inheritdoc/>
    public override bool Background() => _value.Background();

    /// <inheritdoc/>
    public override IReadOnlyList<BackgroundWork> MoveBackground() => _value.MoveBackground();

    /// <inheritdoc/>
    public override float Predict(int instrument, ReadOnlySpan<float> normalised)
    {
        float value = _value.Predict(instrument, normalised);
        float reference = _reference.Predict(instrument, normalised);
        double ratio = DifferenceRatio(value, reference, Scale);
        if (ratio > 0)
        {
            Keep(ratio, value, reference);
        }

        Count++;
        return value;
    }

    /// <summary>Starts the comparison over, e.g. after a warm-up.</summary>
    public void Reset()
    {
        Count = LargestUlps = DecisionFlips = 0;
        LargestRatio = LargestDifference = 0;
        WorstIndex = LargestUlpsIndex = -1;
        WorstValue = WorstReference = 0;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _value.Dispose();
        _reference.Dispose();
    }

    private void Keep(double ratio, float value, float reference)
    {
        double difference = Math.Abs((double)value - reference);
        if (difference > LargestDifference)
        {
            LargestDifference = difference;
        }

        if (!float.IsNaN(value) && !float.IsNaN(reference))
        {
            long ulps = Ulps.Between(value, reference);
            DecisionFlips += value > DecisionThreshold != reference > DecisionThreshold ? 1 : 0;
            if (ulps > LargestUlps)
            {
                LargestUlps = ulps;
                LargestUlpsIndex = Count;
            }
        }

        if (ratio > LargestRatio)
        {
            LargestRatio = ratio;
            WorstIndex = Count;
            WorstValue = value;
            WorstReference = reference;
        }
    }
}
