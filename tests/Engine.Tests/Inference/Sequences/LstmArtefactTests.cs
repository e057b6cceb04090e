using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;
using Google.Protobuf;

namespace Engine.Tests.Inference.Sequences;

/// <summary>Artefacts of windows: every check at load, every way to run them, and damage.</summary>
public class LstmArtefactTests
{
    [Test]
    public void Comes_back_as_it_was_written([Range(1, 10)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        LstmNetwork network = TestLstms.Random(random, 12, 4, random.Next(1, 9), seed % 2 == 0 ? [7] : [5, 18], seed % 3 == 0 ? SequenceMode.Streaming : SequenceMode.Windows, initial: seed % 4 == 0);
        ArtefactDescription written = TestLstms.Describe(network, random);
        byte[] bytes = ArtefactWriter.Write(network, written);
        ModelArtefact artefact = ModelArtefact.Parse(bytes, "x.onnx", written.Contract);
        Assert.That(artefact.Lstm, Is.Not.Null, artefact.WhyNotNative);
        Assert.That((artefact.Silo, artefact.WhyNotNative), Is.EqualTo(((SiloNetwork?)null, (string?)null)));
        Assert.That(artefact.Window, Is.EqualTo(new InputWindow(network.Steps, true, false)));
        Assert.That((artefact.Description.Sequence, artefact.Description.Golden.WarmUp), Is.EqualTo((network.Mode, network.Steps - 1)));
        Assert.That(ArtefactWriter.Write(artefact.Lstm!, artefact.Description), Is.EqualTo(bytes), "written again");
        float[][] rows = TestLstms.Rows(random, 9, 12);
        Assert.That(TestLstms.NaiveBits(artefact.Lstm!, rows), Is.EqualTo(TestLstms.NaiveBits(network, rows)));
    }

    [Test]
    public void Every_mode_reproduces_the_golden_vectors_and_starts_afresh([Values] InferenceMode mode)
    {
        ModelArtefact artefact = ModelArtefact.Parse(Small());
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using Predictor predictor = PredictorFactory.Create(artefact, mode, kernel, TestLstms.Limits);
            SequencePredictor sequence = predictor.Sequence!;
            Assert.That((sequence.Steps, sequence.Instruments, sequence.WarmingUp), Is.EqualTo((5, 0, 0L)));
            Normaliser normaliser = artefact.CreateNormaliser();
            GoldenVectors golden = artefact.Description.Golden;
            var row = new float[12];
            for (int i = 0; i < golden.Count; i++)
            {
                normaliser.Apply(golden.Row(i), row);
                float got = predictor.Predict(3, row);
                Assert.That(Predictor.DifferenceRatio(got, golden.Outputs[i]), Is.LessThanOrEqualTo(1), $"row {i}");
                predictor.Background();
            }

            Assert.That(predictor.Kernel, Does.Contain(mode == InferenceMode.Ort ? "ort-1." : KernelChoice.Name(kernel)));
            Assert.That(sequence.WarmingUp, Is.EqualTo(4));
        }
    }

    [Test]
    public void A_carried_state_runs_natively_only()
    {
        var random = new SeededRandom(22);
        LstmNetwork network = TestLstms.Small(random, SequenceMode.Streaming);
        ModelArtefact artefact = ModelArtefact.Parse(ArtefactWriter.Write(network, TestLstms.Describe(network, random)));
        PredictorFactory.Create(artefact, InferenceMode.Native, KernelChoice.Best, TestLstms.Limits).Dispose();
        foreach (InferenceMode mode in (InferenceMode[])[InferenceMode.Ort, InferenceMode.Both])
        {
            Assert.That(() => PredictorFactory.Create(artefact, mode, KernelChoice.Best, TestLstms.Limits),
                Throws.TypeOf<ArtefactException>().With.Message.Contains("carries its state").And.Message.Contains("--inference native"));
        }
    }

