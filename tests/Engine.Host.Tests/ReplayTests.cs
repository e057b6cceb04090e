using System.Globalization;
using System.Text.Json;
using Engine.Host.Tests.Support;
using Engine.Simulator;

namespace Engine.Host.Tests;

/// <summary>The main job over the sample: what it prints, and that it is true.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class ReplayTests(EngineBinary engine) : EngineTests(engine)
{
    private static readonly string[] s_wholeNumbers =
    [
        "packets", "messages", "events", "gaps", "lost", "duplicates", "restarts", "unknown_orders", "predictions",
        "allocated_bytes_hot", "gc_collections", "book_digest_events",
    ];

    private static readonly string[] s_texts = ["kernel", "model_hash", "contract_hash", "book_digest", "prediction_digest"];
    private static readonly string[] s_stages = ["decode", "book", "features", "inference", "wire_to_prediction"];
    private static readonly string[] s_columns = ["p50", "p90", "p99", "p999", "max", "count"];

    /// <summary>The table of tools/samples/README.md.</summary>
    private static readonly Dictionary<string, long> s_types = new()
    {
        ["A"] = 79_878, ["D"] = 61_587, ["E"] = 25_225, ["U"] = 19_068, ["X"] = 7_654, ["F"] = 3_315, ["P"] = 2_302, ["C"] = 839,
        ["I"] = 64, ["B"] = 19, ["Q"] = 16, ["H"] = 8, ["R"] = 8, ["Y"] = 8, ["S"] = 6, ["L"] = 3,
    };

    private ReplayRun Sample => SampleRuns.Sample(Binary);

    /// <summary>A pipe may be opened once only.</summary>
    [Test]
    public void A_named_pipe_is_read_as_the_file_behind_it()
    {
        string pipe = Repository.NewPath(".pcap");
        EngineRun run = Binary.RunInShell(
            $"mkfifo '{pipe}'; timeout 30 cat '{SampleRuns.SmallCapture}' > '{pipe}' & exec timeout -s KILL 60 \"$@\"", "replay", pipe, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(SampleRuns.Summary(run).GetProperty("messages").GetInt64(), Is.EqualTo(6_000));
    }

    [Test]
    public void The_summary_is_one_json_object_and_alone_on_stdout()
    {
        Assert.That(Sample.Run.OutputLines, Has.Length.EqualTo(1), Sample.Run.ToString);
        Assert.That(Sample.Json.ValueKind, Is.EqualTo(JsonValueKind.Object));
        Assert.That(Sample.Run.Output, Does.EndWith("}\n"));
        Assert.That(Sample.Run.Faults, Is.Empty);
    }

    [Test]
    public void Every_promised_field_is_there_with_its_type()
    {
        Assert.Multiple(() =>
        {
            foreach (string name in s_wholeNumbers)
            {
                Assert.That(Sample.Json.GetProperty(name).TryGetInt64(out long value) && value >= 0, name);
            }

            foreach (string name in s_texts)
            {
                Assert.That(Sample.Text(name), Is.Not.Empty, name);
            }

            Assert.That(Sample.Json.GetProperty("elapsed_s").GetDouble(), Is.Positive);
            Assert.That(Sample.Json.GetProperty("messages_per_s").GetDouble(), Is.Positive);
            AssertHistogram(Sample.Json.GetProperty("hiccup_ns"), "hiccup_ns");
            foreach (string stage in s_stages)
            {
                AssertHistogram(Sample.Json.GetProperty("latency_ns").GetProperty(stage), stage);
            }
        });
        Assert.That(Sample.Json.GetProperty("latency_ns").EnumerateObject().Select(p => p.Name), Is.EqualTo(s_stages));
    }

    [Test]
    public void Counts_are_those_of_the_samples_description()
    {
        Dictionary<string, long> counted = Sample.Json.GetProperty("messages_by_type").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt64());
        Assert.That(counted, Is.EquivalentTo(s_types));
        string description = File.ReadAllText(Repository.File("tools/samples/README.md"));
        foreach ((string type, long count) in s_types)
        {
            Assert.That(description, Does.Match($@"\b{type}\b[^|]*\| {count.ToString("N0", CultureInfo.InvariantCulture)}\b"), $"README says so of {type}");
        }

        Assert.Multiple(() =>
        {
            Assert.That(Sample.Number("messages"), Is.EqualTo(200_000));
            Assert.That(Sample.Number("packets"), Is.EqualTo(150_573));
            Assert.That(Sample.Number("events"), Is.EqualTo(200_000));
            Assert.That(s_types.Values.Sum(), Is.EqualTo(200_000));
            foreach (string none in (string[])["gaps", "lost", "duplicates", "restarts", "unknown_orders", "predictions_not_finite"])
            {
                Assert.That(Sample.Number(none), Is.Zero, none);
            }

            Assert.That(Sample.Json.GetProperty("interrupted").GetBoolean(), Is.False);
        });
    }

    [Test]
    public void Hot_threads_allocate_nothing_and_nothing_is_collected([Values("fused", "split")] string topology)
    {
        ReplayRun run = topology == "fused" ? Sample : SampleRuns.Of(Binary, Repository.SampleCapture, "--topology", topology);

        // A stage that allocates does so in every run; what the runtime itself does once on a thread may fall behind the warm-up of one.
        for (int more = 0; more < 2 && run.Number("allocated_bytes_hot") != 0; more++)
        {
            TestContext.Out.WriteLine($"{run.Number("allocated_bytes_hot")} bytes in one run");
            run = SampleRuns.Of(Binary, Repository.SampleCapture, "--topology", topology);
        }

        Assert.That(run.Text("topology"), Is.EqualTo(topology));
        Assert.That(run.Number("allocated_bytes_hot"), Is.Zero);
        Assert.That(run.Number("gc_collections"), Is.Zero);
        Assert.That(run.Number("warmup_events"), Is.InRange(1, 50_000));
        Assert.That(run.Json.GetProperty("latency_ns").GetProperty("wire_to_prediction").GetProperty("count").GetInt64(), Is.GreaterThan(140_000),
            "measured over all that follows the warm-up");
    }

    [Test]
    public void The_summary_for_people_tells_the_same()
    {
        string text = Sample.Run.Error;
        Assert.Multiple(() =>
        {
            Assert.That(text, Does.Contain("200,000 in 150,573 packets"));
            foreach ((string type, long count) in s_types)
            {
                Assert.That(text, Does.Contain($"{type} {count.ToString("N0", CultureInfo.InvariantCulture)}"));
            }

            Assert.That(text, Does.Contain("0 gaps, 0 lost, 0 duplicates, 0 restarts"));
            Assert.That(text, Does.Contain($"{Sample.Number("predictions").ToString("N0", CultureInfo.InvariantCulture)}, digest {Sample.Text("prediction_digest")}"));
            Assert.That(text, Does.Contain($"{Sample.Text("book_digest")} over {Sample.Number("book_digest_events").ToString("N0", CultureInfo.InvariantCulture)}"));
            Assert.That(text, Does.Contain("0 bytes allocated, 0 collections"));
            Assert.That(text, Does.Contain("weights seeded"), "the model is not trained, and that is said");
            Assert.That(text, Does.Contain($"warm-up {Sample.Number("warmup_events").ToString("N0", CultureInfo.InvariantCulture)} events"));
        });
    }

    [Test]
    public void Messages_of_a_file_without_packets_are_released_one_by_one([Values("fused", "split")] string topology)
    {
        // All of them come in one read; released together they would be through at once, whatever the speed.
        string capture = SampleRuns.WriteCapture(60, OutputFormat.BinaryFile, ".itch");
        string[] times = CsvTable.Of(Binary.Run("decode", capture)).Column("time_ns").ToArray();
        double seconds = (long.Parse(times[^1], CultureInfo.InvariantCulture) - long.Parse(times[0], CultureInfo.InvariantCulture)) / 1e9;
        EngineRun run = Binary.Run(
            "replay", capture, "--speed", string.Create(CultureInfo.InvariantCulture, $"{seconds / 1.5:F6}x"), "--topology", topology, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(SampleRuns.Summary(run).GetProperty("elapsed_s").GetDouble(), Is.InRange(1.4, 30), run.ToString);
    }

    /// <summary>813 s in under a millisecond: everything is due at once and waits for all before it, which a latency from the pick-up would hide.</summary>
    [Test]
    public void A_paced_event_that_waits_for_those_before_it_is_seen_to_wait([Values("fused", "split")] string topology)
    {
        EngineRun run = Binary.Run("replay", Repository.SampleCapture, "--model", Repository.SampleModel, "--speed", "1000000x", "--topology", topology, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        JsonElement summary = SampleRuns.Summary(run);
        JsonElement latency = summary.GetProperty("latency_ns");
        double elapsed = summary.GetProperty("elapsed_s").GetDouble() * 1e9;
        Assert.That(latency.GetProperty("wire_to_prediction").GetProperty("p50").GetDouble(), Is.InRange(elapsed / 10, elapsed), run.ToString);
    }

    [Test]
    public void Without_json_stdout_is_empty()
    {
        EngineRun run = Binary.Run("replay", SampleRuns.SmallCapture, "--model", Repository.SampleModel);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Output, Is.Empty);
        Assert.That(run.Error, Does.Contain("predictions"));
    }

    [Test]
    public void Without_a_model_there_is_no_prediction_but_all_the_rest()
    {
        EngineRun run = Binary.Run("replay", SampleRuns.SmallCapture, "--json");
        JsonElement json = SampleRuns.Summary(run);
        ReplayRun with = SampleRuns.Small(Binary);
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero, run.ToString);
            Assert.That(json.GetProperty("prediction_digest").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(json.GetProperty("model_hash").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(json.GetProperty("predictions").GetInt64(), Is.Zero);
            Assert.That(json.GetProperty("kernel").GetString(), Is.EqualTo("none"));
            Assert.That(json.GetProperty("rows").GetInt64(), Is.EqualTo(with.Number("rows")).And.Positive);
            Assert.That(json.GetProperty("book_digest").GetString(), Is.EqualTo(with.Text("book_digest")));
            Assert.That(json.GetProperty("contract_hash").GetString(), Is.EqualTo(with.Text("contract_hash")));
        });
    }

    [Test]
    public void Predictions_are_many_distinct_and_spread()
    {
        Assert.That(Sample.Number("predictions"), Is.GreaterThan(150_000));
        double[] values = [.. CsvTable.Of(Binary.Run("inspect", Sample.LogPath, "--format", "csv")).Column("prediction")
            .Select(v => double.Parse(v, CultureInfo.InvariantCulture))];
        Assert.That(values, Has.Length.EqualTo(Sample.Number("predictions")));
        double mean = values.Average();
        double deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        Assert.That(values.Distinct().Count(), Is.GreaterThanOrEqualTo(1_000));
        Assert.That(deviation, Is.GreaterThanOrEqualTo(0.05));
    }

    [Test]
    public void The_output_folder_holds_the_summary_and_the_histograms()
    {
        Assert.That(File.ReadAllText(Path.Combine(Sample.Folder, "summary.json")), Is.EqualTo(Sample.Run.OutputLines[^1] + "\n"));
        foreach (string stage in s_stages)
        {
            string[] lines = File.ReadAllLines(Path.Combine(Sample.Folder, stage + ".hgrm"));
            Assert.That(lines[0], Does.Contain("Percentile"), stage);
            Assert.That(lines, Has.Length.GreaterThan(10), stage);
        }
    }

    private static void AssertHistogram(JsonElement histogram, string name)
    {
        Assert.That(histogram.EnumerateObject().Select(p => p.Name), Is.EqualTo(s_columns), name);
        long[] values = [.. s_columns.Select(c => histogram.GetProperty(c).GetInt64())];
        Assert.That(values[..5], Is.Ordered.Ascending, name);
        Assert.That(values[5], Is.Positive, name);
    }
}
