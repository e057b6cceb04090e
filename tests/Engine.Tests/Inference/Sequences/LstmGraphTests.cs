using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;
using Google.Protobuf;

namespace Engine.Tests.Inference.Sequences;

/// <summary>Graphs as other exporters write them are recognised, and answer as ONNX Runtime does; what has no kernel is named.</summary>
public class LstmGraphTests
{
    private const int Steps = 5;
    private const int Features = 12;
    private const int Units = 7;

    [Test]
    public void What_was_written_is_recognised([Values(1, 2)] int layers, [Values] bool initial) =>
        Same(TestLstms.Random(new SeededRandom(7), Features, 4, Steps, layers == 1 ? [Units] : [Units, 9], initial: initial), _ => { });

    [Test]
    public void Time_may_come_first() => Same(Network(), graph =>
    {
        var shape = graph.Input[0].Type.TensorType.Shape;
        (shape.Dim[0], shape.Dim[1]) = (shape.Dim[1].Clone(), shape.Dim[0].Clone());
        Replace(graph, "Transpose", "Identity");
    });

    [TestCase(-1L)]
    [TestCase(Steps - 1L)]
    public void The_last_step_of_all_may_be_gathered(long index) => Same(Network(), graph =>
    {
        AllSteps(graph);
        Constant(graph, "last", [index], scalar: true);
        Add(graph, "Gather", ["lstm.squeezed", "last"], "head.input", Integer("axis", 0));
    });

    [TestCase(-1L, long.MaxValue)]
    [TestCase(Steps - 1L, (long)Steps)]
    public void The_last_step_of_all_may_be_sliced(long start, long end) => Same(Network(), graph =>
    {
        AllSteps(graph);
        Constant(graph, "starts", [start]);
        Constant(graph, "ends", [end]);
        Constant(graph, "time", [0]);
        Add(graph, "Slice", ["lstm.squeezed", "starts", "ends", "time"], "sliced");
        Constant(graph, "first", [0]);
        Add(graph, "Squeeze", ["sliced", "first"], "head.input");
    });

    [Test]
    public void The_last_state_may_be_reshaped_or_flattened([Values("Reshape", "Flatten", "Gather", "Unsqueeze")] string how) => Same(Network(), graph =>
    {
        graph.Node.Remove(graph.Node.Single(n => n.OpType == "Squeeze"));
        switch (how)
        {
            case "Reshape":
                Constant(graph, "shape", [1, -1]);
                Add(graph, "Reshape", ["lstm0.last", "shape"], "head.input");
                break;
            case "Flatten":
                Add(graph, "Flatten", ["lstm0.last"], "head.input", Integer("axis", 2));
                break;
            case "Gather":
                Constant(graph, "which", [0], scalar: true);
                Add(graph, "Gather", ["lstm0.last", "which"], "head.input", Integer("axis", 0));
                break;
            default:
                Constant(graph, "both", [0, 1]);
                Add(graph, "Squeeze", ["lstm0.last", "both"], "flat");
                Constant(graph, "front", [0]);
                Add(graph, "Unsqueeze", ["flat", "front"], "head.input");
                break;
        }
    });

    [Test]
    public void Features_may_be_sliced() => Same(TestLstms.Random(new SeededRandom(7), Features, Features, Steps, [Units]), graph =>
    {
        // Features 3 to 8 of twelve; the input weights keep as many columns.
        graph.Node.Remove(graph.Node.Single(n => n.OpType == "Gather"));
        Constant(graph, "starts", [3]);
        Constant(graph, "ends", [-4]);
        Constant(graph, "axis", [2]);
        Insert(graph, "Slice", ["features", "starts", "ends", "axis"], "tick.rows");
        TensorProto weights = graph.Initializer.Single(t => t.Name == "lstm0.input_weight");
        graph.Initializer[graph.Initializer.IndexOf(weights)] = TensorData.Make(weights.Name, TestLstms.Floats(new SeededRandom(8), 28 * 5, 1), 1, 28, 5);
    });

    [Test]
    public void Batch_normalisation_is_folded() => Same(Network(), graph =>
    {
        var random = new SeededRandom(12);
        string[] names = ["scale", "offset", "mean", "variance"];
        foreach (string name in names)
        {
            float[] values = TestLstms.Floats(random, Units, 0.4);
            graph.Initializer.Add(TensorData.Make(name, name is "scale" or "variance" ? [.. values.Select(v => v + 1)] : values, Units));
        }

        graph.Node.Single(n => n.OpType == "Squeeze").Output[0] = "normal.input";
        Insert(graph, "BatchNormalization", ["normal.input", .. names], "head.input", At(graph, "Gemm"), new AttributeProto { Name = "epsilon", F = 0.001f, Type = AttributeProto.Types.AttributeType.Float });
    });

