using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Training.Canaries;
using Engine.Training.Datasets;
using Engine.Training.Reports;
using Engine.Training.Runs;
using Engine.Training.Splits;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Runs;

/// <summary>Runs whose networks rank features or clip them: fitted, exported, held against the engine, and what a report says of rows far beyond training.</summary>
public class NormaliserRunTests
{
    private const string Models = """
        "importance_rows": 50,
        "models": [
          {"name": "ranked", "kind": "silo", "normaliser": "rank_gauss", "hidden": [4], "fusion": [4], "epochs": 2, "batch_size": 128},
          {"name": "window", "kind": "lstm", "normaliser": "rank_gauss", "steps": 4, "units": 4, "hidden": [4], "epochs": 1, "batch_size": 128},
          {"name": "clipped", "kind": "mlp", "clip": 2, "hidden": [6], "epochs": 2, "batch_size": 128},
          {"name": "free", "kind": "mlp", "clip": 0, "hidden": [6], "epochs": 2, "batch_size": 128}
        ],
        "ensembles": [{"name": "both", "members": ["ranked", "window", "clipped", "free"]}]
        """;

    private SmallRuns _small = null!;
    private RunFolder _run = null!;

    [OneTimeSetUp]
    public void Make()
    {
        _small = new SmallRuns(messages: 2_500);
        _run = _small.Train(_small.Config("config", Models), "run");
    }

    [OneTimeTearDown]
    public void Remove() => _small.Dispose();

    [Test]
    public void Each_file_says_its_normaliser_with_the_statistics_of_the_training_rows()
    {
        SplitFile split = SplitFile.Read(_small.PathOf("split.split.json"));
        TrainingData data = TrainingDataLoader.Load(_small.Dataset, SmallRuns.Label, [.. split.Days.Select(d => d.Id)]);
        PartStatistics statistics = PartStatistics.Fit(data, split.Parts(data)[^1], withRanks: true);
        foreach (string name in new[] { "ranked", "window" })
        {
            ArtefactDescription ranked = ModelArtefact.Load(_run.Model(name)).Description;
            Assert.That(ranked.NormaliserKind, Is.EqualTo("rank-gauss"));
            Assert.That(RankTable.FirstDifference(ranked.Ranks!, statistics.Ranks!), Is.EqualTo(-1));
        }

        ArtefactDescription clipped = ModelArtefact.Load(_run.Model("clipped")).Description, free = ModelArtefact.Load(_run.Model("free")).Description;
        Assert.That((clipped.NormaliserKind, clipped.Clip, free.Clip), Is.EqualTo(("z-score", 2f, float.PositiveInfinity)));
        Assert.That(ModelArtefact.Load(_run.Model("linear")).Description.Clip, Is.EqualTo(10f), "the usual one");
        Assert.That(clipped.Mean.ToArray(), Is.EqualTo(statistics.Mean));
        ArtefactDescription[] members = [.. ModelArtefact.Load(_run.Model("both")).Members.Select(m => m.Description)];
        Assert.That(members.Select(m => (m.NormaliserKind, m.Clip)), Is.EqualTo(new[]
        {
            ("rank-gauss", float.PositiveInfinity), ("rank-gauss", float.PositiveInfinity), ("z-score", 2f), ("z-score", float.PositiveInfinity),
        }));
    }

    [TestCase("ranked")]
    [TestCase("window")]
    [TestCase("clipped")]
    [TestCase("both")]
    public void Both_ways_to_run_a_file_say_what_the_trainer_did_however_far_a_row_lies(string name)
    {
        PredictionTable table = PredictionTable.Read(_run.Predictions(name));
        ModelArtefact artefact = ModelArtefact.Load(_run.Model(name));
        using var predictor = (ComparingPredictor)PredictorFactory.Create(artefact, InferenceMode.Both, KernelChoice.Best);
        Assert.That(table.RowsOf("test").Select(i => table.Predictions[i]).Distinct().Count(), Is.GreaterThan(20));
        Normaliser normaliser = artefact.CreateNormaliser();
        var random = new SeededRandom(4);
        var scratch = new float[normaliser.Count];
        for (int i = 0; i < 200; i++)
        {
            float[] row = [.. Enumerable.Range(0, normaliser.Count).Select(_ => random.Next(12) switch { 0 => float.NaN, 1 => 1e30f, 2 => -1e9f, 3 => float.PositiveInfinity, _ => (float)(100 * random.NextNormal()) })];
            predictor.PredictRaw(i % 2, row, normaliser, scratch, out _);
        }

        Assert.That(predictor.WithinTolerance, $"{predictor.LargestRatio} times what is allowed, {predictor.WorstValue} and {predictor.WorstReference}");
    }

