using System.Globalization;
using System.Text.RegularExpressions;
using Engine.Core.Diagnostics;
using Engine.Core.Numerics;

namespace Engine.Core.Tests.Diagnostics;

/// <summary>The percentile text, read back.</summary>
public class HgrmTextTests
{
    [Test]
    public void The_text_parses_and_its_totals_agree([Values(1, 1000)] double scale)
    {
        LatencyHistogram histogram = new();
        SeededRandom random = new(3);
        for (int i = 0; i < 20_000; i++)
        {
            histogram.Record((long)(random.NextUInt64() >> random.Next(40, 60)));
        }

        string[] lines = Write(histogram, scale).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Is.EqualTo(new[] { "Value", "Percentile", "TotalCount", "1/(1-Percentile)" }));
        double[][] rows = [.. lines.Skip(1).Where(line => line[0] != '#').Select(Numbers)];
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.That(rows[i], Has.Length.EqualTo(i == rows.Length - 1 ? 3 : 4), lines[i + 1]);
            Assert.That(rows[i][0] * scale, Is.EqualTo((double)histogram.ValueAtPercentile(rows[i][1] * 100)).Within(0.001 * scale));
            if (i > 0)
            {
                Assert.That(rows[i][0], Is.GreaterThanOrEqualTo(rows[i - 1][0]));
                Assert.That(rows[i][1], Is.GreaterThan(rows[i - 1][1]));
                Assert.That(rows[i][2], Is.GreaterThanOrEqualTo(rows[i - 1][2]));
            }
        }

        Assert.That(rows[^1], Is.EqualTo(new[] { rows[^1][0], 1.0, histogram.Count }));
        Assert.That(rows, Has.Length.GreaterThan(50));
        Assert.That(Total(lines, "Total count"), Is.EqualTo(histogram.Count));
        Assert.That(Total(lines, "Max"), Is.EqualTo(histogram.Max / scale).Within(0.001));
        Assert.That(Total(lines, "Mean"), Is.EqualTo(histogram.Mean / scale).Within(0.001));
        Assert.That(Total(lines, "StdDeviation"), Is.EqualTo(histogram.StandardDeviation / scale).Within(0.001));
        Assert.That(Total(lines, "SubBuckets"), Is.EqualTo(2048));
    }

    [Test]
    public void One_value_gives_one_row()
    {
        LatencyHistogram histogram = new();
        histogram.Record(1234);
        string[] rows = [.. Write(histogram, 1).Split('\n').Where(line => line.StartsWith(' ') && char.IsAsciiDigit(line[^1]))];
        Assert.That(rows, Is.EqualTo(new[] { "    1234.000 1.000000000000          1" }));
    }

    [Test]
    public void An_empty_histogram_gives_totals_only()
    {
        string text = Write(new LatencyHistogram(), 1);
        Assert.That(text.Split('\n').Count(line => line.StartsWith('#')), Is.EqualTo(3));
        Assert.That(() => Write(new LatencyHistogram(), 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static string Write(LatencyHistogram histogram, double scale)
    {
        using StringWriter writer = new(CultureInfo.InvariantCulture);
        histogram.WriteHgrm(writer, scale);
        return writer.ToString();
    }

    private static double[] Numbers(string line) =>
        [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => double.Parse(word, CultureInfo.InvariantCulture))];

    private static double Total(string[] lines, string name)
    {
        Match match = Regex.Match(string.Join('\n', lines), $@"[\[ ]{name}\s*=\s*([0-9.]+)");
        return double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }
}
