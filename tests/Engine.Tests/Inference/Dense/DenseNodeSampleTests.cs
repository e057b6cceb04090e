using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Tests.Inference.Dense;

/// <summary>
/// The standard's own node models on our kernels. A sample's values along the node's axis are rows; each output is picked by a
/// Gather behind the node, which is the sample's own with its other inputs as constants.
/// </summary>
[Category("RealData")]
public class DenseNodeSampleTests
{
    [TestCase("test_gemm_default_vector_bias", 1)]
    [TestCase("test_gemm_transposeB", 1)]
    [TestCase("test_softmax_axis_1", 1)]
    [TestCase("test_layer_normalization_2d_axis1", 1)]
    [TestCase("test_gather_1", 1)]
    [TestCase("test_gather_0", 0)]
    [TestCase("test_relu", 2)]
    [TestCase("test_sigmoid", 2)]
    [TestCase("test_tanh", 2)]
    public void Gives_the_expected_outputs(string sample, int axis)
    {
        (ModelProto model, TensorProto[] inputs, TensorProto[] outputs) = Load(sample);
        float[][] rows = [.. Rows(inputs[0], axis)];
        float[][] expected = [.. Rows(outputs[0], axis)];
        Assert.That(expected, Has.Length.EqualTo(rows.Length).And.Length.GreaterThan(1));
        for (int value = 0; value < expected[0].Length; value++)
        {
            GraphProto graph = Picking(model.Graph, inputs, value);
            Assert.That(DenseGraph.TryRecognise(graph, rows[0].Length, out DenseNetwork? network, out string? reason), reason);
            foreach (Kernel kernel in KernelChoice.Supported)
            {
                using var predictor = new NativeDensePredictor(network!, kernel);
                for (int r = 0; r < rows.Length; r++)
                {
                    Assert.That(predictor.Predict(rows[r]), Is.EqualTo(expected[r][value]).Within(1e-5), $"{kernel}, row {r}, value {value}");
                }
            }
        }
    }

    [Test]
    public void Gemm_with_all_attributes_is_refused_for_its_transA_and_gives_the_expected_outputs_without()
    {
        (ModelProto model, TensorProto[] inputs, TensorProto[] outputs) = Load("test_gemm_all_attributes");
        int rows = (int)inputs[0].Dims[1], width = (int)inputs[0].Dims[0];
        GraphProto graph = Picking(model.Graph, inputs, 0);
        Assert.That(DenseGraph.TryRecognise(graph, width, out _, out string? reason), Is.False);
        Assert.That(reason, Does.Contain("(Gemm) has transA"));
        NodeProto gemm = model.Graph.Node.Single();
        gemm.Attribute.Remove(gemm.Attribute.Single(a => a.Name == "transA"));
        float[] x = TensorData.Floats(inputs[0]), y = TensorData.Floats(outputs[0]);
        int values = y.Length / rows;
        for (int value = 0; value < values; value++)
        {
            Assert.That(DenseGraph.TryRecognise(Picking(model.Graph, inputs, value), width, out DenseNetwork? network, out reason), reason);
            using var predictor = new NativeDensePredictor(network!, KernelChoice.Best);
            for (int r = 0; r < rows; r++)
            {
                float[] row = [.. Enumerable.Range(0, width).Select(i => x[(i * rows) + r])];
                Assert.That(predictor.Predict(row), Is.EqualTo(y[(r * values) + value]).Within(1e-5), $"row {r}, value {value}");
            }
        }
    }

