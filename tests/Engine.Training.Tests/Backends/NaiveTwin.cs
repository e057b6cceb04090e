using Engine.Core.Numerics;
using Engine.TestKit.Training;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Losses;
using Engine.Training.Networks;

namespace Engine.Training.Tests.Backends;

/// <summary>A network, rows drawn from a seed, and the same network in float64 beside it.</summary>
internal sealed class NaiveTwin : IDisposable
{
    private readonly NetworkSpec _spec;
    private readonly StepOptions _options;
    private readonly float[] _features;
    private readonly int[] _series;

    public NaiveTwin(NetworkSpec spec, StepOptions options, int rows, ulong seed)
    {
        var random = new SeededRandom(seed);
        (_spec, _options) = (spec, options);
        _features = [.. Enumerable.Range(0, rows * spec.FeatureCount).Select(_ => (float)random.NextNormal())];
        Labels = [.. Enumerable.Range(0, rows).Select(_ => options.Loss.IsLogit ? (random.Chance(0.4) ? 1f : 0f) : (float)(2 * random.NextNormal()))];

        // Two instruments in turn, irregularly.
        _series = [.. Enumerable.Range(0, rows).Select(_ => random.Next(2))];
        Rows = TrainingRows.Of(_features, spec.FeatureCount, Labels, _series);
        TrainingState state = TrainingState.Begin(spec, seed);
        State = state with { Parameters = [.. state.Parameters.Select(p => p + (float)(0.05 * random.NextNormal()))] };
        Parameters = [.. State.Parameters.Select(p => (double)p)];
        Network = Twin(spec);
        Trainer = new NaiveTrainer(Network, Loss(options.Loss), Parameters)
        {
            WeightDecay = options.Optimiser.WeightDecay,
            IsDecoupled = options.Optimiser.IsDecoupled,
            ClipNorm = options.Optimiser.ClipNorm,
            Decays = [.. ParameterTable.Of(spec).Slices.SelectMany(s => Enumerable.Repeat(s.Decays, s.Count))],
        };
    }

    public float[] Labels { get; }

    public TrainingRows Rows { get; }

    public TrainingState State { get; }

    public double[] Parameters { get; }

    public NaiveNetwork Network { get; }

    public NaiveTrainer Trainer { get; }

    public int[] Usable => Rows.WithWindow([.. Enumerable.Range(0, Rows.Rows)], _spec.Window);

    public CpuSession Session(CpuBackend backend)
    {
        CpuSession session = backend.CreateSession(_spec, Rows, _options);
        session.Restore(State);
        return session;
    }

    public NaiveBatch Batch(int[] rows, long step, bool isTraining = true) => new([.. rows.Select(Window)], isTraining, _options.Seed, step);

    public double[] LabelsOf(int[] rows) => [.. rows.Select(r => (double)Labels[r])];

    /// <summary>Holds a gradient against what the loss does when a parameter is nudged, for some parameters of every tensor.</summary>
    /// <param name="rows">The batch.</param>
    /// <param name="gradient">By parameter.</param>
    /// <param name="perTensor">About how many of each tensor.</param>
    /// <param name="seed">For the message.</param>
    public void AssertSlopes(int[] rows, float[] gradient, int perTensor, ulong seed)
    {
        const double Nudge = 1e-5;
        double scale = gradient.Max(Math.Abs);
        int checkedCount = 0;
        foreach (ParameterSlice slice in ParameterTable.Of(_spec).Slices)
        {
            for (int i = slice.Offset; i < slice.Offset + slice.Count; i += Math.Max(1, slice.Count / perTensor))
            {
                double kept = Parameters[i];
                Parameters[i] = kept + Nudge;
                double above = Trainer.Loss(Batch(rows, 0), LabelsOf(rows));
                Parameters[i] = kept - Nudge;
                double below = Trainer.Loss(Batch(rows, 0), LabelsOf(rows));
                Parameters[i] = kept;
                Assert.That(gradient[i], Is.EqualTo((above - below) / (2 * Nudge)).Within(5e-5 * scale), $"{slice.Name} at {i - slice.Offset}, seed {seed}");
                checkedCount++;
            }
        }

        Assert.That(checkedCount, Is.GreaterThan(5));
    }

    public void Dispose() => Rows.Dispose();

    // The rows of the same series up to a row, from the definition.
    private double[][] Window(int row)
    {
        int[] ticks = [.. Enumerable.Range(0, row + 1).Where(r => _spec.Window == 1 ? r == row : _series[r] == _series[row])];
        return [.. ticks[^_spec.Window..].Select(r => _features.AsSpan(r * _spec.FeatureCount, _spec.FeatureCount).ToArray().Select(v => (double)v).ToArray())];
    }

    private static NaiveLoss Loss(LossSpec loss) => loss.Kind switch
    {
        LossKind.Huber => NaiveLosses.Huber(loss.Delta),
        LossKind.BinaryCrossEntropy => NaiveLosses.CrossEntropy(loss.PositiveWeight, loss.NegativeWeight),
        _ => NaiveLosses.MeanSquared,
    };

    private static NaiveLayer[] Layers(IReadOnlyList<DenseSpec> layers) => [.. layers.Select(l => new NaiveLayer(l.Outputs, l.Activation, l.Dropout))];

    private static NaiveNetwork Twin(NetworkSpec spec) => spec switch
    {
        SiloSpec silo => new NaiveSilos([.. silo.Direct], [.. silo.Silos.Select(s => (s.Features.ToArray(), Layers(s.Layers)))], Layers(silo.Fusion)),
        LstmSpec lstm => new NaiveLstm([.. lstm.Features], lstm.Units, lstm.HasBatchNorm, lstm.Dropout, Layers(lstm.Head))
        {
            Statistics = [.. new double[lstm.Units], .. Enumerable.Repeat(1.0, lstm.Units)],
        },
        _ => throw new ArgumentException(spec.GetType().Name),
    };
}
