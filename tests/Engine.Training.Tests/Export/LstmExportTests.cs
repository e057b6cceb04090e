using Engine.Core.Memory;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Training.Export;
using Engine.Training.Networks;
using Engine.Training.Tests.Networks;

namespace Engine.Training.Tests.Export;

public class LstmExportTests
{
    private static readonly LstmShape s_shape = new() { Steps = 6, Features = 5, Units = 12 };
    private static readonly EngineLimits s_limits = new() { Instruments = 4, SequenceInstruments = 2 };

    [Test]
    public void A_seeded_artefact_loads_and_runs_every_way([Values] InferenceMode mode, [Values(1, 2)] int layers)
    {
        FeatureContract contract = SeededSiloTests.Contract();
        ModelArtefact artefact = ModelArtefact.Parse(LstmExport.Seeded(contract, s_shape with { Layers = layers }, 7), "seeded.onnx", contract);
        Assert.That(artefact.Description.Weights, Is.EqualTo(ArtefactDescription.Seeded));
        Assert.That(artefact.Description.Note, Does.Contain("not trained").And.Contain("seed 7"));
        LstmNetwork network = artefact.Lstm!;
        Assert.That((network.Steps, network.Features.Count, network.Layers.Count, network.Layers[^1].Units, network.Mode), Is.EqualTo((6, 5, layers, 12, SequenceMode.Windows)));
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using Predictor predictor = PredictorFactory.Create(artefact, mode, kernel, s_limits);
            Assert.That((predictor.FeatureCount, predictor.Sequence!.Steps), Is.EqualTo((contract.Count, 6)));
        }
    }

    [Test]
    public void Both_ways_have_room_for_the_same_instruments([Values(5, 60)] int units)
    {
        FeatureContract contract = SeededSiloTests.Contract();
        ModelArtefact artefact = ModelArtefact.Parse(LstmExport.Seeded(contract, s_shape with { Units = units }, 7), "seeded.onnx", contract);
        using Predictor native = PredictorFactory.Create(artefact, InferenceMode.Native, KernelChoice.Best, s_limits);
        using Predictor ort = PredictorFactory.Create(artefact, InferenceMode.Ort, KernelChoice.Best, s_limits);
        Assert.That(ort.Sequence!.StateBytes, Is.EqualTo(native.Sequence!.StateBytes));
        Assert.That(ort.Sequence.StateBytes, Is.GreaterThanOrEqualTo((long)s_shape.Steps * contract.Count * sizeof(float)));
    }

    [Test]
    public void Its_features_are_of_as_many_families_as_can_be()
    {
        FeatureContract contract = SeededSiloTests.Contract(4, 3);
        LstmNetwork network = SeededLstm.Create(contract, s_shape, 1);
        Assert.That(network.Features, Is.EqualTo(new[] { 0, 1, 3, 6, 9 }));
        Assert.That(() => SeededLstm.Create(contract, s_shape with { Features = 13 }, 1), Throws.ArgumentException.With.Message.Contains("13 features"));
    }

    [Test]
    public void The_same_seed_gives_the_same_bytes()
    {
        FeatureContract contract = SeededSiloTests.Contract(3);
        byte[] one = LstmExport.Seeded(contract, s_shape, 7, withOnnxRuntime: false);
        Assert.That(LstmExport.Seeded(contract, s_shape, 7, withOnnxRuntime: false), Is.EqualTo(one));
        Assert.That(LstmExport.Seeded(contract, s_shape, 8, withOnnxRuntime: false), Is.Not.EqualTo(one));
    }

    [Test]
    public void A_carried_state_answers_otherwise_than_windows_after_the_first_window()
    {
        FeatureContract contract = SeededSiloTests.Contract(3);
        GoldenVectors windows = ModelArtefact.Parse(LstmExport.Seeded(contract, s_shape, 7)).Description.Golden;
        ModelArtefact carried = ModelArtefact.Parse(LstmExport.Seeded(contract, s_shape with { Mode = SequenceMode.Streaming }, 7));
        GoldenVectors stream = carried.Description.Golden;
        Assert.That((carried.Description.Sequence, stream.WarmUp, stream.Count), Is.EqualTo((SequenceMode.Streaming, 5, windows.Count)));
        Assert.That(stream.Outputs[5], Is.EqualTo(windows.Outputs[5]));
        Assert.That(stream.Outputs[6..].ToArray(), Is.Not.EqualTo(windows.Outputs[6..].ToArray()));
        Assert.That(Enumerable.Range(0, stream.Count).SelectMany(i => stream.Row(i).ToArray()).Any(float.IsNaN));
    }
}
