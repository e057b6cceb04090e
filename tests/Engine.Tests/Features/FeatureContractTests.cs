using Engine.Core.Memory;
using Engine.Features;
using Engine.Features.Contracts;

namespace Engine.Tests.Features;

/// <summary>The contract's hash moves with anything that a model could notice, and differences are named.</summary>
public sealed class FeatureContractTests
{
    /// <summary>SHA-256 of the default contract. Changing features is meant to change it: models of the old contract are then
    /// refused by name. Put the new hash here together with such a change, never to silence this test.</summary>
    private const string DefaultHash = "87138026f912728a63711eeec0dcd4e3def4a0cfb825eb1c86e59132efe82e00";

    private static readonly FeatureSpec[] s_specs =
    [
        new("a", "one", 0, "bps"),
        new("b", "one", 100, "shares"),
        new("c", "two", 100, "shares"),
    ];

    private static readonly FeatureContract s_contract = new("test", s_specs, "every-event");

    [Test]
    public void The_default_contract_is_pinned()
    {
        using var set = FeatureSet.Create(FeatureSet.DefaultName, Sampling.EveryEvent, new EngineLimits());
        Assert.That(set.Contract.Hash, Is.EqualTo(DefaultHash), set.Contract.CanonicalText);
    }

    [Test]
    public void Every_named_contract_has_unique_columns_and_the_snapshot_no_window()
    {
        foreach (string name in ContractDefinition.Names)
        {
            using var set = FeatureSet.Create(name, Sampling.EveryEvent, new EngineLimits());
            FeatureSpec[] specs = set.Contract.Features.ToArray();
            Assert.That(specs.Select(s => s.Name), Is.Unique);
            Assert.That(specs.Count(s => s.WindowNanos > 0), name == FeatureSet.SnapshotName ? Is.Zero : Is.Positive);
            Assert.That(specs.Select(s => set.Contract.IndexOf(s.Name)), Is.EqualTo(Enumerable.Range(0, specs.Length)));
        }

        Assert.That(() => FeatureSet.Create("defalt", Sampling.EveryEvent, new EngineLimits()), Throws.InstanceOf<ContractException>().With.Message.Contains("default, small, bitmex, snapshot"));
    }

    [Test]
    public void Anything_changed_changes_the_hash()
    {
        FeatureContract[] others =
        [
            new("test2", s_specs, "every-event"),
            new("test", s_specs, "every-2"),
            new("test", [s_specs[1], s_specs[0], s_specs[2]], "every-event"),
            new("test", s_specs[..2], "every-event"),
            new("test", [.. s_specs, new FeatureSpec("d", "two", 100, "shares")], "every-event"),
            With(s_specs[1] with { Name = "b2" }),
            With(s_specs[1] with { Family = "two" }),
            With(s_specs[1] with { WindowNanos = 101 }),
            With(s_specs[1] with { Unit = "lots" }),
        ];
        Assert.That(others.Select(o => o.Hash).Append(s_contract.Hash), Is.Unique);
        Assert.That(others.Select(o => s_contract.FirstDifference(o)), Is.All.Not.Null);
        var same = new FeatureContract("test", s_specs.Select(s => s with { }), "every-event");
        Assert.That(same.Hash, Is.EqualTo(s_contract.Hash).And.Match("^[0-9a-f]{64}$"));
        Assert.That(s_contract.FirstDifference(same), Is.Null);
    }

    [Test]
    public void The_first_difference_is_named()
    {
        string? Difference(params FeatureSpec[] specs) => s_contract.FirstDifference(new FeatureContract("test", specs, "every-event"));
        Assert.Multiple(() =>
        {
            Assert.That(Difference(s_specs[0], s_specs[1] with { Name = "x" }, s_specs[2]), Does.StartWith("feature 1: 'b' ").And.Contains("here, 'x' ").And.EndsWith("there"));
            Assert.That(Difference(s_specs[0], s_specs[2], s_specs[1]), Does.StartWith("feature 1: 'b' ").And.Contains("'c' "));
            Assert.That(Difference(s_specs[0], s_specs[1] with { WindowNanos = 7 }, s_specs[2]), Does.Contain("window 100 ns").And.Contains("window 7 ns"));
            Assert.That(Difference(s_specs[..2]), Is.EqualTo("feature 2: 'c' only here (3 features here, 2 there)"));
            Assert.That(Difference([.. s_specs, new("d", "two", 0, "u")]), Is.EqualTo("feature 3: 'd' only there (3 features here, 4 there)"));
            Assert.That(s_contract.FirstDifference(new("test", s_specs, "grid-5")), Is.EqualTo("sampling: 'every-event' here, 'grid-5' there"));
            Assert.That(s_contract.FirstDifference(new("other", s_specs, "every-event")), Is.EqualTo("contract name: 'test' here, 'other' there"));
        });
    }

    [TestCase("")]
    [TestCase("a b")]
    [TestCase("a|b")]
    [TestCase("a,b")]
    [TestCase("a\nb")]
    public void A_name_that_would_break_a_text_is_refused(string name) =>
        Assert.That(() => With(s_specs[1] with { Name = name }), Throws.ArgumentException.With.Message.Contains($"'{name}'"));

    [Test]
    public void A_name_that_occurs_twice_and_an_empty_contract_are_refused()
    {
        Assert.That(() => With(s_specs[1] with { Name = "a" }), Throws.ArgumentException.With.Message.Contains("'a' occurs twice"));
        Assert.That(() => new FeatureContract("test", [], "every-event"), Throws.ArgumentException);
    }

    /// <summary>The canonical text separates by `|` and line ends: a part that has one could stand for another contract.</summary>
    [Test]
    public void No_part_can_forge_another_contract()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => With(s_specs[1] with { Family = "one|5" }), Throws.ArgumentException);
            Assert.That(() => With(s_specs[1] with { Unit = "shares\nd|two|0|u" }), Throws.ArgumentException);
            Assert.That(() => new FeatureContract("test|x", s_specs, "every-event"), Throws.ArgumentException);
            Assert.That(() => new FeatureContract("test", s_specs, "every|event"), Throws.ArgumentException);
        });
    }

    private static FeatureContract With(FeatureSpec second) => new("test", [s_specs[0], second, s_specs[2]], "every-event");
}
