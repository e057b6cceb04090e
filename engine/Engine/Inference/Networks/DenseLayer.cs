namespace Engine.Inference.Networks;

/// <summary>One dense layer: output = activation(bias + input × weights), sums in input order starting from the bias.</summary>
public sealed class DenseLayer
{
    /// <summary>Most inputs, and most outputs, of a layer.</summary>
    public const int MaxWidth = 8_192;

    private readonly float[] _weights;
    private readonly float[] _bias;

    /// <param name="weights">[inputs × outputs], a row for each input. Kept, not copied.</param>
    /// <param name="bias">[outputs]. Kept, not copied.</param>
    /// <param name="activation">Applied to each output.</param>
    /// <exception cref="ArgumentException">Empty, wider than <see cref="MaxWidth"/>, or lengths that do not fit.</exception>
    public DenseLayer(float[] weights, float[] bias, Activation activation)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(bias);
        if (bias.Length is 0 or > MaxWidth || weights.Length == 0 || weights.Length % bias.Length != 0 || weights.Length / bias.Length > MaxWidth)
        {
            throw new ArgumentException($"A dense layer of {weights.Length} weights and {bias.Length} biases; 1 to {MaxWidth} inputs and outputs are allowed.");
        }

        _weights = weights;
        _bias = bias;
        Activation = activation;
    }

    /// <summary>Inputs.</summary>
    public int Inputs => _weights.Length / _bias.Length;

    /// <summary>Outputs: units.</summary>
    public int Outputs => _bias.Length;

    /// <summary>[inputs × outputs], a row for each input.</summary>
    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>[outputs].</summary>
    public ReadOnlySpan<float> Bias => _bias;

    /// <summary>Applied to each output.</summary>
    public Activation Activation { get; }
}
