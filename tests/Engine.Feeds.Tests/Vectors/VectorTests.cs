using Engine.Core.Events;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests.Vectors;

/// <summary>Packets written by hand from the publishers' specifications, and the events they must become.</summary>
public class VectorTests
{
    private static readonly string[] s_files = ["xdp.txt", "iex-deep.txt"];

    public static IEnumerable<TestCaseData> Cases() =>
        from file in s_files
        from one in VectorCase.Load(Path.Combine(TestContext.CurrentContext.TestDirectory, "Vectors", file))
        select new TestCaseData(one).SetArgDisplayNames(file, one.Name);

    [TestCaseSource(nameof(Cases))]
    public void A_capture_by_hand_becomes_its_events(object given)
    {
        var vector = (VectorCase)given;
        FeedOptions options = Feed.Options() with { Venue = vector.Venue switch { "xdp" => Venue.Xdp, "iex-deep" => Venue.IexDeep, _ => Venue.None } };
        string path = Feed.File("vector", vector.Capture);
        if (vector.Refused is not null)
        {
            CaptureException refused = Assert.Throws<CaptureException>(() => CaptureSource.Open([path], options))!;
            Assert.That(refused.Message, Does.Contain(vector.Refused));
            return;
        }

        using MarketDataSource source = CaptureSource.Open([path], options);
        List<VectorRow> rows = Read(source);
        List<string> wrong = [.. Compare(vector.Steps, rows), .. Count(vector, source.Statistics)];
        Assert.That(wrong, Is.Empty, string.Join('\n', rows.Select(row => $"{string.Join(',', row.Columns)} [{row.Flags}]")));
        Assert.That(vector.Steps.Count(step => step.Mark == ">") + vector.Counters.Count, Is.Positive, "a case that asks nothing");
    }

    /// <summary>One event at a time: an instrument that a later message of the packet names has no name before.</summary>
    private static List<VectorRow> Read(MarketDataSource source)
    {
        MarketEvent[] buffer = new MarketEvent[1];
        List<VectorRow> rows = [];
        int count;
        while ((count = source.Read(buffer)) >= 0)
        {
            if (count == 1)
            {
                rows.Add(VectorRow.Of(source, buffer[0], 0));
            }
        }

        return rows;
    }

    private static IEnumerable<string> Compare(List<VectorStep> steps, List<VectorRow> rows)
    {
        int at = 0;
        for (int i = 0; i < steps.Count; i++)
        {
            VectorStep step = steps[i];
            if (step.Mark == ">")
            {
                string difference = at < rows.Count ? rows[at].Differences(step.Words) : $"is missing: {string.Join(',', step.Words)}";
                at++;
                if (difference.Length != 0)
                {
                    yield return $"event {at}: {difference}";
                }

                continue;
            }

            string[]? next = i + 1 < steps.Count ? steps[i + 1].Words : null;
            string[] kinds = step.Mark == "+" ? [.. step.Words, "status"] : step.Words;
            bool seen = false;
            while (at < rows.Count && kinds.Contains(rows[at].Kind) && (next is null || rows[at].Differences(next).Length != 0))
            {
                seen |= step.Words.Contains(rows[at++].Kind);
            }

            if (step.Mark == "+" && !seen)
            {
                yield return $"behind event {at}: no {string.Join(' ', step.Words)}";
            }
        }

        foreach (VectorRow more in rows.Skip(at))
        {
            yield return $"too much: {string.Join(',', more.Columns)}";
        }
    }

    private static IEnumerable<string> Count(VectorCase vector, FeedStatistics statistics)
    {
        Dictionary<string, long> actual = statistics.Irregularities().ToDictionary();
        foreach ((string name, long count) in actual)
        {
            if (!vector.Counters.ContainsKey(name))
            {
                yield return $"{name} {count} instead of none";
            }
        }

        actual["packets"] = statistics.Packets;
        actual["messages"] = statistics.Messages;
        actual["heartbeats"] = statistics.Heartbeats;
        foreach ((string name, string expected) in vector.Counters)
        {
            string count = $"{actual.GetValueOrDefault(name)}";
            if (expected != "?" && expected != count)
            {
                yield return $"{name} {count} instead of {expected}";
            }
        }
    }
}
