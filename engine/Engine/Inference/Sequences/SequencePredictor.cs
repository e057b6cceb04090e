using System.Runtime.CompilerServices;
using Engine.Core.Memory;

namespace Engine.Inference.Sequences;

/// <summary>
/// A model over the last ticks of an instrument. A tick is a row that is predicted; each instrument has a state of its own, in
/// memory that is allocated and touched by the constructor, for as many instruments as the limits allow.
/// </summary>
/// <remarks>
/// By rule the prediction is NaN, and counted, while fewer ticks than <see cref="Steps"/> were seen of an instrument, and for
/// an instrument that came when no state was left.
/// </remarks>
public abstract class SequencePredictor : Predictor
{
    /// <summary>Most bytes of all states; where a state is so large that fewer instruments fit, fewer have one.</summary>
    public const long MaxStateBytes = 512L << 20;

    private readonly InstrumentSlots _slots;
    private bool _disposed;

    /// <param name="featureCount">Features of a row.</param>
    /// <param name="steps">Ticks of the first prediction.</param>
    /// <param name="stateBytes">What one instrument counts: see <see cref="StateBytes"/>.</param>
    /// <param name="limits">Instruments of the run, and how many of them have a state.</param>
    private protected SequencePredictor(int featureCount, int steps, long stateBytes, EngineLimits limits)
    {
        FeatureCount = featureCount;
        Steps = steps;
        StateBytes = stateBytes;
        _slots = new InstrumentSlots(limits.Instruments, (int)Math.Clamp(MaxStateBytes / stateBytes, 1, limits.SequenceInstruments));
    }

    /// <inheritdoc/>
    public sealed override int FeatureCount { get; }

    /// <inheritdoc/>
    public sealed override SequencePredictor Sequence => this;

    /// <summary>T: ticks of an instrument that its first prediction needs, the last included.</summary>
    public int Steps { get; }

    /// <summary>What one instrument counts, against <see cref="MaxStateBytes"/>: the most that any way to run the model needs, so that each
    /// has room for the same instruments.</summary>
    public long StateBytes { get; }

    /// <inheritdoc/>
    public sealed override long KeptBytes => StateBytes * InstrumentLimit;

    /// <summary>Most instruments with a state.</summary>
    public int InstrumentLimit => _slots.Capacity;

    /// <summary>Instruments with a state.</summary>
    public int Instruments => _slots.Count;

    /// <summary>Predictions that are NaN because their instrument had fewer than <see cref="Steps"/> ticks.</summary>
    public long WarmingUp { get; private protected set; }

    /// <summary>Predictions that had to finish background work first, because their tick came before it was done.</summary>
    public long LateBackground { get; private protected set; }

    /// <summary>Predictions that are NaN because no state was left for their instrument.</summary>
    public long WithoutState { get; private set; }

    /// <inheritdoc/>
    public sealed override float Predict(ReadOnlySpan<float> normalised) => Predict(0, normalised);

    /// <inheritdoc/>
    public sealed override float Predict(int instrument, ReadOnlySpan<float> normalised)
    {
        if (normalised.Length < FeatureCount || _disposed)
        {
            ThrowUnusable(normalised.Length, _disposed);
        }

        int slot = _slots.Find(instrument);
        if (slot < 0)
        {
            WithoutState++;
            HasNoState();
            return float.NaN;
        }

        return Tick(slot, normalised);
    }

    /// <summary>Does all that predictions left for afterwards.</summary>
    public void CompleteBackground()
    {
        while (Background())
        {
        }
    }

    /// <summary>Forgets every tick and every count.</summary>
    public void Reset()
    {
        Clear(_slots.Count);
        _slots.Clear();
        WarmingUp = LateBackground = WithoutState = 0;
    }

    /// <summary>An instrument that has no state was asked for: what is told beside the prediction is not of the one before.</summary>
    private protected virtual void HasNoState()
    {
    }

    /// <summary>What ONNX Runtime needs by instrument: the last T rows.</summary>
    private protected static long RowBytes(int steps, int featureCount) => sizeof(float) * (long)steps * featureCount;

    /// <summary>Takes a tick and predicts.</summary>
    /// <param name="slot">Whose state, below <see cref="InstrumentLimit"/>.</param>
    /// <param name="normalised">At least <see cref="FeatureCount"/> features.</param>
    private protected abstract float Tick(int slot, ReadOnlySpan<float> normalised);

    /// <summary>Puts the first states back to before their first tick.</summary>
    private protected abstract void Clear(int count);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _disposed = true;
}
