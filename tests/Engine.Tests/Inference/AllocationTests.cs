using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;

namespace Engine.Tests.Inference;

public class AllocationTests
{
    private const int Calls = 1_000;

    // Keeps the calls from being removed.
    private static volatile float _sink;

    [Test]
    public void Predicting_allocates_nothing([Values] InferenceMode mode)
    {
        var random = new SeededRandom(5);
        SiloNetwork network = TestModels.SmallNetwork(random);
        byte[] file = ArtefactWriter.Write(network, TestModels.Describe(network, random));
        using Predictor predictor = PredictorFactory.Create(ModelArtefact.Parse(file), mode, KernelChoice.Best);
        Assert.That(Allocated(row => predictor.Predict(row), network.FeatureCount), Is.Zero);
    }

    [Test]
    public void The_measurement_sees_an_allocation() =>
        Assert.That(Allocated(row => new float[row.Length].Length, 25), Is.GreaterThanOrEqualTo(Calls * 25 * sizeof(float)));

    private static long Allocated(Func<float[], float> call, int features)
    {
        var random = new SeededRandom(6);
        float[][] rows = Enumerable.Range(0, 8).Select(_ => TestModels.RandomRow(random, features, special: false)).ToArray();
        float sum = 0;
        for (int i = 0; i < 100; i++)
        {
            sum += call(rows[i % rows.Length]);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Calls; i++)
        {
            sum += call(rows[i % rows.Length]);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        _sink = sum;
        return allocated;
    }
}
