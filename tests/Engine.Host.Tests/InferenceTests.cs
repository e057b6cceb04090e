using System.Text.Json;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>Native kernels against ONNX Runtime, and models that were changed after their export.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class InferenceTests(EngineBinary engine) : EngineTests(engine)
{
    private static readonly Dictionary<string, string> s_noRuntime = new() { ["ENGINE_ONNXRUNTIME"] = "/nonexistent" };

    [Test]
    public void Both_ways_agree_over_the_whole_sample()
    {
        ReplayRun run = SampleRuns.Of(Binary, Repository.SampleCapture, "--inference", "both");
        JsonElement comparison = run.Json.GetProperty("comparison").EnumerateArray().Single();
        Assert.Multiple(() =>
        {
            Assert.That(comparison.GetProperty("within_tolerance").GetBoolean());
            Assert.That(comparison.GetProperty("rows").GetInt64(), Is.EqualTo(run.Number("predictions")));
            Assert.That(comparison.GetProperty("largest_ratio").GetDouble(), Is.InRange(0, 1), "in units of 1e-5 x max(1, |value|)");
            Assert.That(comparison.GetProperty("largest_difference").GetDouble(), Is.Positive, "two implementations of float sums differ somewhere");
            Assert.That(run.Text("prediction_digest"), Is.EqualTo(SampleRuns.Sample(Binary).Text("prediction_digest")), "native's values are logged");
            Assert.That(run.Run.Error, Does.Contain("native vs ort").And.Contain("within 1e-5"));
        });
    }

    [Test]
    public void Onnx_runtime_predicts_within_the_tolerance_of_native()
    {
        ReplayRun ort = SampleRuns.Of(Binary, SampleRuns.SmallCapture, "--inference", "ort");
        double[] expected = Values(ort);
        double[] native = Values(SampleRuns.Small(Binary));
        Assert.That(ort.Text("inference"), Is.EqualTo("ort"));
        Assert.That(ort.Number("predictions"), Is.EqualTo(native.Length).And.EqualTo(expected.Length).And.GreaterThan(5_000));
        for (int i = 0; i < native.Length; i++)
        {
            Assert.That(native[i], Is.EqualTo(expected[i]).Within(1e-5 * Math.Max(1, Math.Abs(expected[i]))), $"row {i}");
        }
    }

    [TestCase("ort")]
    [TestCase("both")]
    public void Without_onnx_runtime_it_is_refused_with_the_next_step(string inference)
    {
        EngineRun run = Binary.RunWith(
            s_noRuntime, "replay", SampleRuns.SmallCapture, "--model", Repository.SampleModel, "--inference", inference);
        AssertRefused(run, "/nonexistent", "Set ENGINE_ONNXRUNTIME to ");
    }

    [Test]
    public void Native_needs_no_onnx_runtime()
    {
        ReplayRun run = SampleRuns.OfWith(Binary, s_noRuntime, SampleRuns.SmallCapture, "--inference", "native");
        EqualityTests.AssertEqual(run, SampleRuns.Small(Binary));
    }

    [TestCaseSource(nameof(Tensors))]
    public void One_weight_changed_by_a_hundredth_is_refused(string tensor)
    {
        string path = Repository.Write(".onnx", ModelEdits.WithWeight(Repository.SampleModel, tensor, w => w * 1.01f));
        AssertRefused(Binary.Run("replay", SampleRuns.SmallCapture, "--model", path), path, "golden vector ", "not reproduced");
    }

    [TestCase("ort")]
    [TestCase("both")]
    public void One_changed_weight_is_refused_by_onnx_runtime_too(string inference)
    {
        string path = Repository.Write(".onnx", ModelEdits.WithWeight(Repository.SampleModel, Tensors().First(), w => w * 1.01f));
        EngineRun run = Binary.Run("replay", SampleRuns.SmallCapture, "--model", path, "--inference", inference);
        AssertRefused(run, path, "golden vector ", "not reproduced");
    }

    private static IEnumerable<string> Tensors() => ModelEdits.WeightTensors(Repository.SampleModel);

    private double[] Values(ReplayRun replay) =>
        [.. CsvTable.Of(Binary.Run("inspect", replay.LogPath, "--format", "csv")).Column("prediction").Select(v => double.Parse(v, System.Globalization.CultureInfo.InvariantCulture))];
}
