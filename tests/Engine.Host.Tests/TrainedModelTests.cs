using System.Globalization;
using Engine.Host.Tests.Support;
using Engine.Training.Runs;

namespace Engine.Host.Tests;

/// <summary>Train, export, replay: what the engine predicts on the test day is what the trainer predicted, row for row.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class TrainedModelTests(EngineBinary engine) : EngineTests(engine)
{
    private const int Steps = 5;

    private const string Configuration = """
        {
          "importance_rows": 0,
          "models": [
            { "name": "silo", "kind": "silo", "hidden": [6], "fusion": [6], "epochs": 3, "batch_size": 64, "learning_rate": { "rate": 0.01 } },
            { "name": "lstm", "kind": "lstm", "steps": 5, "units": 6, "hidden": [4], "epochs": 3, "batch_size": 64, "learning_rate": { "rate": 0.01 } },
            { "name": "trees", "kind": "trees", "rounds": 15, "depth": 3 }
          ],
          "ensembles": [{ "name": "ensemble", "members": ["silo", "lstm", "trees"] }]
        }
        """;

    private static readonly string[] s_models = ["silo", "lstm", "trees", "ensemble"];
    private static readonly Lazy<string> s_study = new(Make);

    [TestCase("native")]
    [TestCase("both")]
    public void The_engine_predicts_for_the_test_day_what_the_trainer_did(string inference)
    {
        var run = new RunFolder(Path.Combine(s_study.Value, "run"));
        string folder = Repository.NewPath("");
        EngineRun replay = Binary.Run(
            ["replay", Path.Combine(s_study.Value, "2026-01-07.pcap"), "--out", folder, "--inference", inference, .. s_models.SelectMany(m => (string[])["--model", run.Model(m)])]);
        Assert.That(replay.ExitCode, Is.Zero, replay.ToString);
        CsvTable log = CsvTable.Of(Binary.Run("inspect", Path.Combine(folder, "predictions.engplog"), "--format", "csv"));
        Dictionary<(string Model, string Symbol, string Time), float> said = log.Column("prediction")
            .Zip(log.Column("model").Zip(log.Column("symbol"), log.Column("time_ns")))
            .ToDictionary(r => r.Second, r => r.First.Length == 0 ? float.NaN : float.Parse(r.First, CultureInfo.InvariantCulture));
        foreach ((int number, string model) in s_models.Index())
        {
            PredictionTable trained = PredictionTable.Read(run.Predictions(model));
            int[] rows = trained.RowsOf("test");
            Assert.That(rows, Has.Length.GreaterThan(400), model);
            Assert.That(rows.Select(i => trained.Predictions[i]).Distinct().Count(), Is.GreaterThan(50), model);

            // Returns are of basis points: what may differ is held against the largest of them.
            double allowed = 1e-5 * rows.Max(i => Math.Abs((double)trained.Predictions[i]));
            foreach (int i in rows)
            {
                string time = trained.Times[i].ToString(CultureInfo.InvariantCulture);
                float engine = said[(number.ToString(CultureInfo.InvariantCulture), trained.SymbolNames[trained.Instruments[i]], time)];
                Assert.That((double)engine, Is.EqualTo(trained.Predictions[i]).Within(allowed), $"{model}, row {i}");
            }
        }

        Assert.That(said.Where(s => s.Key.Model == "1").Count(s => float.IsNaN(s.Value)), Is.EqualTo(2 * (Steps - 1)), "of each of two instruments the ticks before the first whole window");
    }

    [Test]
    public void The_trained_samples_run_on_the_sample_day_as_ONNX_Runtime_does()
    {
        string[] models = [.. s_models.Select(m => Repository.File($"tools/samples/{m}.onnx"))];
        EngineRun run = Binary.Run(
            ["replay", Repository.SampleCapture, "--symbols", "HTLL", "--inference", "both", "--json", .. models.SelectMany(m => (string[])["--model", m])]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.ToString(), Does.Contain("trained"));
    }

    private static string Make()
    {
        string folder = Repository.NewPath(""), configuration = Path.Combine(Directory.CreateDirectory(Repository.NewPath("")).FullName, "run.json");
        File.WriteAllText(configuration, Configuration);
        (int exit, string error) = LabRun.Run(
            "study", configuration, "-o", folder, "--alpha", "1", "--days", "3", "--messages", "20000", "--instruments", "2", "--seed", "7",
            "--contract", Repository.File("tools/studies/alpha.contract.json"), "--threads", "2");
        Assert.That(exit, Is.Zero, error);
        return folder;
    }
}
