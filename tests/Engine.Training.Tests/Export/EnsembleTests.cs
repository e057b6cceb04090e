using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Engine.TestKit;
using Engine.Training.Export;
using Engine.Training.Networks;
using Google.Protobuf;

namespace Engine.Training.Tests.Export;

/// <summary>Ensembles against their members run one by one, and files whose parts do not agree.</summary>
public sealed partial class EnsembleTests
{
    private const int Features = 24;
    private const int Steps = 5;

    private static readonly FeatureContract s_contract = Contract(Features);
    private static readonly EngineLimits s_limits = new() { Instruments = 4, SequenceInstruments = 4 };
    private static readonly Lazy<ModelArtefact> s_silo = new(() => Silo(1));
    private static readonly Lazy<ModelArtefact> s_trees = new(() => Trees("trees.onnx"));
    private static readonly Lazy<ModelArtefact> s_lstm = new(() => Lstm(Steps, 2));
    private static readonly Lazy<ModelArtefact> s_short = new(() => Lstm(Steps - 2, 3));

    [Test]
    public void The_prediction_is_the_fusion_of_what_the_members_say([Values] FusionKind kind, [Values] bool windows)
    {
        ModelArtefact[] members = windows ? [s_silo.Value, s_short.Value, s_trees.Value, s_lstm.Value] : [s_trees.Value, s_silo.Value, Silo(8)];
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            var fusion = new Fusion(kind, [.. members.Select(_ => (float)random.NextNormal())], 0.25f);
            ModelArtefact ensemble = Fuse(members, fusion);
            Normaliser[] normalisers = [.. members.Select(m => m.CreateNormaliser())];
            Predictor[] alone = [.. members.Select(m => PredictorFactory.Create(m, InferenceMode.Native, Kernel.Scalar, s_limits))];
            Normaliser raw = ensemble.CreateNormaliser();
            using var both = (ComparingPredictor)PredictorFactory.Create(ensemble, InferenceMode.Both, KernelChoice.Best, s_limits);
            var row = new float[Features];
            int ready = 0;
            for (int i = 0; i < 60; i++)
            {
                int instrument = random.Next(3);
                float[] given = Row(random);
                float[] expected = [.. alone.Select((p, m) =>
                {
                    normalisers[m].Apply(given, row);
                    return p.Predict(instrument, row);
                })];
                raw.Apply(given, row);
                float got = both.Predict(instrument, row);
                Assert.That(both.MemberValues.ToArray(), Is.EqualTo(expected), $"seed {seed}, row {i}: member by member, bit for bit");
                double oracle = Oracle(kind, fusion, expected);
                Assert.That(got, double.IsNaN(oracle) ? Is.NaN : Is.EqualTo(oracle).Within(1e-5 * Math.Max(1, Math.Abs(oracle))), $"seed {seed}, row {i}");
                ready += float.IsFinite(got) ? 1 : 0;
            }

            Assert.That(ready, Is.EqualTo(windows ? 60 - (3 * (Steps - 1)) : 60), $"seed {seed}: ready when the longest window is full");
            Assert.That(both.WithinTolerance, Is.True, $"seed {seed}: {both.LargestRatio} times what is allowed, {both.WorstValue} and {both.WorstReference}");
            Array.ForEach(alone, p => p.Dispose());
        }
    }

    [Test]
    public void Every_kernel_gives_the_same_bits()
    {
        ModelArtefact ensemble = Fuse([s_silo.Value, s_lstm.Value, s_trees.Value], new Fusion(FusionKind.Logistic, [1f, -0.5f, 0.25f], 0.1f));
        Predictor[] predictors = [.. KernelChoice.Supported.Select(k => PredictorFactory.Create(ensemble, InferenceMode.Native, k, s_limits))];
        var random = new SeededRandom(4);
        for (int i = 0; i < 40; i++)
        {
            float[] row = Row(random);
            Assert.That(predictors.Select(p => BitConverter.SingleToUInt32Bits(p.Predict(row))).Distinct().Count(), Is.EqualTo(1), $"row {i}");
        }

        Array.ForEach(predictors, p => p.Dispose());
    }

    [Test]
    public void ONNX_Runtime_says_what_the_members_say()
    {
        ModelArtefact ensemble = Fuse([s_silo.Value, s_lstm.Value, s_trees.Value], new Fusion(FusionKind.Logistic, [1f, -0.5f, 0.25f], 0.1f));
        using Predictor native = PredictorFactory.Create(ensemble, InferenceMode.Native, KernelChoice.Best, s_limits);
        using Predictor ort = PredictorFactory.Create(ensemble, InferenceMode.Ort, KernelChoice.Best, s_limits);
        var random = new SeededRandom(5);
        for (int i = 0; i < 30; i++)
        {
            float[] row = Row(random);
            float expected = native.Predict(row);
            Assert.That(ort.Predict(row), float.IsNaN(expected) ? Is.NaN : Is.EqualTo(expected).Within(1e-5));
            for (int m = 0; m < 3; m++)
            {
                float said = native.MemberValues[m];
                Assert.That(ort.MemberValues[m], i < Steps - 1 ? Is.NaN : Is.EqualTo(said).Within(1e-5 * Math.Max(1, Math.Abs(said))), $"row {i}, member {m}");
            }
        }
    }

    [Test]
    public void It_comes_back_as_it_was_written()
    {
        ModelArtefact[] members = [s_silo.Value, s_lstm.Value, s_trees.Value];
        var fusion = new Fusion(FusionKind.Weighted, [0.5f, 0.3f, 0.2f], -1f);
        Assert.That(() => EnsembleExport.ToBytes(members, fusion), Throws.TypeOf<ArtefactException>().With.Message.Contains("predicts 'direction'"));
        fusion = new Fusion(FusionKind.Logistic, [0.5f, 0.3f, 0.2f], -1f);
        byte[] bytes = EnsembleExport.ToBytes(members, fusion, "direction");
        ModelArtefact read = ModelArtefact.Parse(bytes, "x.onnx", s_contract);
        EnsembleDescription ensemble = read.Description.Ensemble!;
        Assert.That(EnsembleExport.ToBytes(members, fusion, "direction"), Is.EqualTo(bytes), "the same members, the same bytes");
        Assert.Multiple(() =>
        {
            Assert.That((ensemble.Fusion.Kind, ensemble.Fusion.Weights.ToArray(), ensemble.Fusion.Bias), Is.EqualTo((fusion.Kind, fusion.Weights.ToArray(), fusion.Bias)));
            Assert.That(ensemble.Members.Select(m => (m.Name, m.Sha256, m.Label)), Is.EqualTo(members.Select(m => (m.Path, m.Sha256, m.Description.Label))));
            Assert.That((read.Window.Steps, read.Description.IsRaw, read.Description.Label), Is.EqualTo((Steps, true, "direction")));
            Assert.That(read.WhyNotNative, Is.Null);
            Assert.That((object?[])[read.Members[0].Silo, read.Members[1].Lstm, read.Members[2].Trees], Has.None.Null);
        });
    }

    [Test]
    public void Damage_is_refused_or_leaves_a_file_that_is_whole()
    {
        byte[] bytes = EnsembleExport.ToBytes([s_silo.Value, s_lstm.Value], new Fusion(FusionKind.Logistic, [1f, 1f], 0), "x", withOnnxRuntime: false);
        int refused = 0;
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            for (int i = 0; i < 100; i++)
            {
                byte[] damaged = [.. bytes];
                for (int changes = random.Next(1, 4); changes > 0; changes--)
                {
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                }

                try
                {
                    Assert.That(ModelArtefact.Parse(damaged).Members, Has.Count.EqualTo(2), $"seed {seed}, file {i}");
                }
                catch (ArtefactException)
                {
                    refused++;
                }
            }
        }

        Assert.That(refused, Is.GreaterThan(50), "of 300; the others differ in a weight or a golden row, which golden vectors tell");
    }

    [Test]
    public void What_cannot_be_fused_is_named()
    {
        ModelArtefact other = ModelArtefact.Parse(SiloExport.Seeded(Contract(Features, "every-2"), ["family0"], 1, withOnnxRuntime: false), "other.onnx");
        ModelArtefact streaming = Lstm(Steps, 2, SequenceMode.Streaming);
        ModelArtefact ensemble = Fuse([s_silo.Value, s_trees.Value], new Fusion(FusionKind.Weighted, [1f, 1f], 0));
        ModelArtefact far = ModelArtefact.Parse(SiloExport.Seeded(s_contract, ["family0"], 1, horizonNanos: 5, withOnnxRuntime: false), "far.onnx");
        Refused(other, "sampling: 'every-event' here, 'every-2' there");
        Refused(streaming, "carries its state");
        Refused(ensemble, "is an ensemble itself");
        Refused(far, "horizon is 5E-09 s");
        Assert.That(() => new Fusion(FusionKind.Weighted, [1f], 0), Throws.ArgumentException);
        Assert.That(() => new Fusion(FusionKind.Weighted, [1f, float.NaN], 0), Throws.ArgumentException.With.Message.Contains("weight 1"));

        static void Refused(ModelArtefact odd, string words) => Assert.That(
            () => EnsembleExport.ToBytes([s_silo.Value, odd], new Fusion(FusionKind.Logistic, [1f, 1f], 0), "x", withOnnxRuntime: false),
            Throws.TypeOf<ArtefactException>().With.Message.StartsWith(odd.Path).And.Message.Contains(words));
    }

    [Test]
    public void A_file_whose_graph_is_not_what_its_members_make_is_refused()
    {
        byte[] bytes = EnsembleExport.ToBytes([s_silo.Value, s_lstm.Value, s_trees.Value], new Fusion(FusionKind.Logistic, [1f, 1f, 1f], 0), "x");
        foreach (TensorProto tensor in ModelProto.Parser.ParseFrom(bytes).Graph.Initializer)
        {
            // Of the members' own weights only golden vectors tell; of everything around them the description does.
            if (tensor.Name.Contains('/', StringComparison.Ordinal))
            {
                continue;
            }

            ModelProto model = ModelProto.Parser.ParseFrom(bytes);
            TensorProto edited = model.Graph.Initializer.Single(t => t.Name == tensor.Name);
            byte[] raw = edited.RawData.ToByteArray();
            raw[0] ^= 1;
            edited.RawData = ByteString.CopyFrom(raw);
            Assert.That(() => ModelArtefact.Parse(model.ToByteArray()), Throws.TypeOf<ArtefactException>().With.Message.Contains("is not the one that the 3 members"), tensor.Name);
        }

        Edited(m => m.Graph.Node.RemoveAt(0), "is not the one");
        Edited(m => m.Graph.Node.First(n => n.OpType == "Concat" && n.Output[0] == "members").Output[0] = "elsewhere", "no node makes 'members'");
        Edited(m => Key(m, ArtefactKeys.Ensemble, t => t.Replace("logistic", "mystic", StringComparison.Ordinal)), "fusion 'mystic' is not known");
        Edited(m => Key(m, ArtefactKeys.Ensemble, t => t.Replace("\"window_ticks\":5", "\"window_ticks\":4", StringComparison.Ordinal)), "longest is another");
        Edited(m => Key(m, ArtefactKeys.Ensemble, t => t.Replace("\"weights\":[1,1,1]", "\"weights\":[1,1]", StringComparison.Ordinal)), "3 members but 2 weights");
        Edited(m => Key(m, ArtefactKeys.Normaliser, _ => $"{{\"kind\":\"z-score\",\"mean\":[{Zeros}],\"deviation\":[{Zeros}]}}"), "of an ensemble is of kind none");

        void Edited(Action<ModelProto> edit, string words)
        {
            ModelProto model = ModelProto.Parser.ParseFrom(bytes);
            edit(model);
            Assert.That(() => ModelArtefact.Parse(model.ToByteArray()), Throws.TypeOf<ArtefactException>().With.Message.Contains(words), words);
        }
    }

    [Test]
    public void A_members_changed_weight_is_found_by_the_golden_vectors()
    {
        byte[] bytes = EnsembleExport.ToBytes([s_silo.Value, s_trees.Value], new Fusion(FusionKind.Weighted, [1f, 1f], 0));
        ModelProto model = ModelProto.Parser.ParseFrom(bytes);
        TensorProto tensor = model.Graph.Initializer.First(t => t.Name.StartsWith("member0/fusion.dense0.bias", StringComparison.Ordinal));
        byte[] raw = tensor.RawData.ToByteArray();
        BitConverter.TryWriteBytes(raw, BitConverter.ToSingle(raw) + 0.1f);
        tensor.RawData = ByteString.CopyFrom(raw);
        ModelArtefact edited = ModelArtefact.Parse(model.ToByteArray());
        foreach (InferenceMode mode in Enum.GetValues<InferenceMode>())
        {
            Assert.That(() => PredictorFactory.Create(edited, mode, KernelChoice.Best, s_limits), Throws.TypeOf<ArtefactException>().With.Message.Contains("golden vector"));
        }
    }

    private static FeatureContract Contract(int features, string sampling = "every-event") =>
        new("test", Enumerable.Range(0, features).Select(i => new FeatureSpec($"f{i}", $"family{i / 10}", 0, "none")), sampling);

    private static float[] Row(SeededRandom random) => [.. Enumerable.Range(0, Features).Select(_ => random.Chance(0.05)
        ? random.Next(4) switch { 0 => float.NaN, 1 => float.PositiveInfinity, 2 => float.NegativeInfinity, _ => -0f }
        : 2 * (float)random.NextNormal())];

    private static string Zeros => string.Join(',', Enumerable.Repeat(0, Features));

    // In float64, from the formulas.
    private static double Oracle(FusionKind kind, Fusion fusion, float[] members)
    {
        double sum = fusion.Bias;
        for (int i = 0; i < members.Length; i++)
        {
            sum += (double)fusion.Weights[i] * members[i];
        }

        return kind == FusionKind.Weighted ? sum : 1 / (1 + Math.Exp(-sum));
    }

    private static void Key(ModelProto model, string key, Func<string, string> edit)
    {
        StringStringEntryProto entry = model.MetadataProps.Single(p => p.Key == key);
        string value = edit(entry.Value);
        Assert.That(value, Is.Not.EqualTo(entry.Value), key);
        entry.Value = value;
    }

    private static ModelArtefact Fuse(ModelArtefact[] members, Fusion fusion)
    {
        // The labels differ; the weighted sum of what differs is for this test only.
        ModelArtefact[] alike = fusion.Kind == FusionKind.Logistic ? members : [.. members.Select(m => m.Description.Label == "return" ? m : Relabelled(m))];
        return ModelArtefact.Parse(EnsembleExport.ToBytes(alike, fusion, "return"), "ensemble.onnx", s_contract);
    }

    private static ModelArtefact Relabelled(ModelArtefact model)
    {
        ModelProto proto = ModelProto.Parser.ParseFrom(model.Bytes.ToArray());
        proto.MetadataProps.Single(p => p.Key == ArtefactKeys.Label).Value = "return";
        return ModelArtefact.Parse(proto.ToByteArray(), model.Path);
    }

    private static ModelArtefact Silo(ulong seed) => ModelArtefact.Parse(
        SiloExport.Seeded(s_contract, ["family0", "family1"], seed, Mean(seed), Deviation(seed), withOnnxRuntime: false), $"silo{seed}.onnx");

    private static ModelArtefact Trees(string name) =>
        ModelArtefact.Parse(TreeExport.Seeded(s_contract, 3, Mean(3), Deviation(3), [], trees: 20, depth: 4, withOnnxRuntime: false), name);

    private static ModelArtefact Lstm(int steps, ulong seed, SequenceMode mode = SequenceMode.Windows) => ModelArtefact.Parse(
        LstmExport.Seeded(s_contract, new LstmShape { Steps = steps, Units = 8, Features = 4, Mode = mode }, seed, Mean(seed), Deviation(seed), withOnnxRuntime: false), $"lstm{steps}.onnx");

    private static float[] Mean(ulong seed) => [.. Enumerable.Range(0, Features).Select(i => (i + (float)seed) / 10)];

    private static float[] Deviation(ulong seed) => [.. Enumerable.Range(0, Features).Select(i => i == 7 ? 0f : 0.5f + ((i * (int)seed) % 5))];
}
