using System.Runtime.CompilerServices;
using Engine.Features;
using Engine.Inference.Sequences;

namespace Engine.Inference;

/// <summary>
/// A loaded model that predicts one row at a time and allocates nothing. Not thread-safe: it owns its scratch memory, so
/// each thread has its own.
/// </summary>
public abstract class Predictor : IDisposable
{
    /// <summary>Most that two ways to run a model may differ, relative to the larger of |reference| and the model's <see cref="Artefacts.GoldenVectors.Scale"/>.</summary>
    public const float Tolerance = 1e-5f;

    /// <summary>What computes, for summaries: a kernel's name, or `ort-1.30.0`.</summary>
    public abstract string Kernel { get; }

    /// <summary>Features of a row.</summary>
    public abstract int FeatureCount { get; }

    /// <summary>Predicts one row.</summary>
    /// <param name="normalised">Normalised features in contract order, at least <see cref="FeatureCount"/>; what follows is not read.</param>
    /// <returns>The prediction; NaN has one pattern and zero is +0.</returns>
    /// <exception cref="ArgumentException">The row is too short.</exception>
    public abstract float Predict(ReadOnlySpan<float> normalised);

    /// <summary>The predictor behind this one that remembers earlier rows; null if each row is predicted by itself.</summary>
    public virtual SequencePredictor? Sequence => null;

    /// <summary>Of an ensemble: what each member said at the last prediction, in their order; otherwise empty.</summary>
    public virtual ReadOnlySpan<float> MemberValues => [];

    /// <summary>Of an ensemble that runs member by member: what runs each, in their order; otherwise empty.</summary>
    public virtual IReadOnlyList<Predictor> Members => [];

    /// <summary>What the predictors behind this one that remember earlier rows counted.</summary>
    public SequenceCounts SequenceCounts => SequenceCounts.Of(Members.Count > 0 ? Members.Select(m => m.Sequence) : [Sequence]);

    /// <summary>Bytes that it keeps of instruments, taken at the start; what it shares with no other predictor.</summary>
    public virtual long KeptBytes => 0;

    /// <summary>Forgets every earlier row.</summary>
    public virtual void Forget() => Sequence?.Reset();

    /// <summary>Predicts one row of an instrument; only a <see cref="SequencePredictor"/> makes a difference between instruments.</summary>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="normalised">As for <see cref="Predict(ReadOnlySpan{float})"/>.</param>
    /// <returns>As for <see cref="Predict(ReadOnlySpan{float})"/>.</returns>
    public virtual float Predict(int instrument, ReadOnlySpan<float> normalised) => Predict(normalised);

    /// <summary>Normalises a raw row of an instrument and predicts it.</summary>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="row">Features as they are, at least <see cref="FeatureCount"/>.</param>
    /// <param name="normaliser">The model's, which counts what is NaN or infinite.</param>
    /// <param name="scratch">Room for a row.</param>
    /// <param name="missing">How many features of the row are NaN or infinite.</param>
    /// <returns>To the bit what normalising and <see cref="Predict(int, ReadOnlySpan{float})"/> give.</returns>
    public virtual float PredictRaw(int instrument, ReadOnlySpan<float> row, Normaliser normaliser, Span<float> scratch, out int missing)
    {
        missing = normaliser.Apply(row, scratch);
        return Predict(instrument, scratch);
    }

    /// <summary>Predictions that were computed in full because no memory was left for what is kept of their instrument.</summary>
    public virtual long Unkept => 0;

    /// <summary>
    /// Does one short piece of what predictions left for afterwards. What is not done when it is needed is done then: calling
    /// this less often changes when the work is done, never a prediction.
    /// </summary>
    /// <returns>Whether anything is left.</returns>
    public virtual bool Background() => false;

    /// <summary>
    /// Moves what predictions leave for afterwards to another thread, for good and before the first row: from here on
    /// <see cref="Background"/> only hands over, and the caller has a thread call <see cref="BackgroundWork.DoWork"/>. The
    /// predictions are the same. The predictor must live until that thread has ended.
    /// </summary>
    /// <returns>The work of every predictor behind this one that leaves any; empty where none does.</returns>
    public virtual IReadOnlyList<BackgroundWork> MoveBackground() => [];

    /// <summary>Releases native memory and sessions.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The difference of two values in units of what is allowed: 1 is just within. NaN against a number is infinite.</summary>
    /// <param name="value">What is checked.</param>
    /// <param name="reference">What it is checked against.</param>
    /// <param name="scale">Below this size of the reference the difference counts as if it were this.</param>
    public static double DifferenceRatio(float value, float reference, double scale = 1)
    {
        if (float.IsNaN(value) || float.IsNaN(reference))
        {
            return float.IsNaN(value) && float.IsNaN(reference) ? 0 : double.PositiveInfinity;
        }

        if (value == reference)
        {
            return 0;
        }

        double ratio = Math.Abs((double)value - reference) / (Tolerance * Math.Max(scale, Math.Abs((double)reference)));
        return double.IsNaN(ratio) ? double.PositiveInfinity : ratio;
    }

    /// <summary>Says why a row cannot be predicted.</summary>
    /// <param name="length">Features of the row.</param>
    /// <param name="disposed">The predictor is disposed.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private protected void ThrowUnusable(int length, bool disposed)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        throw new ArgumentException($"A row of {length} features for a model of {FeatureCount}.");
    }

    /// <summary>Releases what the predictor owns.</summary>
    /// <param name="disposing">Always true: there is no finalizer here.</param>
    protected abstract void Dispose(bool disposing);
}
