using System.Text;
using Engine.Training.Losses;
using Engine.Training.Runs;

namespace Engine.Training.Tests.Runs;

public class RunPlanTests
{
    private const string Head = """
        "dataset": "days", "label": "return_1s", "split": "split.json"
        """;

    [Test]
    public void The_ladder_comes_first_and_a_named_rung_takes_its_place()
    {
        RunPlan plan = Parse($$"""{ {{Head}}, /* a remark */ "models": [{"name": "deep", "kind": "silo"}, {"name": "linear", "kind": "linear", "epochs": 3},] }""");
        Assert.That(plan.Models.Select(m => m.Name), Is.EqualTo(new[] { "zero", "mean", "last_value", "linear", "deep" }));
        Assert.That(plan.Models[3].Training.Epochs, Is.EqualTo(3));
        Assert.That((plan.Level, plan.Seed, plan.Title), Is.EqualTo((0.05, 1UL, "return_1s")));
        Assert.That(plan.Models[4].Hidden, Is.EqualTo(new[] { 10, 10 }));
    }

    [Test]
    public void What_is_resolved_reads_back_as_the_same_plan()
    {
        RunPlan plan = Parse($$"""
            { {{Head}}, "seed": 9, "level": 0.01, "class_above": 0.0001, "unchecked": ["span_overlap"], "importance_rows": 100,
              "models": [
                {"name": "a", "kind": "lstm", "steps": 7, "units": 5, "families": ["imbalance"], "batch_norm": false, "dropout": 0.25, "hidden": [4], "batch_size": 17,
                 "optimiser": {"clip_norm": 1.5, "weight_decay": 0.001}, "learning_rate": {"schedule": "cosine", "rate": 0.02, "warm_up_steps": 10},
                 "loss": {"balanced": true} },
                {"name": "b", "kind": "trees", "depth": 2, "loss": {"kind": "binary_cross_entropy", "positive_weight": 3} },
                {"name": "c", "kind": "mlp", "loss": {"kind": "huber", "delta": 0.5}, "scale_label": false},
                {"name": "d", "kind": "logistic", "clip": 0}, {"name": "r", "kind": "silo", "normaliser": "rank_gauss"}, {"name": "s", "kind": "mlp", "normaliser": "z_score", "clip": 5.5}
              ],
              "ensembles": [{"name": "e", "members": ["a", "b"], "fusion": "logistic"}] }
            """);
        byte[] text = plan.ToJson();
        RunPlan again = RunPlanReader.Parse(text, "again");
        Assert.That(Encoding.UTF8.GetString(again.ToJson()), Is.EqualTo(Encoding.UTF8.GetString(text)));
        Assert.That(again.Hash, Is.EqualTo(plan.Hash));
        ModelPlan lstm = again.Models.Single(m => m.Name == "a");
        Assert.That((lstm.Steps, lstm.Units, lstm.HasBatchNorm, lstm.BalancesClasses, lstm.Training.Step.Optimiser.ClipNorm), Is.EqualTo((7, 5, false, true, 1.5)));
        Assert.That((lstm.Training.Rate.Rate, lstm.Training.Rate.WarmUpSteps, lstm.Training.Step.Seed), Is.EqualTo((0.02, 10, 9UL)));
        Assert.That((again.Models.Single(m => m.Name == "b").Loss.PositiveWeight, again.Models.Single(m => m.Name == "c").Loss.Delta), Is.EqualTo((3f, 0.5f)));
        Assert.That(again.Models.Where(m => m.IsNetwork).Select(m => (m.Name, m.Normaliser.Kind, m.Normaliser.Clip)), Is.EqualTo(new[]
        {
            ("linear", NormaliserKind.ZScore, 10), ("a", NormaliserKind.ZScore, 10), ("c", NormaliserKind.ZScore, 10), ("d", NormaliserKind.ZScore, double.PositiveInfinity),
            ("r", NormaliserKind.RankGauss, double.PositiveInfinity), ("s", NormaliserKind.ZScore, 5.5),
        }));
        Assert.That(again.Models.Single(m => m.Name == "d").Loss.Kind, Is.EqualTo(LossKind.BinaryCrossEntropy));
        Assert.That(Parse($$"""{ {{Head}} }""").Hash, Is.Not.EqualTo(Parse($$"""{ {{Head}}, "seed": 2 }""").Hash));
    }

