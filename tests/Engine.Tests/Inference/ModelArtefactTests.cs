using System.Security.Cryptography;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Engine.Tests.Features;
using Google.Protobuf;

namespace Engine.Tests.Inference;

public class ModelArtefactTests
{
    [Test]
    public void Comes_back_as_it_was_written([Range(1, 20)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        SiloNetwork network = TestModels.RandomNetwork(random);
        ArtefactDescription written = TestModels.Describe(network, random);
        byte[] bytes = ArtefactWriter.Write(network, written);
        ModelArtefact artefact = ModelArtefact.Parse(bytes, "x.onnx", written.Contract);
        ArtefactDescription read = artefact.Description;
        Assert.That(artefact.Sha256, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(bytes))));
        Assert.That(artefact.Contract.CanonicalText, Is.EqualTo(written.Contract.CanonicalText));
        Assert.That(read.Mean.ToArray(), Is.EqualTo(written.Mean.ToArray()));
        Assert.That(read.Deviation.ToArray(), Is.EqualTo(written.Deviation.ToArray()));
        Assert.That((read.Label, read.HorizonNanos, read.Weights, read.Note), Is.EqualTo((written.Label, written.HorizonNanos, written.Weights, written.Note)));
        Assert.That(read.TrainingSplit, Is.EqualTo(written.TrainingSplit));
        Assert.That(read.Golden.Outputs.ToArray(), Is.EqualTo(written.Golden.Outputs.ToArray()));
        for (int i = 0; i < read.Golden.Count; i++)
        {
            Assert.That(read.Golden.Row(i).ToArray(), Is.EqualTo(written.Golden.Row(i).ToArray()));
        }

        // A network that was recognised has the very bits of the one that was written.
        Assert.That(artefact.Silo, Is.Not.Null, artefact.WhyNotNative);
        using var before = new NativeSiloPredictor(network, Kernel.Scalar);
        using var after = new NativeSiloPredictor(artefact.Silo!, Kernel.Scalar);
        for (int i = 0; i < 20; i++)
        {
            float[] row = TestModels.RandomRow(random, network.FeatureCount, special: true);
            Assert.That(BitConverter.SingleToUInt32Bits(after.Predict(row)), Is.EqualTo(BitConverter.SingleToUInt32Bits(before.Predict(row))));
        }