    [Test]
    public void Layout_1_is_read_as_layout_0_of_the_same_numbers()
    {
        LstmNetwork network = TestLstms.Random(new SeededRandom(7), Features, 4, Steps, [Units, 6]);
        GraphProto graph = LstmGraph.Write(network);
        Replace(graph, "Transpose", "Identity");
        foreach (NodeProto node in graph.Node.Where(n => n.OpType == "LSTM"))
        {
            node.Attribute.Add(Integer("layout", 1));
        }

        // [batch, T, 1, units] → [batch, T, units], and [batch, 1, units] → [batch, units].
        graph.Initializer.Remove(graph.Initializer.Single(t => t.Name == "direction"));
        graph.Initializer.Remove(graph.Initializer.Single(t => t.Name == "layer"));
        Constant(graph, "direction", [2]);
        Constant(graph, "layer", [1]);
        Assert.That(LstmGraph.TryRecognise(graph, new InputWindow(Steps, true, false), Features, SequenceMode.Windows, out LstmNetwork? found, out string? reason), reason);
        float[][] rows = TestLstms.Rows(new SeededRandom(9), Steps, Features);
        Assert.That(TestLstms.NaiveBits(found!, rows), Is.EqualTo(TestLstms.NaiveBits(network, rows)));
    }

    [Test]
    public void Says_why_not()
    {
        Unknown(Lstm(n => n.Attribute.Add(Text("direction", "reverse"))), "(LSTM) has the direction 'reverse'");
        Unknown(Lstm(n => n.Attribute.Add(Text("direction", "bidirectional"))), "has the direction 'bidirectional'");
        Unknown(Lstm(n => n.Attribute.Add(Texts("activations", "Sigmoid", "Relu", "Tanh"))), "activations [Sigmoid, Relu, Tanh]");
        Unknown(Lstm(n => n.Attribute.Add(new AttributeProto { Name = "clip", F = 3, Type = AttributeProto.Types.AttributeType.Float })), "has clip");
        Unknown(Lstm(n => n.Attribute.Add(Integer("input_forget", 1))), "input_forget");
        Unknown(Lstm(n => n.Attribute.Add(Integer("layout", 2))), "layout 2");
        Unknown(Lstm(n => n.Attribute.Add(Integer("layout", 1))), "but its layout is 1");
        Unknown(Lstm(n => n.Attribute[0].I = 6), "hidden_size 6");
        Unknown(Lstm(n => n.Input.AddRange(["", "", "", "lstm0.bias"])), "has peepholes");
        Unknown(Lstm(n => n.Input.Add("lengths")), "sequence_lens");
        Unknown(Lstm(n => n.Input[1] = "features"), "needs 'features' to be a constant");
        Unknown(Lstm(n => n.Input[3] = "head.dense0.bias"), "elements, 56 are expected");
        Unknown(Lstm(n => (n.OpType, n.Attribute[0].I) = ("GRU", Units)), "(GRU) has no native kernel: it is served by ONNX Runtime");
        Unknown(Lstm(n => n.Output.Insert(1, "")), "last cell state");
        Unknown(g => g.Node.Single(n => n.OpType == "Transpose").Attribute[0].Ints[0] = 0, "permutes");
        Unknown(g => Replace(g, "Transpose", "Identity"), "but its layout is 0");
        Unknown(g => g.Node.Single(n => n.OpType == "Gather").Attribute[0].I = 1, "picks other steps than the last");
        Unknown(g => g.Node.First(n => n.OpType == "Gemm").Input[0] = "tick.rows", "without an LSTM between");
        Unknown(g => g.Node.Single(n => n.OpType == "Squeeze").Input[0] = "head.input", "circle");
        Unknown(g => g.Node.Single(n => n.OpType == "Squeeze").OpType = "Softmax", "(Softmax) has no native kernel");
        Unknown(g => Integers(g, "tick.features", [12, 1, 2, 3]), "picks feature 12 of 12");
        Unknown(
            g =>
            {
                AllSteps(g);
                Constant(g, "one", [2], scalar: true);
                Add(g, "Gather", ["lstm.squeezed", "one"], "head.input", Integer("axis", 0));
            },
            "picks other steps than the last of 5");
        Unknown(
            g =>
            {
                AllSteps(g);
                Constant(g, "shape", [1, -1]);
                Add(g, "Reshape", ["lstm.squeezed", "shape"], "head.input");
            },
            "mixes ticks and features");
    }

