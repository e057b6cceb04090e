using System.Text.Json;
using Engine.Host.Tests.Support;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Engine.Training.Export;
using Google.Protobuf;

namespace Engine.Host.Tests;

/// <summary>A plain perceptron through the whole program, and one with an operator that has no native kernel.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class DenseModelTests(EngineBinary engine) : EngineTests(engine)
{
    private static readonly Lazy<string> s_dense = new(() => Write(_ => { }));
    private static readonly Lazy<string> s_unknown = new(() => Write(g => g.Node.First(n => n.OpType == "Relu").OpType = "Elu"));

    [Test]
    public void Both_ways_agree_and_the_comparison_says_how_far_they_differ()
    {
        ReplayRun run = SampleRuns.OfModel(Binary, s_dense.Value, SampleRuns.SmallCapture, "--inference", "both");
        JsonElement comparison = run.Json.GetProperty("comparison").EnumerateArray().Single();
        Assert.Multiple(() =>
        {
            Assert.That(comparison.GetProperty("within_tolerance").GetBoolean());
            Assert.That(comparison.GetProperty("rows").GetInt64(), Is.EqualTo(run.Number("predictions")).And.GreaterThan(5_000));
            Assert.That(comparison.GetProperty("largest_ulps").GetInt64(), Is.Positive);
            Assert.That(comparison.GetProperty("largest_ulps_row").GetInt64(), Is.InRange(0, run.Number("predictions") - 1));
            Assert.That(comparison.GetProperty("decision_flips").GetInt64(), Is.InRange(0, 2));
            Assert.That(comparison.GetProperty("decision_threshold").GetDouble(), Is.Zero, "a regression");
            Assert.That(run.Number("predictions_unkept"), Is.Zero);
            Assert.That(run.Run.Error, Does.Contain(" ulp; ").And.Contain("decisions differ (prediction > 0)"));
        });
    }

    [Test]
    public void Inspect_says_what_it_is()
    {
        EngineRun run = Binary.Run("inspect", s_dense.Value, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Output, Does.Contain("native kernel  dense, 142 of 142 > 142x10 Relu > 10x1").And.Contain("normaliser     z-score\n"));
        Assert.That(SampleRuns.Summary(run).GetProperty("normaliser").GetString(), Is.EqualTo("z-score"));
        Assert.That(SampleRuns.Summary(run).GetProperty("inference").GetString(), Is.EqualTo("native"));
    }

    [Test]
    public void What_has_no_native_kernel_is_named_where_it_is_inspected_and_where_it_is_refused()
    {
        EngineRun run = Binary.Run("inspect", s_unknown.Value, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Output, Does.Contain("(Elu) has no native kernel; --inference ort runs it, the default --inference native refuses it"));
        JsonElement json = SampleRuns.Summary(run);
        Assert.That((json.GetProperty("native").GetBoolean(), json.GetProperty("inference").GetString()), Is.EqualTo((false, "ort")));
        Assert.That(json.GetProperty("why_not_native").GetString(), Does.Contain("(Elu) has no native kernel"));
        AssertRefused(Binary.Run("replay", SampleRuns.SmallCapture, "--model", s_unknown.Value), s_unknown.Value, "(Elu) has no native kernel", "native is the default", "--inference ort");
    }

    // The sample model's contract and statistics, every feature straight into the fusion.
    private static string Write(Action<GraphProto> change)
    {
        ModelArtefact sample = ModelArtefact.Load(Repository.SampleModel);
        byte[] bytes = SiloExport.Seeded(
            sample.Contract, [], 5, sample.Description.Mean.ToArray(), [.. sample.Description.Deviation.ToArray().Select(d => d == 0 ? 1 : d)]);
        ModelProto model = ModelProto.Parser.ParseFrom(bytes);
        change(model.Graph);
        return Repository.Write(".onnx", model.ToByteArray());
    }
}