    [Test]
    public void A_GRU_is_served_by_ONNX_Runtime()
    {
        // The gates of a GRU are three: as many rows of weights fit, and the answer is ONNX Runtime's own.
        var random = new SeededRandom(23);
        LstmNetwork network = TestLstms.Small(random);
        GraphProto graph = LstmGraph.Write(network);
        NodeProto node = graph.Node.Single(n => n.OpType == "LSTM");
        node.OpType = "GRU";
        foreach ((string name, int columns) in new[] { ("lstm0.input_weight", 4), ("lstm0.recurrent_weight", 7) })
        {
            TensorProto old = graph.Initializer.Single(t => t.Name == name);
            graph.Initializer[graph.Initializer.IndexOf(old)] = TensorData.Make(name, TestLstms.Floats(random, 21 * columns, 0.5), 1, 21, columns);
        }

        TensorProto bias = graph.Initializer.Single(t => t.Name == "lstm0.bias");
        graph.Initializer[graph.Initializer.IndexOf(bias)] = TensorData.Make(bias.Name, TestLstms.Floats(random, 42, 0.5), 1, 42);
        ArtefactDescription description = TestLstms.Describe(network, random);
        ArtefactDescription answered = description with { Golden = OrtAnswers(ArtefactWriter.Write(graph, description), description) };
        ModelArtefact artefact = ModelArtefact.Parse(ArtefactWriter.Write(graph, answered));
        Assert.That((artefact.Lstm, artefact.Window.Steps), Is.EqualTo(((LstmNetwork?)null, 5)));
        Assert.That(() => PredictorFactory.Create(artefact, InferenceMode.Native, KernelChoice.Best, TestLstms.Limits),
            Throws.TypeOf<ArtefactException>().With.Message.Contains("(GRU)").And.Message.Contains("served by ONNX Runtime").And.Message.Contains("--inference ort"));
        using Predictor ort = PredictorFactory.Create(artefact, InferenceMode.Ort, Kernel.Scalar, TestLstms.Limits);
        Assert.That(ort.Sequence!.Steps, Is.EqualTo(5));
    }

    [Test]
    public void Refuses_what_does_not_fit()
    {
        Refused(m => Key(m, ArtefactKeys.Golden).Value = Key(m, ArtefactKeys.Golden).Value.Replace("[null,null,null,null,", "[null,null,null,0.5,", StringComparison.Ordinal), "3 outputs that are null, 4 are expected");
        Refused(m => Key(m, ArtefactKeys.Golden).Value = Key(m, ArtefactKeys.Golden).Value.Replace("[null,null,null,null,", "[null,null,0,null,", StringComparison.Ordinal), "golden vector 3 is not finite");
        Refused(m => m.MetadataProps.Add(new StringStringEntryProto { Key = ArtefactKeys.Sequence, Value = "both" }), "'both', not 'windows' or 'streaming'");
        Refused(m => Dims(m)[1].DimValue = 6, "6 ticks");
        Refused(m => Dims(m)[1].DimValue = 5_000, "at most 4096");
        Refused(m => Dims(m)[1].DimParam = "T", "[?, ?, 12]");
        Refused(m => Dims(m)[0].DimValue = 2, "[2, 5, 12]");
        Refused(m => Dims(m)[2].DimValue = 11, "[?, 5, 11]");
        Refused(m => m.Graph.Output[0].Type.TensorType.Shape.Dim[1].DimValue = 2, "[?, 1] is expected");
    }

    [Test]
    public void A_model_of_rows_has_no_sequence_key()
    {
        ModelProto model = ModelProto.Parser.ParseFrom(ModelArtefactTests.Small());
        model.MetadataProps.Add(new StringStringEntryProto { Key = ArtefactKeys.Sequence, Value = "streaming" });
        Assert.That(() => ModelArtefact.Parse(model.ToByteArray()), Throws.TypeOf<ArtefactException>().With.Message.Contains("reads a row"));
    }