    private static LstmNetwork Network() => TestLstms.Small(new SeededRandom(7));

    private static Action<GraphProto> Lstm(Action<NodeProto> change) => graph => change(graph.Node.Single(n => n.OpType == "LSTM"));

    // The changed graph natively and in ONNX Runtime, tick by tick.
    private static void Same(LstmNetwork network, Action<GraphProto> change)
    {
        GraphProto graph = LstmGraph.Write(network);
        change(graph);
        bool isTimeFirst = graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue == Steps;
        var window = new InputWindow(Steps, true, isTimeFirst);
        Assert.That(LstmGraph.TryRecognise(graph, window, Features, SequenceMode.Windows, out LstmNetwork? found, out string? reason), reason);
        var random = new SeededRandom(31);
        byte[] file = ArtefactWriter.Write(graph, TestLstms.Describe(network, random));
        using var native = new NativeLstmPredictor(found!, KernelChoice.Best, TestLstms.Limits);
        using var comparing = new ComparingPredictor(native, new OrtSequencePredictor(file, window, Features, TestLstms.Limits));
        foreach (float[] row in TestLstms.Rows(random, 50, Features))
        {
            comparing.Predict(2, row);
            comparing.Background();
        }

        Assert.That(comparing.LargestRatio, Is.LessThanOrEqualTo(1));
        Assert.That(native.WarmingUp, Is.EqualTo(Steps - 1));
    }

    private static void Unknown(Action<GraphProto> change, string expected)
    {
        GraphProto graph = LstmGraph.Write(Network());
        change(graph);
        Assert.That(LstmGraph.TryRecognise(graph, new InputWindow(Steps, true, false), Features, SequenceMode.Windows, out _, out string? reason), Is.False, expected);
        Assert.That(reason, Does.Contain(expected));
    }

    // All hidden states, [T, batch, units], in place of the last.
    private static void AllSteps(GraphProto graph)
    {
        NodeProto lstm = graph.Node.Single(n => n.OpType == "LSTM");
        lstm.Output.Clear();
        lstm.Output.Add("lstm0.all");
        NodeProto squeeze = graph.Node.Single(n => n.OpType == "Squeeze");
        squeeze.Input[0] = "lstm0.all";
        squeeze.Input[1] = "direction";
        squeeze.Output[0] = "lstm.squeezed";
    }

    private static void Replace(GraphProto graph, string operation, string other)
    {
        NodeProto node = graph.Node.Single(n => n.OpType == operation);
        node.OpType = other;
        node.Attribute.Clear();
    }

    private static void Constant(GraphProto graph, string name, long[] values, bool scalar = false)
    {
        TensorProto tensor = TensorData.Make(name, new int[values.Length]);
        tensor.RawData = ByteString.CopyFrom([.. values.SelectMany(BitConverter.GetBytes)]);
        if (scalar)
        {
            tensor.Dims.Clear();
        }

        graph.Initializer.Add(tensor);
    }

    private static void Integers(GraphProto graph, string name, int[] values)
    {
        TensorProto old = graph.Initializer.Single(t => t.Name == name);
        graph.Initializer[graph.Initializer.IndexOf(old)] = TensorData.Make(name, values);
    }

    // Before the head.
    private static void Add(GraphProto graph, string operation, string[] inputs, string output, params AttributeProto[] attributes) =>
        Insert(graph, operation, inputs, output, At(graph, "Gemm"), attributes);

    private static int At(GraphProto graph, string operation) => graph.Node.IndexOf(graph.Node.First(n => n.OpType == operation));

    private static void Insert(GraphProto graph, string operation, string[] inputs, string output, int at = 0, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = $"{output}.{graph.Node.Count}" };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes);
        graph.Node.Insert(at, node);
    }

    private static AttributeProto Integer(string name, long value) => new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    private static AttributeProto Text(string name, string value) =>
        new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeProto.Types.AttributeType.String };

    private static AttributeProto Texts(string name, params string[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Strings };
        attribute.Strings.AddRange(values.Select(ByteString.CopyFromUtf8));
        return attribute;
    }
}
