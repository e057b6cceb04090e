using Engine.Core.Events;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Lab;
using Engine.Signals;
using Engine.Training.Datasets;

namespace Engine.Simulator.Tests;

/// <summary>A silo model of `lab seed-model` says what it is, and is lively over the sample day.</summary>
public sealed class SeededModelTests
{
    private const double LeastDeviation = 0.05;
    private const int LeastDistinct = 1_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("engine-seeded-").FullName;

    private ModelArtefact _model = null!;

    [OneTimeSetUp]
    public void Make()
    {
        string capture = Path.Combine(_folder, "day.pcap"), model = Path.Combine(_folder, "silo.onnx");
        using (FileStream file = File.Create(capture))
        {
            Simulation.Run(new SimulationOptions { Seed = 20_260_102, Date = new DateOnly(2026, 1, 2), Messages = 200_000 }, file);
        }

        using var error = new StringWriter();
        Assert.That(LabCommandLine.Run(["seed-model", capture, "-o", model], TextWriter.Null, error), Is.Zero, error.ToString());
        _model = ModelArtefact.Load(model);
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, true);

    [Test]
    public void It_says_that_its_weights_are_seeded_and_which_capture_its_statistics_are_of()
    {
        ArtefactDescription description = _model.Description;
        Assert.Multiple(() =>
        {
            Assert.That(description.Weights, Is.EqualTo(ArtefactDescription.Seeded));
            Assert.That(description.Note, Does.Contain("not trained"));
            Assert.That(description.TrainingSplit, Has.Count.EqualTo(1).And.Some.Contains("day.pcap"));
        });
    }

    [Test]
    public void No_embedding_is_constant_and_its_outputs_differ_over_the_sample_day()
    {
        SiloNetwork network = _model.Silo!;
        List<(string Name, Predictor Predictor)> outputs = [("prediction", new NativeSiloPredictor(network, Kernel.Scalar))];
        foreach (Silo silo in network.Silos)
        {
            for (int e = 0; e < silo.Outputs; e++)
            {
                var pick = new float[silo.Outputs];
                pick[e] = 1;
                var alone = new SiloNetwork(network.FeatureCount, [silo], [], [new DenseLayer(pick, [0f], Activation.Identity)]);
                outputs.Add(($"{silo.Family} embedding {e}", new NativeSiloPredictor(alone, Kernel.Scalar)));
            }
        }

        var spread = new Spread(_model.CreateNormaliser(), [.. outputs.Select(o => o.Predictor)]);
        CaptureRows.Replay([Path.Combine(SampleTests.SampleFolder, "market.pcap.gz")], ContractDefinition.Of(_model.Contract), Sampling.EveryEvent, new SpreadRows(spread));
        Assert.That(outputs, Has.Count.EqualTo(1 + (network.Silos.Count * 2)));
        Assert.Multiple(() =>
        {
            for (int i = 0; i < outputs.Count; i++)
            {
                Assert.That(spread.Deviation(i), Is.GreaterThanOrEqualTo(LeastDeviation), outputs[i].Name);
                Assert.That(spread.Distinct(i), Is.GreaterThanOrEqualTo(LeastDistinct), outputs[i].Name);
            }
        });
        outputs.ForEach(o => o.Predictor.Dispose());
    }

    private sealed class Spread(Normaliser normaliser, Predictor[] predictors)
    {
        private readonly float[] _row = new float[normaliser.Count];
        private readonly double[] _sum = new double[predictors.Length];
        private readonly double[] _squares = new double[predictors.Length];
        private readonly HashSet<float>[] _values = [.. predictors.Select(_ => new HashSet<float>())];
        private long _rows;

        public void Add(ReadOnlySpan<float> row)
        {
            normaliser.Apply(row, _row);
            _rows++;
            for (int i = 0; i < predictors.Length; i++)
            {
                float value = predictors[i].Predict(_row);
                _sum[i] += value;
                _squares[i] += (double)value * value;
                _values[i].Add(value);
            }
        }

        public double Deviation(int i) => Math.Sqrt(Math.Max(0, (_squares[i] / _rows) - (_sum[i] / _rows * (_sum[i] / _rows))));

        public int Distinct(int i) => _values[i].Count;
    }

    private readonly struct SpreadRows(Spread spread) : IRowHandler
    {
        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row) => spread.Add(row);
    }
}
