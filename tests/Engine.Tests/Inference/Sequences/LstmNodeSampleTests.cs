using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;

namespace Engine.Tests.Inference.Sequences;

/// <summary>The standard's own LSTM models on our kernels: each sequence of the batch by itself, each unit through a head that picks it.</summary>
[Category("RealData")]
public class LstmNodeSampleTests
{
    [TestCase("test_lstm_defaults", 0)]
    [TestCase("test_lstm_with_initial_bias", 0)]
    [TestCase("test_lstm_batchwise", 1)]
    public void Gives_the_expected_outputs(string sample, int layout)
    {
        (ModelProto model, TensorProto[] inputs, TensorProto[] outputs) = Load(sample);
        TensorProto x = inputs[0];
        int batch = (int)x.Dims[layout == 0 ? 1 : 0];
        int steps = (int)x.Dims[layout == 0 ? 0 : 1];
        int width = (int)x.Dims[2];
        float[] sequences = TensorData.Floats(x);
        float[] expected = TensorData.Floats(outputs[^1]);
        int units = expected.Length / batch;
        Assert.That(steps, Is.EqualTo(1), "the samples have one step, so that neither layout moves anything");
        for (int unit = 0; unit < units; unit++)
        {
            GraphProto graph = Picking(model.Graph, inputs, unit, units);
            Assert.That(LstmGraph.TryRecognise(graph, new InputWindow(steps, true, layout == 0), width, SequenceMode.Windows, out LstmNetwork? network, out string? reason), reason);
            foreach (Kernel kernel in KernelChoice.Supported)
            {
                using var predictor = new NativeLstmPredictor(network!, kernel, TestLstms.Limits);
                for (int b = 0; b < batch; b++)
                {
                    float got = predictor.Predict(b, sequences.AsSpan(b * width, width));
                    Assert.That(got, Is.EqualTo(expected[(b * units) + unit]).Within(1e-5), $"{kernel}, sequence {b}, unit {unit}");
                }
            }
        }
    }

    [Test]
    public void Peepholes_are_refused_by_name()
    {
        (ModelProto model, TensorProto[] inputs, TensorProto[] outputs) = Load("test_lstm_with_peepholes");
        int units = (int)outputs[^1].Dims[^1];
        GraphProto graph = Picking(model.Graph, inputs, 0, units);
        Assert.That(LstmGraph.TryRecognise(graph, new InputWindow(1, true, true), (int)inputs[0].Dims[2], SequenceMode.Windows, out _, out string? reason), Is.False);
        Assert.That(reason, Does.Contain("has peepholes, which have no native kernel"));
    }

    // The model with its weights as constants, and a dense layer that passes on one unit of its last hidden state.
    private static GraphProto Picking(GraphProto model, TensorProto[] inputs, int unit, int units)
    {
        GraphProto graph = model.Clone();
        NodeProto lstm = graph.Node.Single();
        for (int i = 1; i < inputs.Length; i++)
        {
            TensorProto constant = inputs[i].Clone();
            constant.Name = graph.Input[i].Name;
            graph.Initializer.Add(constant);
        }

        graph.Initializer.Add(TensorData.Make("axes", [0, 1]));
        graph.Initializer.Add(TensorData.Make("front", [0]));
        graph.Initializer.Add(TensorData.Make("pick", [.. Enumerable.Range(0, units).Select(u => u == unit ? 1f : 0f)], units, 1));
        SiloGraph.Node(graph, "Squeeze", [lstm.Output[1], "axes"], "state");
        SiloGraph.Node(graph, "Unsqueeze", ["state", "front"], "row");
        SiloGraph.Node(graph, "MatMul", ["row", "pick"], "picked");
        ValueInfoProto output = graph.Output[^1].Clone();
        output.Name = "picked";
        graph.Output.Clear();
        graph.Output.Add(output);
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
