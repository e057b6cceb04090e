using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Google.Protobuf;

namespace Engine.Tests.Inference;

public class SiloGraphTests
{
    [Test]
    public void Recognises_a_transposed_weight() => Same(graph =>
    {
        TensorProto old = graph.Initializer.Single(t => t.Name == "silo0.dense2.weight");
        float[] w = TensorData.Floats(old);
        float[] transposed = Enumerable.Range(0, 20).Select(i => w[(i % 10 * 2) + (i / 10)]).ToArray();
        graph.Initializer[graph.Initializer.IndexOf(old)] = TensorData.Make(old.Name, transposed, 2, 10);
        graph.Node.Single(n => n.Input.Contains(old.Name)).Attribute.Add(new AttributeProto { Name = "transB", I = 1, Type = AttributeProto.Types.AttributeType.Int });
    });

    [Test]
    public void Recognises_a_product_and_a_sum_in_place_of_Gemm([Values] bool biasFirst) => Same(graph =>
    {
        NodeProto gemm = graph.Node.Single(n => n.Input.Contains("silo1.dense1.weight"));
        int at = graph.Node.IndexOf(gemm);
        graph.Node.RemoveAt(at);
        graph.Node.Insert(at, Node("MatMul", [gemm.Input[0], gemm.Input[1]], "product"));
        graph.Node.Insert(at + 1, Node("Add", biasFirst ? [gemm.Input[2], "product"] : ["product", gemm.Input[2]], gemm.Output[0]));
    });

    [Test]
    public void Recognises_Identity_and_Constant_nodes_and_typed_data() => Same(graph =>
    {
        TensorProto bias = graph.Initializer.Single(t => t.Name == "fusion.dense0.bias");
        graph.Initializer.Remove(bias);
        var typed = new TensorProto { DataType = 1 };
        typed.Dims.Add(10);
        typed.FloatData.AddRange(TensorData.Floats(bias));
        NodeProto constant = Node("Constant", [], bias.Name);
        constant.Attribute.Add(new AttributeProto { Name = "value", T = typed, Type = AttributeProto.Types.AttributeType.Tensor });
        graph.Node.Insert(0, constant);
        NodeProto gather = graph.Node.Single(n => n.Output[0] == "direct.input");
        gather.Name = gather.Output[0] = "direct.gathered";
        graph.Node.Insert(graph.Node.IndexOf(gather) + 1, Node("Identity", ["direct.gathered"], "direct.input"));
    });

    [Test]
    public void Puts_direct_features_first_wherever_they_are() => Same(
        graph =>
        {
            // silo1 | silo0 | direct, with the rows of the next weight in the same order.
            NodeProto concat = graph.Node.Single(n => n.OpType == "Concat");
            string[] parts = [concat.Input[2], concat.Input[1], concat.Input[0]];
            concat.Input.Clear();
            concat.Input.AddRange(parts);
            TensorProto old = graph.Initializer.Single(t => t.Name == "fusion.dense0.weight");
            float[] w = TensorData.Floats(old);
            float[] moved = [.. w[70..90], .. w[50..70], .. w[..50]];
            graph.Initializer[graph.Initializer.IndexOf(old)] = TensorData.Make(old.Name, moved, 9, 10);
        },
        sameOrder: false);

    [Test]
    public void A_plain_dense_network_is_recognised()
    {
        var random = new SeededRandom(2);
        var network = new SiloNetwork(7, [], Enumerable.Range(0, 7).ToArray(), [TestModels.Dense(random, 7, 5, Activation.Tanh), TestModels.Dense(random, 5, 1, Activation.Sigmoid)]);
        GraphProto graph = SiloGraph.Write(network);
        graph.Node.RemoveAt(0);
        graph.Node[0].Input[0] = "features";
        Assert.That(SiloGraph.TryRecognise(graph, 7, out SiloNetwork? found, out string? reason), reason);
        Assert.That(found!.Direct, Is.EqualTo(network.Direct));
        Assert.That(found.Fusion.Select(l => l.Activation), Is.EqualTo(new[] { Activation.Tanh, Activation.Sigmoid }));
    }

