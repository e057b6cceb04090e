namespace Engine.Inference.Networks;

/// <summary>One step of a <see cref="DenseNetwork"/>: values in, values out.</summary>
public abstract record DenseStage
{
    private DenseStage()
    {
    }

    /// <summary>How many values come out where some go in.</summary>
    /// <param name="width">Values that go in.</param>
    /// <exception cref="ArgumentException">The stage does not take as many.</exception>
    internal abstract int Outputs(int width);

    private static int Same(string what, int own, int width) =>
        own == width ? width : throw new ArgumentException($"{what} takes {own} values but {width} come in.");

    /// <summary>A dense layer with its activation.</summary>
    public sealed record Product(DenseLayer Layer) : DenseStage
    {
        /// <inheritdoc/>
        internal override int Outputs(int width)
        {
            _ = Same("A dense layer", Layer.Inputs, width);
            return Layer.Outputs;
        }
    }

    /// <summary>An activation that does not directly follow a dense layer.</summary>
    public sealed record Activate(Activation Activation) : DenseStage
    {
        /// <inheritdoc/>
        internal override int Outputs(int width) => width;
    }

    /// <summary>x where x is not below 0, otherwise slope × x.</summary>
    public sealed record LeakyRelu(float Slope) : DenseStage
    {
        /// <inheritdoc/>
        internal override int Outputs(int width) => width;
    }

    /// <summary>
    /// (x − mean) ÷ √(variance + epsilon) × scale + offset over all values: the mean of the values and that of the squared distances
    /// from it, each a sum in order.
    /// </summary>
    public sealed record LayerNorm(ReadOnlyMemory<float> Scale, ReadOnlyMemory<float> Offset, float Epsilon) : DenseStage
    {
        /// <inheritdoc/>
        internal override int Outputs(int width) => Same("A layer normalisation", Same("Its offset", Offset.Length, Scale.Length), width);
    }

    /// <summary>e^(x − largest) ÷ their sum in order.</summary>
    public sealed record Softmax : DenseStage
    {
        /// <inheritdoc/>
        internal override int Outputs(int width) => width;
    }

    /// <summary>Some of the values, in the order of their indices.</summary>
    public sealed record Pick(IReadOnlyList<int> Indices) : DenseStage
    {
        /// <inheritdoc/>
        internal override int Outputs(int width) => Indices.Count is 0 or > DenseLayer.MaxWidth || Indices.Any(i => (uint)i >= (uint)width)
            ? throw new ArgumentException($"Of {width} values {Indices.Count} are picked, by indices up to {Indices.DefaultIfEmpty(-1).Max()}.")
            : Indices.Count;
    }
}
