using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Simulator.Live;

namespace Engine.Host.Tests.Support;

/// <summary>A simulated venue and the program listening to it, as somebody who runs it meets them: signals, limits, stderr as it comes.</summary>
internal sealed class OperatorSession : IDisposable
{
    private const string Plain = "exec \"$@\"";
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    private readonly EngineBinary _engine;
    private readonly bool _isOwner = true;
    private EngineProcess? _process;

    /// <summary>Opens the venue; it publishes nothing before <see cref="Publish"/>.</summary>
    public OperatorSession(EngineBinary engine, SimulatedVenueOptions options)
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

    private OperatorSession(OperatorSession other)
    {
        _engine = other._engine;
        _isOwner = false;
        Venue = other.Venue;
        Configuration = other.Configuration.DeepClone();
    }

    /// <summary>The venue.</summary>
    public SimulatedVenue Venue { get; }

    /// <summary>What the program is configured with; edit it before <see cref="Listen"/>.</summary>
    public JsonNode Configuration { get; }

    /// <summary>stderr until now.</summary>
    public string Errors => _process!.ErrorSoFar;

    /// <summary>Processor time that the program has used, by the kernel's count in /proc.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            string[] fields = File.ReadAllText($"/proc/{_process!.Id}/stat").Split(") ")[^1].Split(' ');
            return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>Another listener to the same venue.</summary>
    public OperatorSession Beside() => new(this);

    /// <summary>Starts the program and waits until it says that it listens.</summary>
    public void Listen(string command, params string[] options) => ListenInShell(Plain, command, options);

    /// <summary>The same in a shell whose script says <c>exec "$@"</c>.</summary>
    public void ListenInShell(string script, string command, params string[] options)
    {
        string config = Repository.Write(".json", Encoding.UTF8.GetBytes(Configuration.ToJsonString()));
        _process = _engine.StartInShell(script, [command, "--config", config, "--json", .. options]);
        WaitUntil(() => Errors.Contains("engine: configuration ", StringComparison.Ordinal), "listening");
    }

    /// <summary>Publishes up to a message, and waits until it is sent.</summary>
    public void Publish(ulong sequence)
    {
        Venue.HoldAfter = sequence;
        Assert.That(Venue.WaitForPublished(sequence, s_longest), $"message {sequence} was published");
    }

    /// <summary>Publishes all that is left.</summary>
    public void PublishAll() => Publish(ulong.MaxValue);

    /// <summary>Waits while the program runs.</summary>
    public void WaitUntil(Func<bool> condition, string what) => _process!.WaitUntil(condition, what);

    /// <summary>Sends SIGUSR1 and waits for the counters.</summary>
    public void AskForCounters()
    {
        int before = CountersPrinted();
        _process!.Ask();
        WaitUntil(() => CountersPrinted() > before, "counters");
    }

    /// <summary>UDP ports of the program's sockets, as the kernel tells them.</summary>
    public int[] UdpPorts()
    {
        string[] inodes = [.. Directory.GetFiles($"/proc/{_process!.Id}/fd").Select(f => new FileInfo(f).LinkTarget ?? "").Where(t => t.StartsWith("socket:[", StringComparison.Ordinal)).Select(t => t[8..^1])];
        return [.. File.ReadLines("/proc/net/udp").Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(f => inodes.Contains(f[9]))
            .Select(f => int.Parse(f[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
    }

    /// <summary>UDP ports of the lines.</summary>
    public int[] LinePorts() => [.. Configuration["udp"]!["lines"]!.AsArray().Select(line => (int)line!["port"]!)];

    /// <summary>kill -9.</summary>
    public void Kill() => _process!.Kill();

    /// <summary>Sends SIGHUP, and waits for words that were not there before.</summary>
    public void HangUp(string words)
    {
        int before = Count(words);
        _process!.HangUp();
        WaitUntil(() => Count(words) > before, words);
    }

    /// <summary>Presses Ctrl-C.</summary>
    public void Interrupt() => _process!.Interrupt();

    /// <summary>Waits for the end.</summary>
    public EngineRun Wait() => _process!.Wait();

    /// <summary>Presses Ctrl-C; the program ends well.</summary>
    public EngineRun End()
    {
        Interrupt();
        EngineRun run = Wait();
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        return run;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process?.Dispose();
        if (_isOwner)
        {
            Venue.Dispose();
        }
    }

    private int Count(string words) => Errors.Split('\n').Count(l => l.Contains(words, StringComparison.Ordinal));

    private int CountersPrinted() => Errors.Split('\n').Count(l => l.StartsWith("  irregular ", StringComparison.Ordinal));
}
