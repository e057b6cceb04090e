using System.Text;
using System.Text.Json;
using Engine.Core.Numerics;
using Engine.TestKit;
using Engine.Training.Evaluation;
using Engine.Training.Reports;

namespace Engine.Training.Tests.Reports;

/// <summary>The report as JSON, and as a page in a real browser.</summary>
public sealed class ReportTests
{
    [Test]
    public void Json_holds_what_the_report_does_and_null_for_what_is_not_a_number()
    {
        using var json = JsonDocument.Parse(ReportJson.Write(Sample("A </script><b> title")));
        JsonElement model = json.RootElement.GetProperty("models")[0];
        Assert.Multiple(() =>
        {
            Assert.That(json.RootElement.GetProperty("title").GetString(), Is.EqualTo("A </script><b> title"));
            Assert.That(json.RootElement.GetProperty("origin").GetProperty("contract").GetString(), Is.EqualTo("8713"));
            Assert.That(model.GetProperty("diagnosis").GetProperty("verdict").GetString(), Is.EqualTo("signal"));
            Assert.That(model.GetProperty("parts")[0].GetProperty("log_loss").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(model.GetProperty("history").GetArrayLength(), Is.EqualTo(5));
            Assert.That(json.RootElement.GetProperty("labels").GetProperty("counts").EnumerateArray().Sum(c => c.GetInt64()), Is.EqualTo(2_000));
        });
    }

    [Test]
    public async Task Every_chart_of_the_page_is_drawn_in_a_browser()
    {
        if (HeadlessBrowser.Find() is null)
        {
            Assert.Ignore("no browser: apt-get install chromium");
        }

        string chart = ReportPage.FindChart() ?? throw new AssertionException("no chart library: run build/provision-chart.sh .");
        string path = Path.Combine(Directory.CreateTempSubdirectory("engine-report-").FullName, "report.html");
        await File.WriteAllTextAsync(path, ReportPage.Write(Sample("A </script><b> title"), await File.ReadAllTextAsync(chart)), Encoding.UTF8);
        using HeadlessBrowser browser = await HeadlessBrowser.OpenAsync(path, "document.body && document.body.dataset.ready");

        // How many pixels of a canvas are not empty, and how many colours they have.
        JsonElement drawn = await browser.EvaluateAsync("""
            [...document.querySelectorAll('canvas')].map(c => {
              const pixels = new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer);
              return [c.dataset.chart, pixels.filter(p => p !== 0).length, new Set(pixels).size];
            })
            """);
        JsonElement outside = await browser.EvaluateAsync("performance.getEntriesByType('resource').map(e => e.name)");
        JsonElement text = await browser.EvaluateAsync("document.body.innerText");
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        Assert.Multiple(() =>
        {
            Assert.That(browser.Faults, Is.Empty);
            Assert.That(outside.GetArrayLength(), Is.Zero, $"the page asks for {outside}");
            Assert.That(drawn.GetArrayLength(), Is.EqualTo(2 + 4 + 1), "two of the run, four of the trained model, one of the baseline");
            foreach (JsonElement canvas in drawn.EnumerateArray())
            {
                Assert.That(canvas[1].GetInt32(), Is.GreaterThan(2_000), $"{canvas[0]} is empty");
                Assert.That(canvas[2].GetInt32(), Is.GreaterThan(4), $"{canvas[0]} has no lines");
            }

            Assert.That(text.GetString(), Does.Contain("A </script><b> title").And.Contain("too short to conclude: these are test data").And.Contain("says the same for every row"));
        });
    }

    private static RunReport Sample(string title)
    {
        var random = new SeededRandom(4);
        float[] labels = [.. Enumerable.Range(0, 2_000).Select(_ => (float)random.NextNormal())];
        float[] predictions = [.. labels.Select(y => (0.3f * y) + (0.3f * (float)random.NextNormal()))];
        return new RunReport
        {
            Title = title,
            Origin = [("data set", "abcd"), ("contract", "8713")],
            Warnings = ["too short to conclude: these are test data"],
            Labels = Distribution.Of(labels, 40),
            Models =
            [
                Model("silo", predictions, labels) with
                {
                    History = [.. Enumerable.Range(1, 5).Select(i => new EpochPoint(i, 1.0 / i, 1.2 / i, 1e-3))],
                    Regimes = [("09:30", Scores.Of(Score(predictions, labels), 0, isClassification: false))],
                    Importance = [new FamilyImportance("queue_imbalance", 0.9, 0.2), new FamilyImportance("health", 0.7, 0)],
                },
                Model("mean", [.. labels.Select(_ => 0.1f)], labels),
            ],
        };
    }

    private static ModelReport Model(string name, float[] predictions, float[] labels)
    {
        Scored scored = Score(predictions, labels);
        Scores scores = Scores.Of(scored, 0, isClassification: false);
        return new ModelReport
        {
            Name = name,
            Kind = name,
            Parameters = 10,
            IsClassification = false,
            Parts = [("test", scores)],
            Diagnosis = Diagnosis.Of(scored, scores, 0.05, 1),
            Quantiles = QuantileTable.Of(scored, 10),
            Thresholds = ThresholdCounts.Of(scored, 0, [0.1, 0.5]),
        };
    }

    private static Scored Score(float[] predictions, float[] labels)
    {
        long[] times = [.. labels.Select((_, i) => i * 1_000_000_000L)];
        return new Scored(predictions, labels, times, times, new int[labels.Length]);
    }
}
