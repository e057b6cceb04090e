using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Networks;
using Engine.Training.Networks;

namespace Engine.Training.Tests.Networks;

public class SeededSiloTests
{
    internal static FeatureContract Contract(int families = 14, int width = 10) => new(
        "test",
        Enumerable.Range(0, families * width).Select(i => new FeatureSpec($"f{i}", $"family{i / width}", 0, "none")),
        "every-event");

    internal static string[] Families(int count) => Enumerable.Range(0, count).Select(i => $"family{i}").ToArray();

    [Test]
    public void Has_the_shape_that_was_asked_for()
    {
        SiloNetwork network = SeededSilo.Create(Contract(), Families(12), 1);
        Assert.That(network.Silos.Select(s => s.Family), Is.EqualTo(Families(12)));
        Assert.That(network.Silos.All(s => s.Layers.Select(l => l.Outputs).SequenceEqual([10, 10, 2])));
        Assert.That(network.Silos[3].Features, Is.EqualTo(Enumerable.Range(30, 10)));
        Assert.That(network.Direct, Is.EqualTo(Enumerable.Range(120, 20)));
        Assert.That(network.Fusion.Select(l => (l.Inputs, l.Outputs)), Is.EqualTo(new[] { (44, 10), (10, 1) }));
    }

    [Test]
    public void The_same_seed_gives_the_same_weights()
    {
        float[] first = Weights(1);
        Assert.That(Weights(1), Is.EqualTo(first));
        Assert.That(Weights(2), Is.Not.EqualTo(first));

        static float[] Weights(ulong seed) => SeededSilo.Create(Contract(), Families(3), seed).Fusion[0].Weights.ToArray();
    }

    [Test]
    public void Every_embedding_and_the_output_move([Range(1, 10)] int seed)
    {
        FeatureContract contract = Contract(6);
        SiloNetwork network = SeededSilo.Create(contract, Families(4), (ulong)seed);
        var random = new SeededRandom(1000 + (ulong)seed);
        float[][] rows = Enumerable.Range(0, 2_000).Select(_ => Enumerable.Range(0, contract.Count).Select(_ => (float)random.NextNormal()).ToArray()).ToArray();
        Assert.That(Deviation(network, rows), Is.GreaterThan(0.045), "output");
        foreach (Silo silo in network.Silos)
        {
            for (int e = 0; e < silo.Outputs; e++)
            {
                float[] pick = e == 0 ? [1, 0] : [0, 1];
                var only = new SiloNetwork(contract.Count, [silo], [], [new DenseLayer(pick, [0f], Activation.Identity)]);
                Assert.That(Deviation(only, rows), Is.GreaterThan(0.04), $"{silo.Family}, embedding {e}");
            }
        }
    }

    [Test]
    public void Small_families_and_none_at_all_work()
    {
        Assert.That(SeededSilo.Create(Contract(3, 1), Families(3), 1).FeatureCount, Is.EqualTo(3));
        Assert.That(SeededSilo.Create(Contract(1, 4), [], 1).Silos, Is.Empty);
    }

    [Test]
    public void A_family_that_is_unknown_or_named_twice_is_refused()
    {
        Assert.That(() => SeededSilo.Create(Contract(), ["nothing"], 1), Throws.ArgumentException.With.Message.Contains("'nothing'"));
        Assert.That(() => SeededSilo.Create(Contract(), ["family1", "family1"], 1), Throws.ArgumentException);
    }

    private static double Deviation(SiloNetwork network, float[][] rows)
    {
        using var predictor = new NativeSiloPredictor(network, KernelChoice.Best);
        double[] y = rows.Select(r => (double)predictor.Predict(r)).ToArray();
        double mean = y.Average();
        return Math.Sqrt(y.Average(v => (v - mean) * (v - mean)));
    }
}
