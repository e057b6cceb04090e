using System.Security.Cryptography;
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

/// <summary>The sample model is what its README says, and lively over the sample day.</summary>
public sealed class SampleModelTests
{
    private const double LeastDeviation = 0.05;
    private const int LeastDistinct = 1_000;

    private static string Folder => SampleTests.SampleFolder;

    [Test]
    public void The_command_in_the_readme_writes_the_same_bytes_again()
    {
        string folder = Directory.CreateTempSubdirectory("engine-samples-").FullName;
        try
        {
            var error = new StringWriter();
            Assert.That(LabCommandLine.Run(["samples", "--out", folder], TextWriter.Null, error), Is.Zero, error.ToString());
            byte[] made = File.ReadAllBytes(Path.Combine(folder, "silo.onnx"));
            Assert.That(made, Is.EqualTo(File.ReadAllBytes(Path.Combine(Folder, "silo.onnx"))));
            string hash = Convert.ToHexStringLower(SHA256.HashData(made));
            Assert.That(File.ReadAllText(Path.Combine(Folder, "README.md")), Does.Contain(hash));
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    [Test]
    public void It_says_that_its_weights_are_seeded_and_which_day_its_statistics_are_of()
    {
        ArtefactDescription description = ModelArtefact.Load(Path.Combine(Folder, "silo.onnx")).Description;
        Assert.Multiple(() =>
        {
            Assert.That(description.Weights, Is.EqualTo(ArtefactDescription.Seeded));
            Assert.That(description.Note, Does.Contain("not trained"));
            Assert.That(description.TrainingSplit, Has.Count.EqualTo(1).And.Some.Contains("20260102"));
        });
    }

    [Test]
    public void No_embedding_is_constant_and_its_outputs_differ_over_the_sample_day()
    {
        ModelArtefact model = ModelArtefact.Load(Path.Combine(Folder, "silo.onnx"));
        SiloNetwork network = model.Silo!;
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

        var spread = new Spread(model.CreateNormaliser(), [.. outputs.Select(o => o.Predictor)]);
        CaptureRows.Replay([Path.Combine(Folder, "market.pcap.gz")], ContractDefinition.Of(model.Contract), Sampling.EveryEvent, new SpreadRows(spread));
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
