using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Core.Time;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Datasets;
using Engine.Training.Export;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Optimisation;
using Engine.Training.Training;

namespace Engine.Training.Tests.Export;

public class TrainedNetworkTests
{
    private const int Rows = 600;
    private const int Columns = 12;
    private static readonly EngineLimits s_limits = new() { Instruments = 4, SequenceInstruments = 4 };

    [Test]
    public void The_engine_predicts_what_the_trainer_does(
        [Values("linear", "perceptron", "silos", "lstm")] string name, [Values] LossKind loss, [Values] InferenceMode mode)
    {
        TrainingData data = Data(loss);
        var fit = new NormaliserFit(Columns);
        for (int row = 0; row < 400; row++)
        {
            fit.Add(data.Row(row));
        }

        var normaliser = new Normaliser(fit.Mean(), fit.Deviation());
        using TrainingRows rows = TrainingRows.Of(data, normaliser);
        Assert.That(rows.Missing, Is.GreaterThan(0));
        NetworkSpec network = Network(name);
        var options = new TrainerOptions
        {
            Epochs = 3,
            Patience = 0,
            Step = new StepOptions { BatchSize = 64, Loss = new LossSpec { Kind = loss }, Optimiser = new OptimiserSpec { WeightDecay = 1e-3, ClipNorm = 1 } },
            Rate = new LearningRate { Rate = 0.01 },
        };
        using var backend = new CpuBackend(1);
        TrainingOutcome outcome = new Trainer(network, rows, [.. Enumerable.Range(0, 400)], [.. Enumerable.Range(400, 100)], options, new WallClock()).Run(backend);
        using TrainingSession session = TrainingSession.Create(backend, network, rows, options.Step);
        session.Restore(outcome.Best);
        int[] usable = rows.WithWindow([.. Enumerable.Range(0, Rows)], network.Window);
        var expected = new float[Rows];
        var some = new float[usable.Length];
        session.Predict(usable, some);
        Array.Fill(expected, float.NaN);
        for (int i = 0; i < usable.Length; i++)
        {
            expected[usable[i]] = some[i];
        }

        ModelArtefact artefact = Export(network, outcome.Best, options.Step.Loss, data.Contract, fit);
        Assert.That(artefact.Description.Weights, Is.EqualTo(ArtefactDescription.Trained));
        using Predictor predictor = PredictorFactory.Create(artefact, mode, KernelChoice.Best, s_limits);
        Normaliser engine = artefact.CreateNormaliser();
        var row1 = new float[Columns];
        int day = 0;
        for (int row = 0; row < Rows; row++)
        {
            if (data.Days[row] != day)
            {
                predictor.Sequence?.Reset();
                day = data.Days[row];
            }

            engine.Apply(data.Row(row), row1);
            float got = predictor.Predict(data.Instruments[row], row1);
            Assert.That(Predictor.DifferenceRatio(got, expected[row]), Is.LessThanOrEqualTo(1), $"row {row}: {got}, the trainer's {expected[row]}");
        }

        Assert.That(some.Distinct().Count(), Is.GreaterThan(usable.Length / 3));
        Assert.That(usable, Has.Length.EqualTo(Rows - (network.Window == 1 ? 0 : 4 * (network.Window - 1))));
    }

    private static NetworkSpec Network(string name)
    {
        FeatureContract contract = Contract();
        return name switch
        {
            "linear" => SiloSpec.Linear(Columns),
            "perceptron" => SiloSpec.Mlp(Columns, [16, 8], dropout: 0.2f),
            "silos" => SiloSpec.DeepSilos(contract, ["family0", "family2"], 0.1f),
            _ => new LstmSpec { FeatureCount = Columns, Features = [1, 5, 9], Steps = 7, Units = 20, Dropout = 0.2f },
        };
    }

    private static ModelArtefact Export(NetworkSpec network, TrainingState state, LossSpec loss, FeatureContract contract, NormaliserFit fit)
    {
        var description = new ArtefactDescription
        {
            Contract = contract,
            Mean = fit.Mean(),
            Deviation = fit.Deviation(),
            Label = "return",
            HorizonNanos = 1_000_000,
            TrainingSplit = ["days"],
            Weights = ArtefactDescription.Trained,
            Golden = GoldenRows.Draw(fit.Mean(), fit.Deviation(), network.Window + 31, 1).WithoutOutputs(),
        };
        return ModelArtefact.Parse(TrainedNetwork.ToBytes(network, state, loss, description), "trained.onnx", contract);
    }

    private static FeatureContract Contract() =>
        new("test", Enumerable.Range(0, Columns).Select(i => new FeatureSpec($"f{i}", $"family{i / 4}", 0, "none")), "every-event");

    // Two days of two instruments in turn; some values missing.
    private static TrainingData Data(LossKind loss)
    {
        var random = new SeededRandom(6);
        float[] features = [.. Enumerable.Range(0, Rows * Columns).Select(i => random.Chance(0.01) ? float.NaN : (float)((3 * random.NextNormal()) + (i % Columns)))];
        float[] labels = [.. Enumerable.Range(0, Rows).Select(r => float.IsNaN(features[r * Columns]) ? 0 : (float)(0.3 * (features[r * Columns] + random.NextNormal())))];
        return new TrainingData
        {
            Contract = Contract(),
            Features = features,
            Label = "return",
            Labels = loss == LossKind.BinaryCrossEntropy ? [.. labels.Select(l => l > 0 ? 1f : 0f)] : labels,
            Times = [.. Enumerable.Range(0, Rows).Select(r => (long)r)],
            Ends = [.. Enumerable.Range(0, Rows).Select(r => (long)r + 1)],
            Instruments = [.. Enumerable.Range(0, Rows).Select(r => (r / 3) % 2)],
            Symbols = ["A", "B"],
            Days = [.. Enumerable.Range(0, Rows).Select(r => r < 300 ? 0 : 1)],
            DayIds = ["2026-01-05", "2026-01-06"],
        };
    }
}
