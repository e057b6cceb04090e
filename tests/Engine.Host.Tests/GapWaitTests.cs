using System.Text.Json;
using Engine.Host.Tests.Support;
using Engine.Simulator;

namespace Engine.Host.Tests;

/// <summary>`--gap-wait`: how long the other line is waited for.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class GapWaitTests(EngineBinary engine) : EngineTests(engine)
{
    private static readonly Lazy<string> s_lines = new(WriteLines);

    [Test]
    public void Lines_make_up_for_each_other_only_where_they_are_waited_for()
    {
        JsonElement usual = Replay();
        JsonElement none = Replay("--gap-wait", "0");
        JsonElement same = Replay("--gap-wait", "1000");
        Assert.That(Number(usual, "recovered"), Is.Positive);
        Assert.That((Number(none, "missing"), Number(none, "recovered")), Is.EqualTo((0L, 0L)));
        Assert.That(Number(none, "lost"), Is.GreaterThan(Number(usual, "lost")));
        Assert.That(same.GetProperty("book_digest").GetString(), Is.EqualTo(usual.GetProperty("book_digest").GetString()), "1,000 µs are the default of two lines");
    }

    private JsonElement Replay(params string[] options)
    {
        EngineRun run = Binary.Run(["replay", s_lines.Value, "--json", .. options]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        return SampleRuns.Summary(run);
    }

    private static long Number(JsonElement json, string name) => json.GetProperty(name).GetInt64();

    private static string WriteLines()
    {
        string path = Repository.NewPath(".pcap");
        using FileStream file = File.Create(path);
        Simulation.Run(new SimulationOptions { Seed = 79, Messages = 8_000, Instruments = 3, Lines = 2, Loss = 0.03 }, file);
        return path;
    }
}
