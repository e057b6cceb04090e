using Engine.Core.Memory;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Inference.OnnxRuntime;

namespace Engine.Inference.Sequences;

/// <summary>
/// Any graph [1, T, F] → [1, 1] (or [T, 1, F]) in ONNX Runtime: the last T rows of the instrument, oldest first, are laid into
/// the bound tensor on every tick.
/// </summary>
public sealed class OrtSequencePredictor : SequencePredictor
{
    private readonly OrtSession _session;
    private readonly OrtTensor _input;
    private readonly OrtTensor _output;
    private readonly OrtMembers _members;
    private readonly NativeBuffer<float> _rows;
    private readonly long[] _ticks;

    /// <param name="model">The bytes of an ONNX file.</param>
    /// <param name="window">How its input lies.</param>
    /// <param name="featureCount">Features of a row.</param>
    /// <param name="limits">Instruments of the run, and how many of them have a state.</param>
    /// <param name="members">Outputs behind the prediction: the values of an ensemble's members.</param>
    /// <param name="native">The network that native kernels take the graph for; null where they do not run it.</param>
    /// <exception cref="OrtUnavailableException">The library cannot be had.</exception>
    /// <exception cref="OrtException">ONNX Runtime refuses the model.</exception>
    public OrtSequencePredictor(
        ReadOnlySpan<byte> model, InputWindow window, int featureCount, EngineLimits limits, int members = 0, LstmNetwork? native = null)
        : base(featureCount, window.Steps, native is null ? RowBytes(window.Steps, featureCount) : NativeLstmPredictor.StateBytesOf(native), limits)
    {
        _session = new OrtSession(model);
        _input = window.IsTimeFirst ? OrtTensor.OfFloats(window.Steps, 1, featureCount) : OrtTensor.OfFloats(1, window.Steps, featureCount);
        _output = OrtTensor.OfFloats(1, 1);
        _members = new OrtMembers(members);
        _rows = new NativeBuffer<float>(checked(InstrumentLimit * window.Steps * featureCount));
        _rows.Span.Clear();
        _ticks = new long[InstrumentLimit];
        try
        {
            _members.Bind(_session, _input, _output);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string Kernel { get; } = $"ort-{OrtLibrary.Version}";

    /// <inheritdoc/>
    public override ReadOnlySpan<float> MemberValues => _members.Values;

    /// <inheritdoc/>
    private protected override void HasNoState() => _members.Forget();

    /// <inheritdoc/>
    /// <exception cref="OrtException">The run failed.</exception>
    private protected override float Tick(int slot, ReadOnlySpan<float> normalised)
    {
        Span<float> rows = _rows.Span.Slice(slot * Steps * FeatureCount, Steps * FeatureCount);
        int at = (int)(_ticks[slot] % Steps) * FeatureCount;
        normalised[..FeatureCount].CopyTo(rows[at..]);
        if (++_ticks[slot] < Steps)
        {
            WarmingUp++;
            _members.Forget();
            return float.NaN;
        }

        int oldest = at + FeatureCount;
        rows[oldest..].CopyTo(_input.Floats);
        rows[..oldest].CopyTo(_input.Floats[(rows.Length - oldest)..]);
        _session.Run();
        _members.Take();
        float output = _output.Floats[0];
        return float.IsNaN(output) ? float.NaN : output + 0f;
    }

    /// <inheritdoc/>
    private protected override void Clear(int count) => Array.Clear(_ticks, 0, count);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _session.Dispose();
        _input.Dispose();
        _output.Dispose();
        _members.Dispose();
        _rows.Dispose();
    }
}
