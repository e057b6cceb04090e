namespace Engine.Training.Backends.Cpu;

/// <summary>
/// Batch normalisation (Ioffe and Szegedy, 2015) of the units behind an LSTM: (x − mean) ÷ √(variance + ε) × scale + offset, with the
/// batch's statistics in training and running ones otherwise.
/// </summary>
internal sealed class BatchNorm
{
    /// <summary>Added to the variance: ONNX's default, which the artefact's graph has too.</summary>
    public const double Epsilon = 1e-5;

    /// <summary>How far the running statistics go to the batch's at each step.</summary>
    public const double Momentum = 0.1;

    private readonly double[] _sums;
    private readonly double[] _squares;

    /// <param name="units">Units.</param>
    public BatchNorm(int units)
    {
        Mean = new float[units];
        Inverse = new float[units];
        ScaleGradient = new float[units];
        OffsetGradient = new float[units];
        _sums = new double[units];
        _squares = new double[units];
    }

    /// <summary>The means in force.</summary>
    public float[] Mean { get; }

    /// <summary>1 ÷ √(variance + ε), in force.</summary>
    public float[] Inverse { get; }

    /// <summary>Σ over the batch of gradient × normalised value.</summary>
    public float[] ScaleGradient { get; }

    /// <summary>Σ over the batch of the gradient.</summary>
    public float[] OffsetGradient { get; }

    /// <summary>Begins a batch: <see cref="Add"/> its rows, then <see cref="Center"/>, add them again, then <see cref="Finish"/>.</summary>
    public void Begin()
    {
        Array.Clear(_sums);
        Array.Clear(_squares);
    }

    /// <summary>Adds a row, of which the squares count after <see cref="Center"/>.</summary>
    /// <param name="values">One a unit.</param>
    /// <param name="isCentered">Whether the mean is known.</param>
    public void Add(ReadOnlySpan<float> values, bool isCentered)
    {
        for (int u = 0; u < Mean.Length; u++)
        {
            if (isCentered)
            {
                double off = values[u] - (double)Mean[u];
                _squares[u] += off * off;
            }
            else
            {
                _sums[u] += values[u];
            }
        }
    }

    /// <summary>The means are known.</summary>
    public void Center(int rows)
    {
        for (int u = 0; u < Mean.Length; u++)
        {
            Mean[u] = (float)(_sums[u] / rows);
        }
    }

    /// <summary>The variances are known too; the running statistics follow (the variance as n ÷ (n − 1) times the batch's).</summary>
    public void Finish(int rows, float[] running)
    {
        int units = Mean.Length;
        for (int u = 0; u < units; u++)
        {
            double variance = _squares[u] / rows;
            Inverse[u] = (float)(1 / Math.Sqrt(variance + Epsilon));
            running[u] = (float)(((1 - Momentum) * running[u]) + (Momentum * Mean[u]));
            running[units + u] = (float)(((1 - Momentum) * running[units + u]) + (Momentum * variance * rows / (rows - 1)));
        }
    }

    /// <summary>Puts the running statistics in force.</summary>
    public void UseRunning(float[] running)
    {
        for (int u = 0; u < Mean.Length; u++)
        {
            Mean[u] = running[u];
            Inverse[u] = (float)(1 / Math.Sqrt(running[Mean.Length + u] + Epsilon));
        }
    }

    /// <summary>Sums the chunks' shares of both gradients, in chunk order.</summary>
    /// <param name="shares">[chunk][scale's, offset's][unit].</param>
    /// <param name="chunks">How many chunks.</param>
    public void Collect(double[] shares, int chunks)
    {
        int units = Mean.Length;
        for (int u = 0; u < units; u++)
        {
            double scale = 0, offset = 0;
            for (int c = 0; c < chunks; c++)
            {
                scale += shares[(c * 2 * units) + u];
                offset += shares[(c * 2 * units) + units + u];
            }

            ScaleGradient[u] = (float)scale;
            OffsetGradient[u] = (float)offset;
        }
    }
}
