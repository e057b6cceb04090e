using System.Security.Cryptography;
using System.Text.Json;
using Engine.Features;
using Engine.Inference.Artefacts;
using Engine.Training.Datasets;
using Engine.Training.Evaluation;
using Engine.Training.Runs;
using Engine.Training.Tests.Runs;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Lab;

/// <summary>The model files of tools/samples are those that models.json tells of, and score on the sample day what it says.</summary>
public class TrainedSampleTests
{
    private const string DefaultContract = "87138026f912728a63711eeec0dcd4e3def4a0cfb825eb1c86e59132efe82e00";
    private const int SizeLimitBytes = 512 * 1024;

    private static readonly string[] s_names = ["silo", "lstm", "trees", "ensemble"];

    [TestCaseSource(nameof(s_names))]
    public void A_file_is_the_trained_one_that_the_readme_names(string name)
    {
        byte[] bytes = File.ReadAllBytes(SampleDay.PathOf(name + ".onnx"));
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        ArtefactDescription description = ModelArtefact.Load(SampleDay.PathOf(name + ".onnx")).Description;
        Assert.Multiple(() =>
        {
            Assert.That(Model(name).GetProperty("sha256").GetString(), Is.EqualTo(hash));
            Assert.That(File.ReadAllText(SampleDay.PathOf("README.md")), Does.Contain(hash));
            Assert.That(bytes, Has.Length.LessThanOrEqualTo(SizeLimitBytes));
            Assert.That(description.Weights, Is.EqualTo(ArtefactDescription.Trained));
            Assert.That((description.Label, description.HorizonNanos), Is.EqualTo(("return_5s", 5_000_000_000L)));
            Assert.That((description.Contract.Hash, description.Contract.Sampling), Is.EqualTo((DefaultContract, "every-event")));
            Assert.That(description.TrainingSplit, Is.EquivalentTo(new[] { description.TrainingSplit[0], "2025-12-29", "2025-12-30", "2025-12-31" }));
        });
    }

    [Test]
    public void They_score_on_the_sample_day_what_models_json_says()
    {
        using var folder = new SimulatedDays();
        string set = folder.PathOf("set");
        SmallRuns.Good("dataset", SampleDay.Capture, "-o", set);
        SmallRuns.Good("label", set, "--label", "return", "--horizon", "5s");
        TrainingData data = TrainingDataLoader.Load(set, "return_5s");
        int[] labelled = [.. Enumerable.Range(0, data.Rows).Where(r => float.IsFinite(data.Labels[r]))];
        foreach (string name in s_names)
        {
            float[] said = ArtefactRows.Predict(ModelArtefact.Load(SampleDay.PathOf(name + ".onnx"), data.Contract), data, labelled);
            int[] rows = [.. labelled.Where(r => float.IsFinite(said[r]))];
            var scored = new Scored(
                [.. rows.Select(r => said[r])], [.. rows.Select(r => data.Labels[r])], [.. rows.Select(r => data.Times[r])], [.. rows.Select(r => data.Ends[r])],
                [.. rows.Select(r => data.Instruments[r])]);
            Scores scores = Scores.Of(scored, 0, isClassification: false);
            JsonElement test = Model(name).GetProperty("test");
            Assert.Multiple(() =>
            {
                Assert.That(scores.Rows, Is.EqualTo(test.GetProperty("rows").GetInt32()), name);
                Assert.That(scores.Pearson, Is.EqualTo(test.GetProperty("pearson").GetDouble()).Within(1e-5).And.GreaterThan(0.2), name);
                Assert.That(scores.InformationCoefficient, Is.EqualTo(test.GetProperty("information_coefficient").GetDouble()).Within(1e-5), name);
                Assert.That(Model(name).GetProperty("verdict").GetString(), Is.EqualTo("signal"), name);
            });
        }
    }

    [Test]
    public void The_samples_come_out_the_same_to_the_byte_again_and_on_another_number_of_threads()
    {
        using var folder = new SimulatedDays();
        string[] first = Samples(folder.PathOf("first"), "1"), second = Samples(folder.PathOf("second"), "2");
        foreach ((string a, string b) in first.Zip(second))
        {
            Assert.That(File.ReadAllBytes(a).AsSpan().SequenceEqual(File.ReadAllBytes(b)), Path.GetFileName(a));
        }

        Assert.That(first.Select(f => Path.GetFileName(f)), Is.EqualTo(new[] { "ensemble.onnx", "lstm.onnx", "market.pcap.gz", "models.json", "silo.onnx", "trees.onnx" }));
    }

    private static string[] Samples(string folder, string threads)
    {
        Directory.CreateDirectory(folder);
        SmallRuns.Good("samples", "--train", "--config", StudyTests.Config("samples"), "--messages", "4000", "--out", folder, "--threads", threads);
        return [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)];
    }

    private static JsonElement Model(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(SampleDay.PathOf("models.json")));
        return document.RootElement.GetProperty("studies")[0].GetProperty("runs")[0].GetProperty("models").EnumerateArray()
            .Single(m => m.GetProperty("name").GetString() == name).Clone();
    }
}
