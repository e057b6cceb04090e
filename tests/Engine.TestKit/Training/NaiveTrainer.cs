namespace Engine.TestKit.Training;

/// <summary>A loss of one row: output and label.</summary>
public delegate Traced NaiveLoss(Traced output, double label);

/// <summary>The losses from their definitions.</summary>
public static class NaiveLosses
{
    /// <summary>(y − t)².</summary>
    public static Traced MeanSquared(Traced y, double t) => (y + -t) * (y + -t);

    /// <summary>½ (y − t)² within δ, else δ (|y − t| − ½ δ).</summary>
    public static NaiveLoss Huber(double delta) => (y, t) =>
    {
        double off = y.Value - t;
        return Math.Abs(off) <= delta ? (y + -t) * (y + -t) * 0.5 : y.Map(delta * (Math.Abs(off) - (0.5 * delta)), delta * Math.Sign(off));
    };

    /// <summary>−w₁ t ln σ(y) − w₀ (1 − t) ln(1 − σ(y)).</summary>
    public static NaiveLoss CrossEntropy(double one, double zero) => (y, t) => ((y * -1).SoftPlus() * (one * t)) + (y.SoftPlus() * (zero * (1 - t)));
}

/// <summary>Adam and AdamW with a bounded gradient, in float64.</summary>
/// <param name="network">What is trained.</param>
/// <param name="loss">Averaged over the batch.</param>
/// <param name="parameters">Changed by each step.</param>
public sealed class NaiveTrainer(NaiveNetwork network, NaiveLoss loss, double[] parameters)
{
    private readonly double[] _first = new double[parameters.Length];
    private readonly double[] _second = new double[parameters.Length];
    private int _steps;

    /// <summary>Decays of both means.</summary>
    public (double One, double Two) Beta { get; init; } = (0.9, 0.999);

    /// <summary>Added to the root.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Weight decay, where <see cref="Decays"/> says so.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Decay of the weights themselves, not by the gradient.</summary>
    public bool IsDecoupled { get; init; } = true;

    /// <summary>Bound of the gradient's norm.</summary>
    public double ClipNorm { get; init; } = double.PositiveInfinity;

    /// <summary>Which parameters decay; null: none.</summary>
    public bool[]? Decays { get; init; }

    /// <summary>The mean loss of a batch and its gradient.</summary>
    public (double Loss, double[] Gradient) Gradient(NaiveBatch batch, double[] labels)
    {
        var tape = new Tape();
        Traced[] traced = [.. parameters.Select(tape.Input)];
        Traced mean = MeanLoss(traced, batch, labels);
        return (mean.Value, tape.Derivatives(mean)[..parameters.Length]);
    }

    /// <summary>The mean loss of a batch.</summary>
    public double Loss(NaiveBatch batch, double[] labels)
    {
        var tape = new Tape();
        return MeanLoss([.. parameters.Select(tape.Input)], batch, labels).Value;
    }

    /// <summary>One step; gives the loss before it.</summary>
    public double Step(NaiveBatch batch, double[] labels, double rate)
    {
        (double before, double[] gradient) = Gradient(batch, labels);
        double norm = Math.Sqrt(gradient.Sum(g => g * g));
        double scale = Math.Min(1, ClipNorm / norm);
        _steps++;
        for (int i = 0; i < parameters.Length; i++)
        {
            bool decays = Decays is not null && Decays[i];
            double g = gradient[i] * scale;
            g += decays && !IsDecoupled ? WeightDecay * parameters[i] : 0;
            parameters[i] -= decays && IsDecoupled ? rate * WeightDecay * parameters[i] : 0;
            _first[i] = (Beta.One * _first[i]) + ((1 - Beta.One) * g);
            _second[i] = (Beta.Two * _second[i]) + ((1 - Beta.Two) * g * g);
            double mean = _first[i] / (1 - Math.Pow(Beta.One, _steps));
            double square = _second[i] / (1 - Math.Pow(Beta.Two, _steps));
            parameters[i] -= rate * mean / (Math.Sqrt(square) + Epsilon);
        }

        return before;
    }

    private Traced MeanLoss(Traced[] traced, NaiveBatch batch, double[] labels) =>
        network.Run(traced, batch).Select((y, i) => loss(y, labels[i])).Aggregate((a, x) => a + x) * (1.0 / labels.Length);
}