    [TestCase("""{ @, "modles": [] }""", "modles is not known; did you mean models?")]
    [TestCase("""{ "datset": "days" }""", "label is missing")]
    [TestCase("""{ "label": "a", "datset": "days" }""", "datset is not known; did you mean dataset?")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "mpl"}] }""", "models[0].kind is 'mpl'; did you mean mlp?")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "mlp", "hiden": [3]}] }""", "models[0].hiden is not known; did you mean hidden?")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "mlp", "units": 3}] }""", "models[0].units is not known")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "trees", "epochs": 3}] }""", "models[0].epochs is not known; known are name, kind, loss, rounds")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "silo", "learning_rate": {"rte": 1}}] }""", "models[0].learning_rate.rte is not known; did you mean rate?")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "silo", "optimiser": {"beta1": 2}}] }""", "Adam with β 2")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "silo", "loss": {"kind": "binary_cross_entropy"}}] }""", "say by class_above")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "silo", "normaliser": "min_max"}] }""", "normaliser is 'min_max'")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "silo", "normaliser": "rankgauss"}] }""", "normaliser is 'rankgauss'; did you mean rank_gauss?")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "silo", "clip": -1}] }""", "models[0].clip must be a number of deviations")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "silo", "clip": 0.5}] }""", "models[0].clip must be a number of deviations")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "silo", "normaliser": "rank_gauss", "clip": 5}] }""", "models[0].clip is not known")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "logistic"}] }""", "say which by class_above")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "mlp"}, {"name": "M", "kind": "silo"}] }""", "two of the name 'm'")]
    [TestCase("""{ @, "models": [{"name": "mean", "kind": "mlp"}] }""", "is a rung of the ladder")]
    [TestCase("""{ @, "models": [{"name": "../m", "kind": "mlp"}] }""", "letters, digits")]
    [TestCase("""{ @, "models": [{"kind": "mlp"}] }""", "models[0].name is missing")]
    [TestCase("""{ @, "models": [{"name": "m", "kind": "mlp", "hidden": [0]}] }""", "whole numbers from 1")]
    [TestCase("""{ @, "ensembles": [{"name": "e", "members": ["linear", "none"]}] }""", "names the member 'none'")]
    [TestCase("""{ @, "ensembles": [{"name": "e", "members": ["linear", "mean"]}] }""", "a constant adds nothing")]
    [TestCase("""{ @, "ensembles": [{"name": "e", "members": ["linear"]}] }""", "2 to 64 different names")]
    [TestCase("""{ @, "level": 1 }""", "level must lie between 0 and 1")]
    [TestCase("""{ @, "unchecked": ["overlap"] }""", "names 'overlap'; known are span_overlap")]
    [TestCase("""{ @, "seed": -1 }""", "seed must be a whole number in 0 to")]
    [TestCase("""{ @, "seed": 1, "seed": 2 }""", "seed is there twice")]
    [TestCase("""{ @, "models": {} }""", "models must be a list of objects")]
    [TestCase("[]", "the file must be an object")]
    [TestCase("{ \"label\": ", "is not JSON at line 1")]
    public void What_cannot_be_is_refused_by_name(string text, string expected)
    {
        var e = Assert.Throws<RunException>(() => Parse(text.Replace("@", Head, StringComparison.Ordinal)))!;
        Assert.That(e.Message, Does.StartWith("run.json: ").And.Contain(expected));
        Assert.That((e.IsData, e.Message.Contains('\n', StringComparison.Ordinal)), Is.EqualTo((false, false)));
    }

    private static RunPlan Parse(string text) => RunPlanReader.Parse(Encoding.UTF8.GetBytes(text), "run.json");
}