    [Test]
    public void Says_why_not()
    {
        Unknown(g => g.Node.First(n => n.OpType == "Relu").OpType = "Elu", "(Elu) has no native kernel");
        Unknown(g => g.Node.First(n => n.OpType == "Relu").Domain = "com.example", "operator set 'com.example'");
        Unknown(g => g.Node.First(n => n.OpType == "Gemm").Attribute.Add(SiloGraph.Integer("transA", 1)), "transA");
        Unknown(g => g.Node.Single(n => n.OpType == "Concat").Attribute.Clear(), "axis 0");
        Unknown(g => g.Node.First(n => n.OpType == "Gather").Attribute[0].I = 0, "does not pick features");
        Unknown(g => g.Node.First(n => n.OpType == "Gather").Input[1] = "nothing", "needs 'nothing'");
        Unknown(g => g.Node.First(n => n.OpType == "Gemm").Input[0] = "nothing", "nothing makes the value");
        Unknown(g => g.Node.First(n => n.OpType == "Gemm").Input[0] = "silo0.embedding", "circle");
        Unknown(g => g.Node.First(n => n.OpType == "Gemm").Input.RemoveAt(1), "multiplies by what is not a matrix");
        Unknown(g => g.Output[0].Name = "features", "dense layer");
        Unknown(g => g.Initializer.Single(t => t.Name == "silo0.features").RawData = ByteString.CopyFrom(Enumerable.Repeat((byte)0x70, 80).ToArray()), "outside the row");
    }

    [Test]
    public void Recognises_factors_of_weights_and_biases() => Same(
        graph =>
        {
            NodeProto gemm = graph.Node.Single(n => n.Input.Contains("silo1.dense1.weight"));
            gemm.Attribute.Add(new AttributeProto { Name = "alpha", F = 0.75f, Type = AttributeProto.Types.AttributeType.Float });
            gemm.Attribute.Add(new AttributeProto { Name = "beta", F = -1.5f, Type = AttributeProto.Types.AttributeType.Float });
        },
        sameOrder: false);

    private static void Same(Action<GraphProto> change, bool sameOrder = true)
    {
        var random = new SeededRandom(31);
        SiloNetwork network = TestModels.SmallNetwork(random);
        GraphProto graph = SiloGraph.Write(network);
        change(graph);
        Assert.That(SiloGraph.TryRecognise(graph, 25, out SiloNetwork? found, out string? reason), reason);
        byte[] file = ArtefactWriter.Write(graph, TestModels.Describe(network, random));
        using var before = new NativeSiloPredictor(network, Kernel.Scalar);
        using var after = new NativeSiloPredictor(found!, Kernel.Scalar);
        using var ort = new OrtPredictor(file, 25);
        for (int i = 0; i < 20; i++)
        {
            float[] row = TestModels.RandomRow(random, 25, special: false);
            float got = after.Predict(row);
            if (sameOrder)
            {
                Assert.That(got, Is.EqualTo(before.Predict(row)));
            }

            Assert.That(Predictor.DifferenceRatio(got, ort.Predict(row)), Is.LessThanOrEqualTo(1));
        }
    }

    private static void Unknown(Action<GraphProto> change, string expected)
    {
        GraphProto graph = SiloGraph.Write(TestModels.SmallNetwork(new SeededRandom(31)));
        change(graph);
        Assert.That(SiloGraph.TryRecognise(graph, 25, out SiloNetwork? network, out string? reason), Is.False);
        Assert.That(network, Is.Null);
        Assert.That(reason, Does.Contain(expected));
    }

    private static NodeProto Node(string operation, string[] inputs, string output)
    {
        var node = new NodeProto { OpType = operation, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        return node;
    }
}
