using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;

namespace Engine.Tests.Inference;

public class PredictorTests
{
    [Test]
    public void Every_mode_reproduces_the_golden_vectors([Values] InferenceMode mode)
    {
        var random = new SeededRandom(11);
        SiloNetwork network = TestModels.SmallNetwork(random);
        ModelArtefact artefact = ModelArtefact.Parse(ArtefactWriter.Write(network, TestModels.Describe(network, random)));
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using Predictor predictor = PredictorFactory.Create(artefact, mode, kernel);
            Normaliser normaliser = artefact.CreateNormaliser();
            var row = new float[network.FeatureCount];
            for (int i = 0; i < artefact.Description.Golden.Count; i++)
            {
                normaliser.Apply(artefact.Description.Golden.Row(i), row);
                Assert.That(predictor.Predict(row), Is.EqualTo(artefact.Description.Golden.Outputs[i]).Within(1e-5));
            }

            Assert.That(predictor.Kernel, Does.Contain(mode == InferenceMode.Ort ? "ort-1." : KernelChoice.Name(kernel)));
        }
    }

    [Test]
    public void Both_returns_the_native_value_to_the_bit()
    {
        var random = new SeededRandom(12);
        SiloNetwork network = TestModels.SmallNetwork(random);
        ModelArtefact artefact = ModelArtefact.Parse(ArtefactWriter.Write(network, TestModels.Describe(network, random)));
        using var both = (ComparingPredictor)PredictorFactory.Create(artefact, InferenceMode.Both, KernelChoice.Best);
        using Predictor native = PredictorFactory.Create(artefact, InferenceMode.Native, KernelChoice.Best);
        for (int i = 0; i < 200; i++)
        {
            float[] row = TestModels.RandomRow(random, 25, special: false);
            Assert.That(BitConverter.SingleToUInt32Bits(both.Predict(row)), Is.EqualTo(BitConverter.SingleToUInt32Bits(native.Predict(row))));
        }

        Assert.That(both.Count, Is.EqualTo(200));
        Assert.That(both.WithinTolerance, $"{both.LargestRatio}");
    }

    [Test]
    public void A_weight_changed_by_one_percent_in_one_of_the_two_is_caught()
    {
        var random = new SeededRandom(13);
        SiloNetwork network = TestModels.SmallNetwork(random);
        float[] weights = network.Fusion[1].Weights.ToArray();
        weights[Array.FindIndex(weights, w => MathF.Abs(w) > 0.3f)] *= 1.01f;
        var changed = new SiloNetwork(25, network.Silos, network.Direct,
            [network.Fusion[0], new DenseLayer(weights, network.Fusion[1].Bias.ToArray(), Activation.Identity)]);
        byte[] other = ArtefactWriter.Write(changed, TestModels.Describe(changed, random));
        using var comparing = new ComparingPredictor(new NativeSiloPredictor(network, KernelChoice.Best), new OrtPredictor(other, 25));
        var native = new List<float>();
        var rows = Enumerable.Range(0, 100).Select(_ => TestModels.RandomRow(random, 25, special: false)).ToArray();
        foreach (float[] row in rows)
        {
            native.Add(comparing.Predict(row));
        }

        Assert.That(comparing.WithinTolerance, Is.False);
        Assert.That(comparing.LargestRatio, Is.GreaterThan(1));
        Assert.That(comparing.WorstValue, Is.EqualTo(native[(int)comparing.WorstIndex]));
        Assert.That(Predictor.DifferenceRatio(comparing.WorstValue, comparing.WorstReference), Is.EqualTo(comparing.LargestRatio));
        Assert.That(Math.Abs(comparing.WorstValue - comparing.WorstReference), Is.LessThanOrEqualTo(comparing.LargestDifference));
        comparing.Reset();
        Assert.That(comparing.WithinTolerance && comparing.Count == 0 && comparing.WorstIndex == -1);
    }

    [TestCase(1f, 1f, 0)]
    [TestCase(0f, -0f, 0)]
    [TestCase(1f, 1.0000001f, 1)]
    [TestCase(-1f, -1.0000001f, 1)]
    [TestCase(float.Epsilon, -float.Epsilon, 2)]
    [TestCase(1f, 2f, 1 << 23)]
    [TestCase(float.MaxValue, float.PositiveInfinity, 1)]
    public void Units_in_the_last_place_are_numbers_between(float a, float b, long expected)
    {
        Assert.That(Ulps.Between(a, b), Is.EqualTo(expected));
        Assert.That(Ulps.Between(b, a), Is.EqualTo(expected));
    }

    [Test]
    public void A_comparison_counts_decisions_that_differ_and_units_in_the_last_place()
    {
        var identity = new SiloNetwork(1, [], [0], [new DenseLayer([1f], [0f], Activation.Identity)]);
        var less = new SiloNetwork(1, [], [0], [new DenseLayer([1f], [-0.125f], Activation.Identity)]);
        foreach ((float threshold, long flips) in new[] { (0f, 1L), (0.5f, 2L) })
        {
            using var comparing = new ComparingPredictor(new NativeSiloPredictor(identity, Kernel.Scalar), new NativeSiloPredictor(less, Kernel.Scalar), threshold);
            foreach (float x in (float[])[-1f, 0.0625f, 0.375f, 0.5625f, 0.625f, 1f, float.NaN])
            {
                comparing.Predict([x]);
            }

            Assert.That((comparing.DecisionFlips, comparing.DecisionThreshold, comparing.Count), Is.EqualTo((flips, threshold, 7L)));
            Assert.That((comparing.LargestUlps, comparing.LargestUlpsIndex), Is.EqualTo((Ulps.Between(0.0625f, -0.0625f), 1L)), "across 0");
            comparing.Reset();
            Assert.That((comparing.DecisionFlips, comparing.LargestUlps, comparing.LargestUlpsIndex), Is.EqualTo((0L, 0L, -1L)));
        }
    }

    [TestCase(float.NaN, float.NaN, 0)]
    [TestCase(1f, float.NaN, double.PositiveInfinity)]
    [TestCase(float.NaN, 1f, double.PositiveInfinity)]
    [TestCase(float.PositiveInfinity, 1f, double.PositiveInfinity)]
    [TestCase(float.PositiveInfinity, float.PositiveInfinity, 0)]
    [TestCase(float.PositiveInfinity, float.NegativeInfinity, double.PositiveInfinity)]
    [TestCase(0.5f, 0f, 50_000)]
    public void The_difference_is_in_units_of_what_is_allowed(float value, float reference, double expected) =>
        Assert.That(Predictor.DifferenceRatio(value, reference), Is.EqualTo(expected).Within(1).Percent);

    [Test]
    public void A_graph_that_is_no_silo_network_runs_in_ONNX_Runtime_only()
    {
        var random = new SeededRandom(14);
        SiloNetwork network = TestModels.SmallNetwork(random);
        ArtefactDescription description = TestModels.Describe(network, random);
        var graph = SiloGraph.Write(network);
        graph.Node.First(n => n.OpType == "Relu").OpType = "Elu";
        float[] rows = [.. description.Golden.Row(0)];
        var artefact = ModelArtefact.Parse(ArtefactWriter.Write(graph, description with { Golden = new GoldenVectors(rows, [OrtAnswer(graph, description, rows)], 25) }));
        Assert.That(artefact.Silo, Is.Null);
        Assert.That(artefact.WhyNotNative, Does.Contain("Elu"));
        Assert.That(() => PredictorFactory.Create(artefact, InferenceMode.Native, Kernel.Scalar),
            Throws.TypeOf<ArtefactException>().With.Message.Contains("Elu").And.Message.Contains("--inference ort"));
        using Predictor ort = PredictorFactory.Create(artefact, InferenceMode.Ort, Kernel.Scalar);
        Assert.That(ort.FeatureCount, Is.EqualTo(25));
    }

    private static float OrtAnswer(Engine.Inference.Artefacts.Onnx.GraphProto graph, ArtefactDescription description, float[] raw)
    {
        using var predictor = new OrtPredictor(ArtefactWriter.Write(graph, description), raw.Length);
        var row = new float[raw.Length];
        new Normaliser(description.Mean.Span, description.Deviation.Span).Apply(raw, row);
        return predictor.Predict(row);
    }
}
