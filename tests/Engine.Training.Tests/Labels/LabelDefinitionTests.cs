using Engine.Training.Datasets;
using Engine.Training.Labels;

namespace Engine.Training.Tests.Labels;

public class LabelDefinitionTests
{
    [TestCase("60s", 60_000_000_000L, 0, "60s")]
    [TestCase("5m", 300_000_000_000L, 0, "300s")]
    [TestCase("250ms", 250_000_000L, 0, "250ms")]
    [TestCase("90s", 90_000_000_000L, 0, "90s")]
    [TestCase("1h", 3_600_000_000_000L, 0, "3600s")]
    [TestCase("7us", 7_000L, 0, "7us")]
    [TestCase("168h", 604_800_000_000_000L, 0, "604800s")]
    [TestCase("500events", 0L, 500, "500events")]
    public void Reads_horizons(string text, long nanos, int events, string shortest)
    {
        Assert.That(LabelHorizon.TryParse(text, out LabelHorizon horizon));
        Assert.That(horizon, Is.EqualTo(new LabelHorizon(nanos, events)));
        Assert.That(horizon.ToString(), Is.EqualTo(shortest));
    }

    [TestCase("")]
    [TestCase("s")]
    [TestCase("0s")]
    [TestCase("-1s")]
    [TestCase("60")]
    [TestCase("60 s")]
    [TestCase("1.5s")]
    [TestCase("169h")]
    [TestCase("9223372036854775807h")]
    [TestCase("100000001events")]
    [TestCase("99999999999999999999s")]
    public void Refuses_what_is_no_horizon(string text) => Assert.That(LabelHorizon.TryParse(text, out _), Is.False);

    [Test]
    public void A_definition_comes_back_from_its_text_and_its_hash_follows_every_part()
    {
        var definition = new LabelDefinition { Kind = LabelKind.TripleBarrier, Horizon = new LabelHorizon(5, 0), Up = 0.001, Down = 0.002 };
        Assert.That(LabelDefinition.Parse(definition.CanonicalJson), Is.EqualTo(definition));
        LabelDefinition[] others =
        [
            definition, definition with { Up = 0.003 }, definition with { Down = 0.001 }, definition with { Horizon = new LabelHorizon(0, 5) },
            definition with { Kind = LabelKind.Return, Up = 0, Down = 0 }, new() { Kind = LabelKind.Direction, Horizon = new LabelHorizon(5, 0), DeadZone = 0.1 },
            new() { Kind = LabelKind.Move, Horizon = new LabelHorizon(5, 0), DeadZone = 0.1 },
        ];
        Assert.That(others.Select(d => d.Fault()), Is.All.Null);
        Assert.That(others.Select(d => d.Hash).Distinct().Count(), Is.EqualTo(others.Length));
    }

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("""{"kind":"return","horizon":"5ns","horizon_ns":5,"horizon_events":0,"dead_zone":0,"up":0,"down":0,"price":"mid","unit":"ratio","formula_version":2}""")]
    [TestCase("""{"kind":"return","horizon":"9ns","horizon_ns":5,"horizon_events":0,"dead_zone":0,"up":0,"down":0,"price":"mid","unit":"ratio","formula_version":1}""")]
    public void Refuses_what_is_no_definition(string text) =>
        Assert.That(() => LabelDefinition.Parse(text), Throws.TypeOf<DatasetException>().With.Property(nameof(DatasetException.IsData)).True);

    [TestCase("return", 0, 0, 0.1, 0.1, "barriers are for triple_barrier")]
    [TestCase("return", 5, 0.1, 0, 0, "a dead zone is for direction and move")]
    [TestCase("triple_barrier", 5, 0, 0.1, 0, "a triple barrier needs")]
    [TestCase("direction", 5, -0.1, 0, 0, "dead zone -0.1")]
    [TestCase("max_up", 0, 0, 0, 0, "a label needs a horizon")]
    public void Says_what_is_wrong(string kind, long nanos, double deadZone, double up, double down, string expected)
    {
        LabelNames.TryParse(kind, out LabelKind parsed);
        var definition = new LabelDefinition
        {
            Kind = parsed, Horizon = new LabelHorizon(nanos == 0 && up > 0 ? 5 : nanos, 0), DeadZone = deadZone, Up = up, Down = down,
        };
        Assert.That(definition.Fault(), Does.StartWith(expected));
    }

    [TestCase("return_60s", true)]
    [TestCase("a.b-c_1", true)]
    [TestCase("return_end", false)]
    [TestCase("../x", false)]
    [TestCase(".x", false)]
    [TestCase("a b", false)]
    [TestCase("", false)]
    public void Names_fit_into_a_file(string name, bool expected) => Assert.That(LabelDefinition.IsName(name), Is.EqualTo(expected));
}
