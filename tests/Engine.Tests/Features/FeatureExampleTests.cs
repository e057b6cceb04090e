using Engine.Core.Events;
using Engine.Features;
using Engine.TestKit.Features;
using Engine.Tests.Features.Examples;

namespace Engine.Tests.Features;

/// <summary>The examples that were worked out by hand, against the definitions written as code and against the pipeline.</summary>
public sealed class FeatureExampleTests
{
    private static IEnumerable<TestCaseData> Examples() =>
        ((FeatureExample[])[.. FlowExamples.All(), .. PriceExamples.All(), .. OrderExamples.All(), .. StateExamples.All()])
            .Select(e => new TestCaseData(e).SetArgDisplayNames(e.ToString()));

    [TestCaseSource(nameof(Examples))]
    public void The_definitions_give_what_was_worked_out(object example)
    {
        var of = (FeatureExample)example;
        var run = new NaiveRun(Pipelines.Limits, Pipelines.Rule(of.Sampling));
        AssertRows(of, e => [.. run.OnEvent(e).Select(row => (row.Time, (Func<string, double>)(name => row.Columns[name])))]);
    }

    [TestCaseSource(nameof(Examples))]
    public void The_pipeline_gives_what_was_worked_out(object example)
    {
        var of = (FeatureExample)example;
        using Pipeline<RowCollector> pipeline = Pipelines.Collecting("default", of.Sampling);
        using var set = FeatureSet.Create("default", Pipelines.Rule(of.Sampling), Pipelines.Limits);
        AssertRows(of, e =>
        {
            pipeline.Rows.Rows.Clear();
            pipeline.OnEvent(ref e);
            return [.. pipeline.Rows.Rows.Select(row => (row.Stamp.Time, (Func<string, double>)(name => row.Values[IndexOf(set.Contract, name)])))];
        });
    }

    [Test]
    public void The_examples_tell_of_every_family()
    {
        string[] told = [.. Examples().SelectMany(e => ((FeatureExample)e.Arguments[0]!).Steps).SelectMany(s => s.Rows).SelectMany(r => r.Columns).Select(c => c.Column)];
        Assert.That(NaiveContract.Default.GroupBy(f => f.Family).Where(family => !family.Any(f => told.Contains(f.Name))).Select(family => family.Key), Is.Empty);
    }

    [Test]
    public void The_default_contract_is_that_of_the_definitions()
    {
        using var set = FeatureSet.Create("default", Sampling.EveryEvent, Pipelines.Limits);
        Assert.That(NaiveContract.Default, Has.Count.EqualTo(142));
        Assert.That(set.Contract.Features.ToArray(), Is.EqualTo(NaiveContract.Default));
    }

    /// <summary>The definitions hold for any window and level, not for those of a contract only.</summary>
    [Test]
    public void The_definitions_answer_for_other_windows_and_levels()
    {
        FeatureSpec[] columns =
        [
            NaiveContract.Window("bid_added_liquidity_level7", "bid_added_liquidity", 0.002, "shares"),
            NaiveContract.Window("order_flow_imbalance_level7", "order_flow_imbalance", 3_600, "shares"),
            NaiveContract.Window("return", "return", 0.001, "bps"),
            new("bid_volume_level7", "bid_volume", 0, "shares"),
        ];
        var run = new NaiveRun(Pipelines.Limits, Sampling.EveryEvent, columns);
        var example = new FeatureExample("eight bids");
        for (int i = 0; i < 8; i++)
        {
            example.Add(0, (ulong)(1 + i), Side.Buy, 100 - i, 10 + i);
        }

        example.Then((columns[0].Name, 17), (columns[1].Name, 17), (columns[2].Name, double.NaN), (columns[3].Name, 17))
            .Tick(0.001_999_999m).Then((columns[0].Name, 17))
            .Tick(0.002m).Then((columns[0].Name, 0), (columns[1].Name, 17));
        AssertRows(example, e => [.. run.OnEvent(e).Select(row => (row.Time, (Func<string, double>)(name => row.Columns[name])))]);
    }

    private static void AssertRows(FeatureExample example, Func<MarketEvent, List<(long Time, Func<string, double> Column)>> apply)
    {
        Assert.That(example.Steps.Sum(s => s.Rows.Count), Is.Positive, "something is expected");
        Assert.Multiple(() =>
        {
            foreach (FeatureExample.Step step in example.Steps)
            {
                List<(long Time, Func<string, double> Column)> rows = apply(step.Event);
                foreach ((long? time, (string Column, double Value)[] columns) in step.Rows)
                {
                    string where = $"{step.Event.Kind} at {(step.Event.ExchangeTime - FeatureExample.Moment) / 1e9} s";
                    var of = rows.Where(r => time is null || r.Time == time).ToList();
                    Assert.That(of, Has.Count.EqualTo(1), where);
                    foreach ((string column, double value) in of.Count == 1 ? columns : [])
                    {
                        Assert.That(of[0].Column(column), double.IsNaN(value) ? Is.NaN : Is.EqualTo(value).Within(1e-9 + (1e-6 * Math.Abs(value))), $"{where}: {column}");
                    }
                }
            }
        });
    }

    private static int IndexOf(FeatureContract contract, string name)
    {
        int index = contract.IndexOf(name);
        Assert.That(index, Is.Not.Negative, $"the contract has a column {name}");
        return index;
    }
}
