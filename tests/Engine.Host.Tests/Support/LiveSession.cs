using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Simulator.Live;

namespace Engine.Host.Tests.Support;

/// <summary>A simulated venue on this host's loopback, and the program listening to it.</summary>
internal sealed class LiveSession : IDisposable
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    private readonly EngineBinary _engine;
    private readonly string _config = Repository.NewPath(".json");
    private EngineProcess? _process;

    /// <summary>Opens the venue; it publishes nothing before <see cref="Publish"/>.</summary>
    public LiveSession(EngineBinary engine, SimulatedVenueOptions options)
    {
        _engine = engine;
        Venue = new SimulatedVenue(options) { HoldAfter = 0 };
        Venue.Start();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Venue.Endpoints.WriteConfiguration(json, options.Snapshot);
        }

        Configuration = JsonNode.Parse(buffer.ToArray())!;
        Configuration["udp"]!["wait"] = "park";
    }

    /// <summary>The venue.</summary>
    public SimulatedVenue Venue { get; }

    /// <summary>What the program is configured with; edit it before <see cref="Listen"/>.</summary>
    public JsonNode Configuration { get; }

    /// <summary>Starts the program and waits until it listens on every line.</summary>
    /// <param name="command">`live` or `record`.</param>
    /// <param name="options">What else the command is given.</param>
    public void Listen(string command, params string[] options)
    {
        File.WriteAllText(_config, Configuration.ToJsonString(), new UTF8Encoding(false));
        _process = _engine.Start([command, "--config", _config, "--json", .. options]);
        int[] ports = [.. Configuration["udp"]!["lines"]!.AsArray().Select(line => (int)line!["port"]!)];
        _process.WaitUntil(() => ports.All(IsBound), "sockets on every line");
    }

    /// <summary>Publishes up to a message, and waits until it is sent.</summary>
    public void Publish(ulong sequence)
    {
        Venue.HoldAfter = sequence;
        Assert.That(Venue.WaitForPublished(sequence, s_longest), $"message {sequence} was published");
    }

    /// <summary>Publishes all that is left.</summary>
    public void PublishAll()
    {
        Venue.HoldAfter = ulong.MaxValue;
        Assert.That(Venue.WaitForPublished(ulong.MaxValue, s_longest), "everything was published");
    }

    /// <summary>Presses Ctrl-C; the program takes what has arrived, and ends well.</summary>
    public EngineRun End()
    {
        _process!.Interrupt();
        EngineRun run = _process.Wait();
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        return run;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process?.Dispose();
        Venue.Dispose();
    }

    /// <summary>Whether some socket of this host is bound to a UDP port, as the kernel tells it.</summary>
    private static bool IsBound(int port)
    {
        string wanted = string.Create(CultureInfo.InvariantCulture, $":{port:X4} ");
        return File.ReadLines("/proc/net/udp").Skip(1).Any(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1].EndsWith(wanted.TrimEnd(), StringComparison.Ordinal));
    }
}
