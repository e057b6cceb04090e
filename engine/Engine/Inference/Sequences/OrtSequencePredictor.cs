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
    /// <param name="natives">The networks that native kernels take the graph, or parts of it, for: an instrument has a state where it has one in all.</param>
    /// <exception cref="OrtUnavailableException">The library cannot be had.</exception>
    /// <exception cref="OrtException">ONNX Runtime refuses the model.</exception>
    public OrtSequencePredictor(
        ReadOnlySpan<byte> model, InputWindow window, int featureCount, EngineLimits limits, int members = 0, params ReadOnlySpan<LstmNetwork> natives)
        : base(featureCount, window.Steps, StateBytesOf(window, featureCount, natives), limits)
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

    /// <summary>The most that any way to run the model needs.</summary>
    private static long StateBytesOf(InputWindow window, int featureCount, ReadOnlySpan<LstmNetwork> natives)
    {
        long most = natives.IsEmpty ? RowBytes(window.Steps, featureCount) : 0;
        foreach (LstmNetwork native in natives)
        {
            most = Math.Max(most, NativeLstmPredictor.StateBytesOf(native));
        }

        return most;
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
