using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.OnnxRuntime;

namespace Engine.Tests.Inference;

/// <summary>The standard's own node models, each with inputs and expected outputs, through the session interface.</summary>
[Category("RealData")]
public class OnnxNodeSampleTests
{
    private const int MaxParents = 32;

    [TestCase("test_relu")]
    [TestCase("test_sigmoid")]
    [TestCase("test_tanh")]
    [TestCase("test_gemm_all_attributes")]
    [TestCase("test_gemm_default_vector_bias")]
    [TestCase("test_gemm_transposeB")]
    [TestCase("test_concat_2d_axis_1")]
    [TestCase("test_gather_0")]
    [TestCase("test_gather_1")]
    [TestCase("test_softmax_axis_1")]
    [TestCase("test_layer_normalization_2d_axis1")]
    [TestCase("test_lstm_defaults")]
    [TestCase("test_lstm_with_initial_bias")]
    [TestCase("test_lstm_with_peepholes")]
    [TestCase("test_gru_defaults")]
    public void Gives_the_expected_outputs(string sample)
    {
        string folder = Path.Combine(Root(), sample);
        string data = Path.Combine(folder, "test_data_set_0");
        using var session = new OrtSession(File.ReadAllBytes(Path.Combine(folder, "model.onnx")));
        OrtTensor[] inputs = Tensors(data, "input").Select(Filled).ToArray();
        TensorProto[] expected = Tensors(data, "output").ToArray();
        OrtTensor[] outputs = expected.Select(Empty).ToArray();
        Assert.That((inputs.Length, outputs.Length), Is.EqualTo((session.InputNames.Count, expected.Length)));

        // Optional outputs that the sample does not give come first or are absent; the graphs here list only those they give.
        session.Bind(inputs, outputs);
        session.Run();
        for (int i = 0; i < outputs.Length; i++)
        {
            float[] want = TensorFloats(expected[i]);
            Assert.That(outputs[i].Floats.ToArray(), Is.EqualTo(want).Within(1e-5), $"{sample}, output {i}");
        }

        foreach (OrtTensor tensor in inputs.Concat(outputs))
        {
            tensor.Dispose();
        }
    }

    [Test]
    public void The_tree_sample_gives_the_expected_outputs()
    {
        string folder = Path.Combine(Root(), "test_ai_onnx_ml_tree_ensemble_single_tree");
        string data = Path.Combine(folder, "test_data_set_0");
        using var session = new OrtSession(File.ReadAllBytes(Path.Combine(folder, "model.onnx")));
        TensorProto given = Tensors(data, "input").Single(), expected = Tensors(data, "output").Single();
        using OrtTensor input = OrtTensor.OfDoubles([.. given.Dims]);
        using OrtTensor output = OrtTensor.OfDoubles([.. expected.Dims]);
        given.RawData.Span.CopyTo(input.Bytes);
        session.Bind([input], [output]);
        session.Run();
        Assert.That(output.Bytes.ToArray(), Is.EqualTo(expected.RawData.ToByteArray()));
    }

    private static IEnumerable<TensorProto> Tensors(string folder, string which) =>
        Directory.GetFiles(folder, $"{which}_*.pb").Order(StringComparer.Ordinal).Select(f => TensorProto.Parser.ParseFrom(File.ReadAllBytes(f)));

    private static OrtTensor Empty(TensorProto tensor) => tensor.DataType switch
    {
        1 => OrtTensor.OfFloats([.. tensor.Dims]),
        6 => OrtTensor.OfInt32([.. tensor.Dims]),
        7 => OrtTensor.OfIntegers([.. tensor.Dims]),
        _ => throw new NotSupportedException($"element type {tensor.DataType}"),
    };

    private static OrtTensor Filled(TensorProto tensor)
    {
        OrtTensor result = Empty(tensor);
        tensor.RawData.Span.CopyTo(result.Bytes);
        return result;
    }

    private static float[] TensorFloats(TensorProto tensor) => Engine.Inference.Artefacts.TensorData.Floats(tensor);

    internal static string Root()
    {
        string? given = Environment.GetEnvironmentVariable("ENGINE_SHARED_DATA");
        string? found = given is not null ? Path.Combine(given, "onnx") : null;
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        for (int i = 0; i < MaxParents && found is null && directory is not null; i++, directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Engine.sln")))
            {
                found = Path.Combine(directory.FullName, "..", "shared", "data", "onnx");
            }
        }

        if (found is null || !Directory.Exists(found))
        {
            Assert.Ignore("the shared ONNX samples are not here (ENGINE_SHARED_DATA or ../shared/data)");
        }

        return found!;
    }
}
