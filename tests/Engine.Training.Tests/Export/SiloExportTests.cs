using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Training.Export;
using Engine.Training.Tests.Networks;

namespace Engine.Training.Tests.Export;

public class SiloExportTests
{
    [Test]
    public void A_seeded_artefact_loads_and_runs_every_way([Values] InferenceMode mode)
    {
        FeatureContract contract = SeededSiloTests.Contract();
        byte[] bytes = SiloExport.Seeded(contract, SeededSiloTests.Families(12), 7);
        ModelArtefact artefact = ModelArtefact.Parse(bytes, "seeded.onnx", contract);
        Assert.That(artefact.Description.Weights, Is.EqualTo(ArtefactDescription.Seeded));
        Assert.That(artefact.Description.Note, Does.Contain("not trained").And.Contain("seed 7"));
        Assert.That(artefact.Silo!.Silos, Has.Count.EqualTo(12));
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using Predictor predictor = PredictorFactory.Create(artefact, mode, kernel);
            Assert.That(predictor.FeatureCount, Is.EqualTo(contract.Count));
        }
    }

    [Test]
    public void The_same_seed_gives_the_same_bytes()
    {
        FeatureContract contract = SeededSiloTests.Contract(3);
        byte[] one = SiloExport.Seeded(contract, SeededSiloTests.Families(2), 7, withOnnxRuntime: false);
        Assert.That(SiloExport.Seeded(contract, SeededSiloTests.Families(2), 7, withOnnxRuntime: false), Is.EqualTo(one));
        Assert.That(SiloExport.Seeded(contract, SeededSiloTests.Families(2), 8, withOnnxRuntime: false), Is.Not.EqualTo(one));
    }

    [Test]
    public void Golden_rows_have_holes_and_infinities()
    {
        FeatureContract contract = SeededSiloTests.Contract(3);
        float[] mean = Enumerable.Range(0, contract.Count).Select(i => (float)i).ToArray();
        float[] deviation = Enumerable.Range(0, contract.Count).Select(i => i == 5 ? 0f : 2f).ToArray();
        ModelArtefact artefact = ModelArtefact.Parse(SiloExport.Seeded(contract, SeededSiloTests.Families(2), 7, mean, deviation));
        GoldenVectors golden = artefact.Description.Golden;
        float[] all = Enumerable.Range(0, golden.Count).SelectMany(i => golden.Row(i).ToArray()).ToArray();
        Assert.That(all.Any(float.IsNaN));
        Assert.That(all.Any(float.IsPositiveInfinity));
        Assert.That(all.Any(float.IsNegativeInfinity));
        Assert.That(golden.Row(0).ToArray(), Is.EqualTo(mean));
        Assert.That(golden.Outputs.ToArray().Distinct().Count(), Is.GreaterThan(4));
    }

    [Test]
    public void A_network_that_is_not_finite_is_not_exported()
    {
        FeatureContract contract = SeededSiloTests.Contract(1, 3);
        var network = new SiloNetwork(3, [], [0, 1, 2], [new DenseLayer([1, float.NaN, 1], [0], Activation.Identity)]);
        var description = new ArtefactDescription
        {
            Contract = contract,
            Mean = new float[3],
            Deviation = new float[] { 1, 1, 1 },
            Label = "return",
            HorizonNanos = 1,
            TrainingSplit = [],
            Weights = ArtefactDescription.Trained,
            Golden = GoldenRows.Draw(new float[3], [1, 1, 1], 3, 1).WithoutOutputs(),
        };
        Assert.That(() => SiloExport.ToBytes(network, description), Throws.TypeOf<ArtefactException>());
    }
}
