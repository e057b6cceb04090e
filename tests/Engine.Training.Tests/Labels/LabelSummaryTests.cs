using System.Text.Json;
using Engine.Core.Numerics;
using Engine.Training.Labels;

namespace Engine.Training.Tests.Labels;

public class LabelSummaryTests
{
    [Test]
    public void Says_what_sorting_says()
    {
        var random = new SeededRandom(7);
        var summary = new LabelSummary(LabelKind.Return);
        float[] values = [.. Enumerable.Range(0, 2_001).Select(_ => (float)(0.0005 * random.NextNormal()))];
        foreach (float value in values)
        {
            summary.Add(value, MissingCause.None);
        }

        summary.Add(float.NaN, MissingCause.Distrust);
        float[] sorted = [.. values.Order()];
        Assert.That(summary.Quantile(0.5), Is.EqualTo(sorted[1_000]));
        Assert.That(summary.Quantile(0.99), Is.EqualTo(sorted[1_980]));
        Assert.That((summary.Min, summary.Max, summary.Rows, summary.Labelled), Is.EqualTo((sorted[0], sorted[^1], 2_002L, 2_001L)));
        Assert.That(summary.Mean, Is.EqualTo(values.Average(v => (double)v)).Within(1e-12));
        Assert.That(summary.Deviation, Is.EqualTo(Math.Sqrt(values.Average(v => Math.Pow(v - summary.Mean, 2)))).Within(1e-12));
        Assert.That(summary.ShareBeyond(Array.IndexOf(LabelSummary.Thresholds, 10)), Is.EqualTo(values.Count(v => Math.Abs(v) * 1e4 > 10) / 2_001.0));
        Assert.That(summary.Positive + summary.Negative, Is.EqualTo(values.Count(v => v != 0)));
    }

    [Test]
    public void Counts_classes_and_causes_and_writes_them()
    {
        var summary = new LabelSummary(LabelKind.Direction);
        foreach (float value in (float[])[1, 1, 1, 0, -1])
        {
            summary.Add(value, MissingCause.None);
        }

        summary.Add(float.NaN, MissingCause.EndOfData);
        using var text = new StringWriter();
        summary.WriteText(text, "direction_1s");
        Assert.That(text.ToString(), Does.Contain("end_of_data 1").And.Contain("-1 1 (20.00 %)").And.Contain("1 3 (60.00 %)"));
        using JsonDocument json = JsonDocument.Parse(summary.ToJson());
        Assert.That(json.RootElement.GetProperty("missing").GetProperty("end_of_data").GetInt64(), Is.EqualTo(1));
        Assert.That(json.RootElement.GetProperty("labelled").GetInt64(), Is.EqualTo(5));
    }

    [Test]
    public void Without_labels_there_is_nothing_to_say_and_it_says_so()
    {
        var summary = new LabelSummary(LabelKind.Return);
        summary.Add(float.NaN, MissingCause.OwnBook);
        using var text = new StringWriter();
        summary.WriteText(text, "x");
        Assert.That(text.ToString(), Does.Contain("1 rows, 0 labelled").And.Contain("own_book 1"));
        using JsonDocument json = JsonDocument.Parse(summary.ToJson());
        Assert.That(json.RootElement.GetProperty("mean").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }
}
