using System.Collections.Concurrent;
using System.Text.Json;
using Engine.Simulator;

namespace Engine.Host.Tests.Support;

/// <summary>A replay with a model: what it printed and the log it wrote.</summary>
internal sealed record ReplayRun(EngineRun Run, JsonElement Json, string Folder)
{
    /// <summary>The log's path.</summary>
    public string LogPath => Path.Combine(Folder, "predictions.engplog");

    /// <summary>The log.</summary>
    public byte[] Log => File.ReadAllBytes(LogPath);

    /// <summary>A text of the summary.</summary>
    public string? Text(string name) => Json.GetProperty(name).GetString();

    /// <summary>A whole number of the summary.</summary>
    public long Number(string name) => Json.GetProperty(name).GetInt64();
}

/// <summary>Replays that several tests look at; each is run once.</summary>
internal static class SampleRuns
{
    /// <summary>Messages of the small capture.</summary>
    public const int SmallMessages = 6_000;

    private static readonly Lazy<string> s_small = new(() => WriteCapture(SmallMessages, OutputFormat.Pcap, ".pcap"));
    private static readonly ConcurrentDictionary<string, Lazy<ReplayRun>> s_runs = new();

    /// <summary>A small generated capture, pcap, not compressed.</summary>
    public static string SmallCapture => s_small.Value;

    /// <summary>The whole sample, fused, best kernel.</summary>
    public static ReplayRun Sample(EngineBinary engine) =>
        s_runs.GetOrAdd($"sample {engine}", _ => new Lazy<ReplayRun>(() => Of(engine, Repository.SampleCapture))).Value;

    /// <summary>The small capture, fused, best kernel.</summary>
    public static ReplayRun Small(EngineBinary engine) =>
        s_runs.GetOrAdd($"small {engine}", _ => new Lazy<ReplayRun>(() => Of(engine, SmallCapture))).Value;

    /// <summary>Replays a capture with the sample model into a new folder; it must go well.</summary>
    public static ReplayRun Of(EngineBinary engine, string capture, params string[] options) => OfWith(engine, new Dictionary<string, string>(), capture, options);

    /// <summary>As <see cref="Of"/>, with environment variables set.</summary>
    public static ReplayRun OfWith(EngineBinary engine, IReadOnlyDictionary<string, string> environment, string capture, params string[] options) =>
        Start(engine, environment, Repository.SampleModel, capture, options);

    /// <summary>As <see cref="Of"/>, with another model.</summary>
    public static ReplayRun OfModel(EngineBinary engine, string model, string capture, params string[] options) =>
        Start(engine, new Dictionary<string, string>(), model, capture, options);

    /// <summary>The summary: the last line of stdout.</summary>
    public static JsonElement Summary(EngineRun run) => JsonDocument.Parse(run.OutputLines[^1]).RootElement;

    private static ReplayRun Start(
        EngineBinary engine, IReadOnlyDictionary<string, string> environment, string model, string capture, string[] options)
    {
        string folder = Repository.NewPath("");
        EngineRun run = engine.RunWith(environment, ["replay", capture, "--model", model, "--out", folder, "--json", .. options]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        return new ReplayRun(run, Summary(run), folder);
    }

    /// <summary>A generated capture of three instruments.</summary>
    public static string WriteCapture(int messages, OutputFormat format, string ending)
    {
        string path = Repository.NewPath(ending);
        using FileStream file = File.Create(path);
        Simulation.Run(new SimulationOptions { Seed = 77, Messages = messages, Instruments = 3, Format = format }, file);
        return path;
    }
}
