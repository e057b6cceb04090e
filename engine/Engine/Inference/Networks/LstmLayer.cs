namespace Engine.Inference.Networks;

/// <summary>
/// One LSTM layer (Hochreiter and Schmidhuber, 1997, with forget gate), forward, without peepholes. The gates are in ONNX's
/// order: input, output, forget, cell.
/// </summary>
/// <remarks>
/// For each unit: i, o, f = sigmoid and g = tanh of (bias + R·h + W·x), each sum from the bias over the recurrent inputs and
/// then over the tick's inputs, in order; c' = f × c + i × g, the first product and the sum in one fused multiply-add;
/// h' = o × tanh(c').
/// </remarks>
public sealed class LstmLayer
{
    /// <summary>Gates of a unit.</summary>
    public const int Gates = 4;

    /// <summary>Most units.</summary>
    public const int MaxUnits = 1_024;

    private readonly float[] _input;
    private readonly float[] _recurrent;
    private readonly float[] _bias;
    private readonly float[] _initialHidden;
    private readonly float[] _initialCell;

    /// <param name="units">Units: the width of the hidden state.</param>
    /// <param name="input">W, [4 × units × inputs], a row for each gate of each unit. Kept, not copied.</param>
    /// <param name="recurrent">R, [4 × units × units]. Kept, not copied.</param>
    /// <param name="bias">[4 × units]: the input's and the recurrent bias added. Kept, not copied.</param>
    /// <param name="initialHidden">h before the first step, [units]; null for zeros. Kept, not copied.</param>
    /// <param name="initialCell">c before the first step, [units]; null for zeros. Kept, not copied.</param>
    /// <exception cref="ArgumentException">Sizes outside their limits, or lengths that do not fit.</exception>
    public LstmLayer(int units, float[] input, float[] recurrent, float[] bias, float[]? initialHidden = null, float[]? initialCell = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(recurrent);
        ArgumentNullException.ThrowIfNull(bias);
        if (units is < 1 or > MaxUnits)
        {
            throw new ArgumentException($"An LSTM of {units} units; 1 to {MaxUnits} are allowed.");
        }

        _initialHidden = initialHidden ?? new float[units];
        _initialCell = initialCell ?? new float[units];
        int rows = Gates * units;
        if (input.Length == 0 || input.Length % rows != 0 || input.Length / rows > DenseLayer.MaxWidth || recurrent.Length != rows * units || bias.Length != rows
            || _initialHidden.Length != units || _initialCell.Length != units)
        {
            throw new ArgumentException(
                $"An LSTM of {units} units with {input.Length} input weights, {recurrent.Length} recurrent weights, {bias.Length} biases and initial states of {_initialHidden.Length} and {_initialCell.Length}: they do not fit.");
        }

        Units = units;
        _input = input;
        _recurrent = recurrent;
        _bias = bias;
    }

    /// <summary>Inputs of a step.</summary>
    public int Inputs => _input.Length / (Gates * Units);

    /// <summary>Units: the width of the hidden state.</summary>
    public int Units { get; }

    /// <summary>W, [4 × units × inputs]: the row of gate g and unit u is g × units + u.</summary>
    public ReadOnlySpan<float> Input => _input;

    /// <summary>R, [4 × units × units], rows as in <see cref="Input"/>.</summary>
    public ReadOnlySpan<float> Recurrent => _recurrent;

    /// <summary>[4 × units], rows as in <see cref="Input"/>.</summary>
    public ReadOnlySpan<float> Bias => _bias;

    /// <summary>h before the first step, [units].</summary>
    public ReadOnlySpan<float> InitialHidden => _initialHidden;

    /// <summary>c before the first step, [units].</summary>
    public ReadOnlySpan<float> InitialCell => _initialCell;
}