    [Test]
    public void A_changed_weight_is_caught([Values] InferenceMode mode)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(Small());
        TensorProto tensor = model.Graph.Initializer.Single(t => t.Name == "lstm0.recurrent_weight");
        float[] weights = TensorData.Floats(tensor);
        weights[100] += 0.25f;
        model.Graph.Initializer[model.Graph.Initializer.IndexOf(tensor)] = TensorData.Make(tensor.Name, weights, 1, 28, 7);
        ModelArtefact artefact = ModelArtefact.Parse(model.ToByteArray());
        Assert.That(() => PredictorFactory.Create(artefact, mode, KernelChoice.Best, TestLstms.Limits),
            Throws.TypeOf<ArtefactException>().With.Message.Contains("golden vector 4 is not reproduced"));
    }

    [Test]
    public void Every_byte_damaged_is_a_refusal_or_a_model()
    {
        byte[] good = Small();
        var random = new SeededRandom(41);
        int refused = 0;
        for (int at = 0; at < good.Length; at++)
        {
            var bytes = (byte[])good.Clone();
            bytes[at] = random.Chance(0.5) ? (byte)(bytes[at] ^ (1 << random.Next(8))) : (byte)random.Next(256);
            refused += Try(bytes, $"byte {at}");
        }

        TestContext.Out.WriteLine($"{refused} of {good.Length} damaged files were refused");
        Assert.That(refused, Is.GreaterThan(good.Length / 3));
    }

    [Test]
    public void Every_mutated_graph_is_a_refusal_or_a_model([Range(1, 10)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        int recognised = 0;
        for (int i = 0; i < 300; i++)
        {
            ModelProto model = ModelProto.Parser.ParseFrom(Small());
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                Mutate(model.Graph, random);
            }

            Try(model.ToByteArray(), $"seed {seed}, graph {i}");
            recognised += LstmGraph.TryRecognise(model.Graph, new InputWindow(5, true, random.Chance(0.5)), 12, SequenceMode.Windows, out _, out _) ? 1 : 0;
        }

        TestContext.Out.WriteLine($"{recognised} of 300 mutated graphs were recognised all the same");
    }

    internal static byte[] Small()
    {
        var random = new SeededRandom(21);
        LstmNetwork network = TestLstms.Small(random);
        return ArtefactWriter.Write(network, TestLstms.Describe(network, random));
    }

    private static GoldenVectors OrtAnswers(byte[] file, ArtefactDescription description)
    {
        using var predictor = new OrtSequencePredictor(file, new InputWindow(5, true, false), 12, TestLstms.Limits);
        var normaliser = new Normaliser(description.Mean.Span, description.Deviation.Span);
        var rows = new List<float>();
        var outputs = new List<float>();
        var row = new float[12];
        for (int i = 0; i < description.Golden.Count; i++)
        {
            rows.AddRange(description.Golden.Row(i));
            normaliser.Apply(description.Golden.Row(i), row);
            outputs.Add(predictor.Predict(row));
        }

        return new GoldenVectors([.. rows], [.. outputs], 12);
    }

    private static void Mutate(GraphProto graph, SeededRandom random)
    {
        NodeProto node = graph.Node[random.Next(graph.Node.Count)];
        TensorProto tensor = graph.Initializer[random.Next(graph.Initializer.Count)];
        string[] operations = ["Squeeze", "Unsqueeze", "Reshape", "Flatten", "Gather", "Slice", "Transpose", "Identity", "LSTM", "GRU", "Gemm", "MatMul", "Add", "BatchNormalization", "Relu", "Concat", ""];
        string[] values = [.. graph.Node.SelectMany(n => n.Output), .. graph.Initializer.Select(t => t.Name), "features", "nothing", ""];
        long[] numbers = [0, 1, -1, 2, 3, 5, 7, 12, int.MaxValue, long.MaxValue, long.MinValue, random.Next(100)];
        switch (random.Next(7))
        {
            case 0:
                node.OpType = operations[random.Next(operations.Length)];
                break;
            case 1 when node.Input.Count > 0:
                node.Input[random.Next(node.Input.Count)] = values[random.Next(values.Length)];
                break;
            case 2:
                node.Input.Add(values[random.Next(values.Length)]);
                break;
            case 3 when node.Input.Count > 0:
                node.Input.RemoveAt(random.Next(node.Input.Count));
                break;
            case 4:
                string[] names = ["axis", "layout", "perm", "axes", "starts", "ends", "hidden_size", "clip", "direction", "activations", "epsilon", "training_mode"];
                var attribute = new AttributeProto { Name = names[random.Next(names.Length)], I = numbers[random.Next(numbers.Length)] };
                attribute.Ints.AddRange(Enumerable.Range(0, random.Next(4)).Select(_ => numbers[random.Next(numbers.Length)]));
                node.Attribute.Insert(0, attribute);
                break;
            case 5 when tensor.Dims.Count > 0:
                tensor.Dims[random.Next(tensor.Dims.Count)] = numbers[random.Next(numbers.Length)];
                break;
            default:
                if (tensor.DataType == 7)
                {
                    tensor.RawData = ByteString.CopyFrom([.. Enumerable.Range(0, tensor.RawData.Length / 8).SelectMany(_ => BitConverter.GetBytes(numbers[random.Next(numbers.Length)]))]);
                }

                break;
        }
    }

    private static StringStringEntryProto Key(ModelProto model, string key) => model.MetadataProps.Single(p => p.Key == key);

    private static Google.Protobuf.Collections.RepeatedField<TensorShapeProto.Types.Dimension> Dims(ModelProto model) =>
        model.Graph.Input[0].Type.TensorType.Shape.Dim;

    private static void Refused(Action<ModelProto> change, string expected)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(Small());
        change(model);
        var refusal = Assert.Throws<ArtefactException>(() => ModelArtefact.Parse(model.ToByteArray(), "x.onnx"))!;
        Assert.That(refusal.Message, Does.StartWith("x.onnx: ").And.Contain(expected).And.Not.Contain("\n"));
    }

    private static int Try(byte[] bytes, string what)
    {
        try
        {
            PredictorFactory.Create(ModelArtefact.Parse(bytes), InferenceMode.Native, KernelChoice.Best, TestLstms.Limits).Dispose();
            return 0;
        }
        catch (ArtefactException)
        {
            return 1;
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
            throw;
        }
    }
}