    [Test]
    public void Concat_gives_the_expected_outputs_between_two_silos()
    {
        (ModelProto model, TensorProto[] inputs, TensorProto[] outputs) = Load("test_concat_2d_axis_1");
        float[][] first = [.. Rows(inputs[0], 1)], second = [.. Rows(inputs[1], 1)], expected = [.. Rows(outputs[0], 1)];
        int left = first[0].Length, right = second[0].Length;
        for (int value = 0; value < left + right; value++)
        {
            var graph = new GraphProto();
            graph.Input.Add(SiloGraph.Value("row", left + right));
            graph.Output.Add(SiloGraph.Value("picked", 1));
            NodeProto concat = model.Graph.Node.Single().Clone();
            graph.Initializer.Add(TensorData.Make("left", [.. Enumerable.Range(0, left)]));
            graph.Initializer.Add(TensorData.Make("right", [.. Enumerable.Range(left, right)]));
            graph.Initializer.Add(TensorData.Make("same", [.. Enumerable.Range(0, right * right).Select(i => i % (right + 1) == 0 ? 1f : 0f)], right, right));
            graph.Initializer.Add(TensorData.Make("pick", [.. Enumerable.Range(0, left + right).Select(i => i == value ? 1f : 0f)], left + right, 1));
            SiloGraph.Node(graph, "Gather", ["row", "left"], concat.Input[0]).Attribute.Add(SiloGraph.Integer("axis", 1));
            SiloGraph.Node(graph, "Gather", ["row", "right"], "silo").Attribute.Add(SiloGraph.Integer("axis", 1));
            SiloGraph.Node(graph, "MatMul", ["silo", "same"], concat.Input[1]);
            graph.Node.Add(concat);
            SiloGraph.Node(graph, "MatMul", [concat.Output[0], "pick"], "picked");
            Assert.That(SiloGraph.TryRecognise(graph, left + right, out SiloNetwork? network, out string? reason), reason);
            using var predictor = new NativeSiloPredictor(network!, KernelChoice.Best);
            for (int r = 0; r < first.Length; r++)
            {
                Assert.That(predictor.Predict([.. first[r], .. second[r]]), Is.EqualTo(expected[r][value]), $"row {r}, value {value}");
            }
        }
    }

    // Every run of values along an axis.
    private static IEnumerable<float[]> Rows(TensorProto tensor, int axis)
    {
        float[] values = TensorData.Floats(tensor);
        int length = (int)tensor.Dims[axis];
        int inner = (int)tensor.Dims.Skip(axis + 1).Aggregate(1L, (product, d) => product * d);
        for (int outer = 0; outer < values.Length / (length * inner); outer++)
        {
            for (int i = 0; i < inner; i++)
            {
                yield return [.. Enumerable.Range(0, length).Select(at => values[(((outer * length) + at) * inner) + i])];
            }
        }
    }

    // The sample's node over a row, and one of its values behind it. A row has its values along axis 1, whatever the sample's.
    private static GraphProto Picking(GraphProto model, TensorProto[] inputs, int value)
    {
        NodeProto node = model.Node.Single().Clone();
        var graph = new GraphProto();
        graph.Input.Add(SiloGraph.Value(node.Input[0], 1));
        graph.Output.Add(SiloGraph.Value("picked", 1));
        for (int i = 1; i < inputs.Length; i++)
        {
            TensorProto constant = inputs[i].Clone();
            constant.Name = node.Input[i];
            graph.Initializer.Add(constant);
        }

        if (GraphIndex.Attribute(node, "axis") is { } axis)
        {
            axis.I = 1;
        }
        else if (node.OpType == "Gather")
        {
            node.Attribute.Add(SiloGraph.Integer("axis", 1));
        }

        graph.Node.Add(node);
        graph.Initializer.Add(TensorData.Make("value", [value]));
        SiloGraph.Node(graph, "Gather", [node.Output[0], "value"], "picked").Attribute.Add(SiloGraph.Integer("axis", 1));
        return graph;
    }

    private static (ModelProto Model, TensorProto[] Inputs, TensorProto[] Outputs) Load(string sample)
    {
        string folder = Path.Combine(OnnxNodeSampleTests.Root(), sample);
        TensorProto[] Tensors(string which) => [.. Directory.GetFiles(Path.Combine(folder, "test_data_set_0"), $"{which}_*.pb")
            .Order(StringComparer.Ordinal).Select(f => TensorProto.Parser.ParseFrom(File.ReadAllBytes(f)))];
        return (ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, "model.onnx"))), Tensors("input"), Tensors("output"));
    }
}