    [TestCase("ranked")]
    [TestCase("window")]
    [TestCase("clipped")]
    [TestCase("both")]
    public void The_engine_predicts_for_the_test_capture_what_the_trainer_did_by_ranks_and_where_a_clip_binds(string name)
    {
        const string Day = "2026-01-07";
        PredictionTable table = PredictionTable.Read(_run.Predictions(name));
        ModelArtefact artefact = ModelArtefact.Load(_run.Model(name));
        TrainingData data = TrainingDataLoader.Load(_small.Dataset, SmallRuns.Label, [Day]);
        Normaliser own = artefact.CreateNormaliser(), free = ModelArtefact.Load(_run.Model("free")).CreateNormaliser();
        HashSet<(string, long)> changed =
        [
            .. Enumerable.Range(0, data.Rows).Where(r => !Normal(own, data.Row(r)).SequenceEqual(Normal(free, data.Row(r)))).Select(r => (data.Symbols[data.Instruments[r]], data.Times[r])),
        ];
        Dictionary<(string, long), float> said = EngineReplay.Of(artefact, _small.Captures[2], Path.Combine(_small.Dataset, Day + ".h5"));
        int[] rows = table.RowsOf("test");
        (string, long) Key(int i) => (table.SymbolNames[table.Instruments[i]], table.Times[i]);
        double most = rows.Max(i => Math.Abs(table.Predictions[i])), worst = rows.Max(i => Math.Abs((double)said[Key(i)] - table.Predictions[i]));
        TestContext.Out.WriteLine($"{name}: {rows.Count(i => changed.Contains(Key(i)))} of {rows.Length} rows are not plain z-scores; the engine differs by {worst / most} of the largest prediction");
        Assert.That(rows, Has.Length.GreaterThan(200));
        Assert.That(rows.Count(i => changed.Contains(Key(i))), name == "clipped" ? Is.InRange(50, rows.Length - 50) : Is.EqualTo(rows.Length), "a clip binds where it must, ranks change every row");
        Assert.That(worst, Is.LessThanOrEqualTo(1e-5 * most));
    }

    [Test]
    public void Statistics_of_other_rows_are_found_in_a_file_of_ranks()
    {
        SmallRuns.Good("check", _small.Dataset, "--split", _small.PathOf("split.split.json"), "--model", _run.Model("ranked"));
        string other = _small.Split("other", "--train", "2026-01-05,2026-01-06", "--valid", "2026-01-07");
        (int exit, string output, string error) = SmallRuns.Run("check", _small.Dataset, "--split", other, "--model", _run.Model("ranked"));
        Assert.That(exit, Is.EqualTo(1), output + error);
        Assert.That(output + error, Does.Contain("leak: leaked_statistics: ").And.Contain(": its ranks are not those of the training rows"));
    }

    [Test]
    public void Far_values_are_counted_by_feature_and_by_row()
    {
        TrainingData data = InMemoryRows.Make(1);
        float[] features = InMemoryRows.Features(data);
        int[] train = [.. Enumerable.Range(0, 400)], test = [.. Enumerable.Range(400, 100)];
        void Set(int row, int feature, float value) => features[(row * InMemoryRows.Columns) + feature] = value;
        Set(5, 0, 1e6f);
        Set(403, 0, 2e6f);
        Set(404, 0, 9e5f);
        Set(403, 3, 1.001f);
        Set(406, 3, 0.5f);
        Set(407, 2, float.NaN);
        Set(408, 2, float.PositiveInfinity);
        Set(409, 2, 8);
        Set(410, 2, -1e3f);
        PartStatistics statistics = PartStatistics.FitOn(data, train);
        int[] counts = FarRows.Count(data, train, test, statistics, out int rows);

        // Within the range of an outlier of training, eight deviations out, missing: none of these is far.
        Assert.That((counts[0], counts[2], counts[3], rows), Is.EqualTo((1, 1, 2, 3)));
        Assert.That(FarRows.Warning(data, train, test, "test", statistics), Does.StartWith("3 of the 100 test rows lie far beyond").And.Contain(" deviations from its mean: ").And.Contain(" (2), "));
        Assert.That(FarRows.Warning(data, train, [.. Enumerable.Range(420, 20)], "test", statistics), Is.Null);
    }

    // A feature that hardly moves in training and does in the test: what a z-score without a bound makes of it.
    [Test]
    public void A_feature_that_moves_only_in_the_test_is_named_and_ruins_only_what_has_no_bound()
    {
        using var small = new SmallRuns(messages: 2_500);
        foreach (string day in new[] { "2026-01-05", "2026-01-06", "2026-01-07" })
        {
            PlantedDay.ChangeFeatures(Path.Combine(small.Dataset, day + ".h5"), (features, columns) =>
            {
                var random = new SeededRandom((ulong)day[^1]);
                for (int at = 0; at < features.Length; at += columns)
                {
                    features[at] = 1 + (float)((day[^1] == '7' ? 1 : 1e-4) * random.NextNormal());
                }
            }, fixesHash: false);
        }

        RunFolder run = small.Train(small.Config("far", Models + ", \"unchecked\": [\"changed_data\"]"), "far");
        RunReport report = RunReports.Make(run);
        string name = ModelArtefact.Load(run.Model("zero")).Contract.Features[0].Name;
        Assert.That(report.Warnings, Has.Some.Contains("test rows lie far beyond what training saw").And.Some.Contains($"deviations from its mean: {name} ("));
        double R2(string model) => report.Models.Single(m => m.Name == model).Parts.Single(p => p.Name == "test").Scores.R2;
        TestContext.Out.WriteLine($"R² on the test: free {R2("free")}, clipped {R2("clipped")}, ranked {R2("ranked")}, window {R2("window")}");
        Assert.That(R2("free"), Is.LessThan(-10));
        Assert.That((R2("clipped"), R2("ranked")), Is.EqualTo((0.0, 0.0)).Within(2.0));
    }

    private static float[] Normal(Normaliser normaliser, ReadOnlySpan<float> row)
    {
        var normal = new float[normaliser.Count];
        _ = normaliser.Apply(row, normal);
        return normal;
    }
}
