using System.Text.Json;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Host.Tests.Support;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;

namespace Engine.Host.Tests;

/// <summary>A tree model over raw rows, through the whole path.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class TreeModelTests(EngineBinary engine) : EngineTests(engine)
{
    private static readonly Lazy<string> s_model = new(() => Repository.Write(".onnx", Make()));

    [Test]
    public void Native_trees_and_ONNX_Runtime_agree_over_a_replay()
    {
        ReplayRun run = SampleRuns.OfModel(Binary, s_model.Value, SampleRuns.SmallCapture, "--inference", "both");
        JsonElement comparison = run.Json.GetProperty("comparison").EnumerateArray().Single();
        Assert.That(comparison.GetProperty("within_tolerance").GetBoolean());
        Assert.That(comparison.GetProperty("rows").GetInt64(), Is.EqualTo(run.Number("predictions")).And.GreaterThan(5_000));
        Assert.That(SampleRuns.OfModel(Binary, s_model.Value, SampleRuns.SmallCapture).Log, Is.EqualTo(run.Log), "native's values are logged");
    }

    [Test]
    public void Inspect_names_the_trees()
    {
        EngineRun run = Binary.Run("inspect", s_model.Value);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Output, Does.Contain("60 trees"));
    }

    private static byte[] Make()
    {
        FeatureContract contract = ModelArtefact.Load(Repository.SampleModel).Contract;
        var random = new SeededRandom(1);
        var ensemble = new TreeEnsemble(contract.Count, [.. Enumerable.Range(0, 60).Select(_ => Tree(contract.Count, random))]);
        using var predictor = new NativeTreePredictor(ensemble, Kernel.Scalar);
        float[] rows = [.. Enumerable.Range(0, 8 * contract.Count).Select(i => i % 11 == 0 ? float.NaN : (float)(10 * random.NextNormal()))];
        float[] outputs = [.. rows.Chunk(contract.Count).Select(r => predictor.Predict(r))];
        return ArtefactWriter.Write(ensemble, new ArtefactDescription
        {
            Contract = contract,
            Mean = new float[contract.Count],
            Deviation = Enumerable.Repeat(1f, contract.Count).ToArray(),
            IsRaw = true,
            Label = "return",
            HorizonNanos = 1_000_000_000,
            TrainingSplit = [],
            Weights = ArtefactDescription.Seeded,
            Golden = new GoldenVectors(rows, outputs, contract.Count),
        });
    }

    // Four complete levels and sixteen leaves.
    private static DecisionTree Tree(int features, SeededRandom random) => new([.. Enumerable.Range(0, 31).Select(i => i < 15
        ? TreeNode.Split(random.Next(features), (float)(10 * random.NextNormal()), random.Chance(0.5), (2 * i) + 1, (2 * i) + 2)
        : TreeNode.Leaf((float)(0.1 * random.NextNormal())))]);
}
