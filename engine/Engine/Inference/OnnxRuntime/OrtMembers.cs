using Engine.Features;

namespace Engine.Inference.OnnxRuntime;

/// <summary>The outputs that a session of an ensemble has behind its prediction: each member's value. Of any other model there are none.</summary>
internal sealed class OrtMembers : IDisposable
{
    private readonly OrtTensor[] _outputs;
    private readonly float[] _values;

    /// <param name="count">How many members.</param>
    public OrtMembers(int count)
    {
        _outputs = [.. Enumerable.Range(0, count).Select(_ => OrtTensor.OfFloats(1, 1))];
        _values = new float[count];
        Forget();
    }

    /// <summary>The values of the last run.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>Binds a session of one input to its tensors.</summary>
    /// <exception cref="OrtException">It has other inputs or outputs than expected.</exception>
    public void Bind(OrtSession session, OrtTensor input, OrtTensor prediction)
    {
        if (session.InputNames.Count != 1 || session.OutputNames.Count != 1 + _outputs.Length)
        {
            throw new OrtException("Bind", 0, $"{session.InputNames.Count} inputs and {session.OutputNames.Count} outputs; 1 and {1 + _outputs.Length} are expected");
        }

        session.Bind([input], [prediction, .. _outputs]);
    }

    /// <summary>Takes over what a run said.</summary>
    public void Take()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = CanonicalBits.Of(_outputs[i].Floats[0]);
        }
    }

    /// <summary>There was no run: no member said anything.</summary>
    public void Forget() => Array.Fill(_values, float.NaN);

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_outputs, o => o.Dispose());
}
