using Engine.Inference.OnnxRuntime;

namespace Engine.Inference;

/// <summary>Any graph [1, F] → [1, 1] in ONNX Runtime, over tensors that are bound once.</summary>
public sealed class OrtPredictor : Predictor
{
    private readonly OrtSession _session;
    private readonly OrtTensor _input;
    private readonly OrtTensor _output;
    private readonly OrtMembers _members;

    /// <param name="model">The bytes of an ONNX file.</param>
    /// <param name="featureCount">Features of a row.</param>
    /// <param name="members">Outputs behind the prediction: the values of an ensemble's members.</param>
    /// <exception cref="OrtUnavailableException">The library cannot be had.</exception>
    /// <exception cref="OrtException">ONNX Runtime refuses the model.</exception>
    public OrtPredictor(ReadOnlySpan<byte> model, int featureCount, int members = 0)
    {
        FeatureCount = featureCount;
        _session = new OrtSession(model);
        _input = OrtTensor.OfFloats(1, featureCount);
        _output = OrtTensor.OfFloats(1, 1);
        _members = new OrtMembers(members);
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
    public override int FeatureCount { get; }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> MemberValues => _members.Values;

    /// <inheritdoc/>
    /// <exception cref="OrtException">The run failed.</exception>
    public override float Predict(ReadOnlySpan<float> normalised)
    {
        normalised[..FeatureCount].CopyTo(_input.Floats);
        _session.Run();
        _members.Take();
        float output = _output.Floats[0];
        return float.IsNaN(output) ? float.NaN : output + 0f;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _session.Dispose();
        _input.Dispose();
        _output.Dispose();
        _members.Dispose();
    }
}