        if (artefact.Silo!.Silos.Count == network.Silos.Count && network.Silos.Count + network.Direct.Count > 1)
        {
            Assert.That(ArtefactWriter.Write(artefact.Silo!, read), Is.EqualTo(bytes), "written again");
        }
    }

    [Test]
    public void Loads_from_a_file()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"artefact-{Guid.NewGuid():n}.onnx");
        File.WriteAllBytes(path, Small());
        try
        {
            Assert.That(ModelArtefact.Load(path).Path, Is.EqualTo(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void Refuses_what_is_no_model()
    {
        Refused([], "an empty file");
        Refused([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0], "a PNG image");
        Refused([.. "hello, this is text\n"u8], "a text file");
        Refused([0x1F, 0x8B, 8, 0], "a gzip file");
        Refused([0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "not an ONNX model");
        Refused([0x08, 0x08], "no graph");
        Refused(Small()[..200], "not an ONNX model");
        Assert.That(() => ModelArtefact.Load("/nowhere/x.onnx"), Throws.TypeOf<ArtefactException>().With.Message.StartsWith("/nowhere/x.onnx: "));
        Assert.That(() => ModelArtefact.Load("/tmp"), Throws.TypeOf<ArtefactException>());
        Assert.That(() => ModelArtefact.Load(string.Empty), Throws.TypeOf<ArtefactException>());
    }

    [Test]
    public void Refuses_a_model_without_a_contract() => Refused(m => m.MetadataProps.Clear(), "not an artefact");

    [TestCase(ArtefactKeys.Contract, "{", "engine.contract is not as specified")]
    [TestCase(ArtefactKeys.Contract, "{}", "'name' is missing")]
    [TestCase(ArtefactKeys.Contract, "[]", "'name' is missing")]
    [TestCase(ArtefactKeys.Contract, "{\"name\":null}", "'name' is null")]
    [TestCase(ArtefactKeys.Contract, "{\"name\":\"x\",\"sampling\":\"every-event\",\"features\":[]}", "at least one feature")]
    [TestCase(ArtefactKeys.ContractHash, "abc", "one of them was edited")]
    [TestCase(ArtefactKeys.Version, "2", "artefact version '2'")]
    [TestCase(ArtefactKeys.Normaliser, "{\"kind\":\"z-score\",\"mean\":[1],\"deviation\":[1]}", "statistics of 1 features")]
    [TestCase(ArtefactKeys.Normaliser, "{\"kind\":\"z-score\",\"mean\":[null],\"deviation\":[1]}", "feature 0")]
    [TestCase(ArtefactKeys.Normaliser, "{\"kind\":\"z-score\",\"mean\":[1],\"deviation\":[-1]}", "feature 0")]
    [TestCase(ArtefactKeys.Normaliser, "{\"kind\":\"rank-gauss\",\"quantiles\":[[1]],\"values\":[[0]]}", "statistics of 1 features")]
    [TestCase(ArtefactKeys.Normaliser, "{\"kind\":\"rank-gauss\",\"quantiles\":[[1]]}", "'values' is missing")]
    [TestCase(ArtefactKeys.Normaliser, "{\"kind\":\"rank\",\"mean\":[1],\"deviation\":[1]}", "'rank'")]
    [TestCase(ArtefactKeys.Horizon, "-1", "nanoseconds")]
    [TestCase(ArtefactKeys.Horizon, "soon", "nanoseconds")]
    [TestCase(ArtefactKeys.Weights, "good", "'good'")]
    [TestCase(ArtefactKeys.TrainingSplit, "[1]", "engine.training_split")]
    [TestCase(ArtefactKeys.Golden, "{\"rows\":[],\"outputs\":[]}", "golden")]
    [TestCase(ArtefactKeys.Golden, "{\"rows\":[[1]],\"outputs\":[1]}", "golden vector 0 has 1 features")]
    public void Refuses_a_key_that_is_not_as_specified(string key, string value, string expected) =>
        Refused(m => m.MetadataProps.Single(p => p.Key == key).Value = value, expected);

    [TestCase("[2,1]", "[0,1]", "quantile 1 is 1 after 2")]
    [TestCase("[1,2]", "[0]", "2 quantiles and 1 values")]
    [TestCase("[]", "[]", "0 quantiles and 0 values")]
    [TestCase("[1,null]", "[0,1]", "quantile 1 is NaN")]
    [TestCase("[1,\"inf\"]", "[0,1]", "quantile 1 is Infinity")]
    [TestCase("[1,2]", "[0,1e9]", "quantile 1 is 2 with the value 1E+09")]
    [TestCase("[1,2]", "[1,0]", "quantile 1 is 2 after 1, its value 0 after 1")]
    public void Refuses_ranks_by_the_first_feature_that_has_none(string quantiles, string values, string expected)
    {
        string Rows(string good, string bad) => string.Join(',', Enumerable.Range(0, 25).Select(i => i is 3 or 7 ? bad : good));
        Refused(
            m => m.MetadataProps.Single(p => p.Key == ArtefactKeys.Normaliser).Value = $"{{\"kind\":\"rank-gauss\",\"quantiles\":[{Rows("[-1,1]", quantiles)}],\"values\":[{Rows("[-2,2]", values)}]}}",
            $"feature 3 'f3': {expected}");
    }

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("null")]
    [TestCase("\"ten\"")]
    public void Refuses_a_clip_that_is_none(string clip) => Refused(
        m =>
        {
            StringStringEntryProto entry = m.MetadataProps.Single(p => p.Key == ArtefactKeys.Normaliser);
            entry.Value = $"{entry.Value[..^1]},\"clip\":{clip}}}";
        },
        "engine.normaliser is not as specified");

    [Test]
    public void Ranks_and_a_clip_come_back_and_golden_vectors_prove_them([Values] bool ranks, [Values] InferenceMode mode)
    {
        var random = new SeededRandom(5);
        SiloNetwork network = TestModels.SmallNetwork(random);
        RankTable table = TestRanks.Draw(random, 25), other = TestRanks.Draw(random, 25);
        ArtefactDescription written = Answered(network, TestModels.Describe(network, random, golden: 20) with { Clip = ranks ? float.PositiveInfinity : 0.75f, Ranks = ranks ? table : null });
        ModelArtefact read = ModelArtefact.Parse(ArtefactWriter.Write(network, written));
        Assert.That((read.Description.Clip, read.Description.NormaliserKind), Is.EqualTo((written.Clip, ranks ? "rank-gauss" : "z-score")));
        Assert.That(ranks ? RankTable.FirstDifference(read.Description.Ranks!, table) : -1, Is.EqualTo(-1));
        using Predictor predictor = PredictorFactory.Create(read, mode, KernelChoice.Best);
        ModelArtefact changed = ModelArtefact.Parse(ArtefactWriter.Write(network, written with { Clip = ranks ? written.Clip : 0.7f, Ranks = ranks ? other : null }));
        Assert.That(() => PredictorFactory.Create(changed, mode, KernelChoice.Best), Throws.TypeOf<ArtefactException>().With.Message.Contains("is not reproduced"));
        Assert.That(changed.Sha256, Is.Not.EqualTo(read.Sha256));
    }

    [TestCase(ArtefactKeys.ContractHash)]
    [TestCase(ArtefactKeys.Normaliser)]
    [TestCase(ArtefactKeys.Label)]
    [TestCase(ArtefactKeys.Golden)]
    [TestCase(ArtefactKeys.Weights)]
    public void Refuses_a_missing_key(string key) =>
        Refused(m => m.MetadataProps.Remove(m.MetadataProps.Single(p => p.Key == key)), key);

    [Test]
    public void Refuses_a_key_twice() => Refused(m => m.MetadataProps.Add(m.MetadataProps[3].Clone()), "occurs twice");

    [Test]
    public void Refuses_an_edited_feature_name() => Refused(
        m => m.MetadataProps.Single(p => p.Key == ArtefactKeys.Contract).Value =
            m.MetadataProps.Single(p => p.Key == ArtefactKeys.Contract).Value.Replace("\"f3\"", "\"g3\"", StringComparison.Ordinal),
        "one of them was edited");

    [Test]
    public void Names_the_first_feature_that_the_engine_has_otherwise()
    {
        FeatureContract own = TestModels.Contract(25);
        FeatureSpec[] renamed = own.Features.ToArray();
        renamed[7] = renamed[7] with { Name = "other" };
        FeatureSpec[] swapped = own.Features.ToArray();
        (swapped[4], swapped[9]) = (swapped[9], swapped[4]);
        RefusedBy(new FeatureContract("test", renamed, "every-event"), "feature 7: 'other'", "'f7'");
        RefusedBy(new FeatureContract("test", swapped, "every-event"), "feature 4: 'f9'", "'f4'");
        RefusedBy(new FeatureContract("test", own.Features[..24].ToArray(), "every-event"), "feature 24: 'f24' only there");
        RefusedBy(new FeatureContract("test", own.Features.ToArray(), "grid-100"), "sampling: 'grid-100' here, 'every-event' there");
        Assert.That(ModelArtefact.Parse(Small(), engineContract: own).Contract.Hash, Is.EqualTo(own.Hash));
    }

    [TestCase(float.NaN, "NaN")]
    [TestCase(float.PositiveInfinity, "Infinity")]
    public void Refuses_a_weight_that_is_not_finite(float value, string text) => Refused(
        m =>
        {
            TensorProto tensor = m.Graph.Initializer.Single(t => t.Name == "silo1.dense1.weight");
            byte[] raw = tensor.RawData.ToByteArray();
            BitConverter.TryWriteBytes(raw.AsSpan(17 * 4), value);
            tensor.RawData = ByteString.CopyFrom(raw);
        },
        $"weight 17 of tensor 'silo1.dense1.weight' is {text}");

    [Test]
    public void Refuses_a_constant_that_is_not_finite() => Refused(
        m =>
        {
            var constant = new NodeProto { Name = "odd", OpType = "Constant" };
            constant.Output.Add("odd");
            constant.Attribute.Add(new AttributeProto { Name = "value_float", F = float.NaN });
            m.Graph.Node.Add(constant);
        },
        "constant 'odd' holds a value that is not a finite number");

    [Test]
    public void Reads_no_more_of_a_device_than_a_model_may_have()
    {
        var refusal = Assert.Throws<ArtefactException>(() => ModelArtefact.Load("/dev/zero"))!;
        Assert.That(refusal.Message, Does.StartWith("/dev/zero: more than the "));
    }

    [Test]
    public void Refuses_shapes_that_do_not_fit()
    {
        Refused(m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = 24, "input 'features' has the shape [?, 24], [?, 25] is expected");
        Refused(m => m.Graph.Output[0].Type.TensorType.Shape.Dim[1].DimValue = 2, "output 'prediction' has the shape [?, 2]");
        Refused(m => m.Graph.Input[0].Type.TensorType.ElemType = 7, "float32");
        Refused(m => m.Graph.Input[0].Type = null, "float32");
        Refused(m => m.Graph.Output.Clear(), "0 outputs");
        Refused(m => Weight(m).Dims[0] = 11, "does not fit its dimensions [11, 10]");
        Refused(m => Weight(m).Dims[0] = -1, "negative dimension");
        Refused(m => m.Graph.Initializer.Single(t => t.Name == "silo0.features").Dims[0] = 11, "does not fit its dimensions [11]");
        Refused(m => Weight(m).DataLocation = TensorProto.Types.DataLocation.External, "another file");
    }

    [Test]
    public void Names_the_golden_vector_that_is_not_reproduced([Values] InferenceMode mode)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(Small());
        TensorProto tensor = model.Graph.Initializer.Single(t => t.Name == "fusion.dense1.bias");
        float[] bias = TensorData.Floats(tensor);
        bias[0] += 0.25f;
        model.Graph.Initializer[model.Graph.Initializer.IndexOf(tensor)] = TensorData.Make(tensor.Name, bias, 1);
        ModelArtefact artefact = ModelArtefact.Parse(model.ToByteArray());
        Assert.That(() => PredictorFactory.Create(artefact, mode, KernelChoice.Best),
            Throws.TypeOf<ArtefactException>().With.Message.Contains("golden vector 0 is not reproduced").And.Message.Contains("expected"));
    }

    [Test]
    public void A_network_and_a_contract_of_other_lengths_are_not_written()
    {
        var random = new SeededRandom(1);
        ArtefactDescription description = TestModels.Describe(TestModels.SmallNetwork(random), random);
        var other = new SiloNetwork(3, [], [0, 1, 2], [TestModels.Dense(random, 3, 1, Activation.Identity)]);
        Assert.That(() => ArtefactWriter.Write(other, description), Throws.ArgumentException);
    }

    internal static byte[] Small()
    {
        var random = new SeededRandom(21);
        SiloNetwork network = TestModels.SmallNetwork(random);
        return ArtefactWriter.Write(network, TestModels.Describe(network, random));
    }

    // The description with the outputs that its own normaliser and the network give.
    private static ArtefactDescription Answered(SiloNetwork network, ArtefactDescription description)
    {
        using var predictor = new NativeSiloPredictor(network, Kernel.Scalar, incremental: false);
        Normaliser normaliser = description.CreateNormaliser();
        var row = new float[network.FeatureCount];
        GoldenVectors golden = description.Golden;
        float[] outputs = [.. Enumerable.Range(0, golden.Count).Select(i =>
        {
            normaliser.Apply(golden.Row(i), row);
            return predictor.Predict(row);
        })];
        float[] rows = [.. Enumerable.Range(0, golden.Count).SelectMany(i => golden.Row(i).ToArray())];
        return description with { Golden = new GoldenVectors(rows, outputs, network.FeatureCount) };
    }

    private static TensorProto Weight(ModelProto model) => model.Graph.Initializer.Single(t => t.Name == "silo0.dense0.weight");

    private static void Refused(Action<ModelProto> change, string expected)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(Small());
        change(model);
        Refused(model.ToByteArray(), expected);
    }

    private static void Refused(byte[] bytes, string expected)
    {
        var refusal = Assert.Throws<ArtefactException>(() => ModelArtefact.Parse(bytes, "x.onnx"))!;
        Assert.That(refusal.Message, Does.StartWith("x.onnx: ").And.Contain(expected).And.Not.Contain("\n"));
    }

    private static void RefusedBy(FeatureContract engine, params string[] expected)
    {
        var refusal = Assert.Throws<ArtefactException>(() => ModelArtefact.Parse(Small(), "x.onnx", engine))!;
        Assert.That(expected.All(e => refusal.Message.Contains(e, StringComparison.Ordinal)), refusal.Message);
    }
}
