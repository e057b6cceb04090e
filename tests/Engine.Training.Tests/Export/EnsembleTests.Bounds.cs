using System.Globalization;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;
using Engine.Training.Export;
using Engine.Training.Networks;
using Google.Protobuf;

namespace Engine.Training.Tests.Export;

/// <content>What an ensemble counts, keeps and decides, and what it cannot carry.</content>
public sealed partial class EnsembleTests
{
    [Test]
    public void It_counts_what_all_members_count([Values] bool both)
    {
        ModelArtefact[] members = [s_silo.Value, s_short.Value, s_lstm.Value];
        EngineLimits limits = s_limits with { SequenceInstruments = 2 };
        ModelArtefact ensemble = Fuse(members, new Fusion(FusionKind.Logistic, [1f, 1f, 1f], 0));
        using Predictor predictor = PredictorFactory.Create(ensemble, both ? InferenceMode.Both : InferenceMode.Native, Kernel.Scalar, limits);
        SequencePredictor[] alone = [.. members[1..].Select(m => (SequencePredictor)PredictorFactory.Create(m, InferenceMode.Native, Kernel.Scalar, limits))];
        var random = new SeededRandom(6);
        for (int i = 0; i < 90; i++)
        {
            // Nothing is done in the background, so that every tick behind the windows' first is late.
            float[] row = Row(random);
            predictor.Predict(i % 3, row);
            Array.ForEach(alone, p => p.Predict(i % 3, row));
        }

        Assert.That(predictor.SequenceCounts, Is.EqualTo(new SequenceCounts(2 * (Steps - 1), 30, alone.Sum(p => p.LateBackground))));
        Assert.That(alone.Select(p => p.LateBackground), Has.All.GreaterThan(40));
        Assert.That(predictor.Members.Select(m => m.Sequence?.Steps), Is.EqualTo(new int?[] { null, Steps - 2, Steps }));
        Array.ForEach(alone, p => p.Dispose());
    }

    [Test]
    public void Every_way_to_run_it_has_room_for_the_same_instruments()
    {
        // The member that keeps most is not the one of the longest window.
        ModelArtefact wide = ModelArtefact.Parse(
            LstmExport.Seeded(s_contract, new LstmShape { Steps = Steps - 2, Units = 80, Features = 4 }, 3, Mean(3), Deviation(3), withOnnxRuntime: false), "wide.onnx");
        using var alone = (SequencePredictor)PredictorFactory.Create(wide, InferenceMode.Native, Kernel.Scalar, s_limits);
        ModelArtefact ensemble = Fuse([s_lstm.Value, wide], new Fusion(FusionKind.Logistic, [1f, 1f], 0));
        using Predictor native = PredictorFactory.Create(ensemble, InferenceMode.Native, Kernel.Scalar, s_limits);
        using Predictor ort = PredictorFactory.Create(ensemble, InferenceMode.Ort, Kernel.Scalar, s_limits);
        long most = native.Members.Max(m => m.Sequence!.StateBytes);
        Assert.That(most, Is.EqualTo(alone.StateBytes).And.GreaterThan(native.Sequence!.StateBytes));
        Assert.That(ort.Sequence!.StateBytes, Is.EqualTo(most));
    }

    [Test]
    public void Its_members_keep_no_more_than_a_run_may_together()
    {
        ModelArtefact ensemble = Fuse([s_silo.Value, s_short.Value, s_lstm.Value], new Fusion(FusionKind.Logistic, [1f, 1f, 1f], 0));
        long kept;
        using (Predictor predictor = PredictorFactory.Create(ensemble, InferenceMode.Native, Kernel.Scalar, s_limits))
        {
            kept = predictor.KeptBytes;
            Assert.That(kept, Is.EqualTo(predictor.Members.Sum(m => m.KeptBytes)).And.Positive);
        }

        Assert.That(() => PredictorFactory.Create(ensemble, InferenceMode.Native, Kernel.Scalar, s_limits, kept).Dispose(), Throws.Nothing);
        foreach ((InferenceMode mode, long bytes) in (ReadOnlySpan<(InferenceMode, long)>)[(InferenceMode.Native, kept - 1), (InferenceMode.Both, kept), (InferenceMode.Ort, 1)])
        {
            Assert.That(() => PredictorFactory.Create(ensemble, mode, Kernel.Scalar, s_limits, bytes), Throws.TypeOf<ArtefactException>().With.Message.Contains("run fewer models at once"), $"{mode}");
        }

        Assert.That(() => PredictorFactory.Create(ensemble, InferenceMode.Native, Kernel.Scalar, s_limits with { ModelBytes = 1 }), Throws.TypeOf<ArtefactException>());
    }

    [TestCase(FusionKind.Weighted, "lstm lstm", "0.5,0.5", 0f, 0.5f)]
    [TestCase(FusionKind.Weighted, "lstm lstm", "1,1", 0.25f, 1f, Description = "the bias moves the prediction, not the threshold")]
    [TestCase(FusionKind.Weighted, "silo silo", "0.5,0.5", 0.25f, 0f)]
    [TestCase(FusionKind.Weighted, "silo lstm", "0.5,0.25", 0f, 0.125f)]
    [TestCase(FusionKind.Logistic, "silo lstm", "1,1", 0f, 0.5f)]
    public void A_decision_is_taken_on_the_scale_of_the_members(FusionKind kind, string names, string weights, float bias, float threshold)
    {
        Assert.That((s_lstm.Value.IsProbability, s_silo.Value.IsProbability), Is.EqualTo((true, false)));
        ModelArtefact[] members = [.. names.Split(' ').Select(n => n == "lstm" ? s_lstm.Value : s_silo.Value)];
        ModelArtefact ensemble = Fuse(members, new Fusion(kind, [.. weights.Split(',').Select(w => float.Parse(w, CultureInfo.InvariantCulture))], bias));
        using var both = (ComparingPredictor)PredictorFactory.Create(ensemble, InferenceMode.Both, Kernel.Scalar, s_limits);
        Assert.That(both.DecisionThreshold, Is.EqualTo(threshold));
    }

    [Test]
    public void A_carried_state_in_the_file_of_an_ensemble_is_refused()
    {
        ModelProto model = ModelProto.Parser.ParseFrom(EnsembleExport.ToBytes([s_silo.Value, s_lstm.Value], new Fusion(FusionKind.Logistic, [1f, 1f], 0), "x", withOnnxRuntime: false));
        foreach (StringStringEntryProto old in model.MetadataProps.Where(p => p.Key == ArtefactKeys.Sequence).ToArray())
        {
            model.MetadataProps.Remove(old);
        }

        model.MetadataProps.Add(new StringStringEntryProto { Key = ArtefactKeys.Sequence, Value = "streaming" });
        Assert.That(() => ModelArtefact.Parse(model.ToByteArray()), Throws.TypeOf<ArtefactException>().With.Message.Contains("engine.sequence of an ensemble is 'streaming'"));
    }
}
