using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Host.Tests.Support;
using Engine.Simulator;
using Engine.Simulator.Live;

namespace Engine.Host.Tests;

/// <summary>`engine live` and `engine record` where the host, a server or the operator does not do what was expected.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class LiveOperatorTests(EngineBinary engine) : EngineTests(engine)
{
    private const int Messages = 12_000;
    private const string SmallDisk = "export DOTNET_EnableWriteXorExecute=0; ulimit -f 100; exec \"$@\"";

    [TestCase("\"group\": \"239.192.7.2\", \"port\": 26401, \"interface\": \"none9\"", "this host has no interface none9", "lo (127.0.0.1)")]
    [TestCase("\"group\": \"192.0.2.77\", \"port\": 26401", "192.0.2.77 is not an address of this host", "multicast group")]
    public void A_line_that_cannot_be_opened_is_one_line(string line, params string[] words)
    {
        string recording = Repository.NewPath(".pcapng");
        string path = Write($$"""{ "venue": "itch50", "record": "{{recording}}", "udp": { "lines": [ { "name": "A", {{line}} } ] } }""");
        AssertRefused(Binary.Run("live", "--config", path), ["line A", .. words]);
        AssertRefused(Binary.Run("record", "--config", path, "--out", recording), ["line A", .. words]);
        Assert.That(recording, Does.Not.Exist, "nothing was begun");
    }

    [Test]
    public void What_is_there_is_refused_before_anything_is_opened()
    {
        using Socket holder = Holder(out string path);
        string recording = Repository.Write(".pcapng", [1, 2, 3]);
        AssertRefused(Binary.Run("record", "--config", path, "--out", recording), $"{recording} exists already", "-f");
        AssertRefused(Binary.Run("record", "--config", path, "--out", Repository.Scratch), $"{Repository.Scratch} is a folder");
        AssertRefused(Binary.Run("record", "--config", path, "-o", "-"), "standard output", "name a file");
        AssertRefused(Binary.Run("record", "--config", path, "-f", "-o", recording), "another program holds this address and port");
        Assert.That(File.ReadAllBytes(recording), Is.EqualTo((byte[])[1, 2, 3]), "what is there is kept until the lines are open");

        string folder = Directory.CreateDirectory(Repository.NewPath("")).FullName;
        File.WriteAllText(Path.Combine(folder, "summary.json"), "{}");
        JsonNode configuration = JsonNode.Parse(File.ReadAllText(path))!;
        configuration["out"] = folder;
        AssertRefused(Binary.Run("live", "--config", Write(configuration.ToJsonString())), "summary.json exists already", "-f");
        Assert.That(Binary.Run("live", "--config", path, "-f").Error, Does.Contain("another program holds"));
    }

    [Test]
    public void A_disk_without_room_at_the_start_is_one_line()
    {
        string path = Write($$"""{ "venue": "itch50", "udp": { "lines": [ { "name": "A", "group": "239.192.7.3", "port": 26403, "interface": "127.0.0.1" } ] } }""");
        AssertRefused(Binary.Run("record", "--config", path, "-f", "--out", "/dev/full"), "/dev/full", "cannot be written");
        string nowhere = Path.Combine(Repository.NewPath(""), "day.pcapng");
        AssertRefused(Binary.Run("record", "--config", path, "--out", nowhere), nowhere, "cannot be made");
    }

    [Test]
    public void A_disk_that_fills_ends_a_recording_in_one_line()
    {
        string recording = Repository.NewPath(".pcapng");
        using var session = new OperatorSession(Binary, Options());
        session.ListenInShell(SmallDisk, "record", "--out", recording);
        session.PublishAll();
        EngineRun run = session.Wait();
        AssertFault(run, 2, recording, "cannot be written after 102,400 bytes", "make room");
        Assert.That(run.Error, Does.Contain("Z nothing more is recorded: "), "told when it happened too");
        Assert.That(new FileInfo(recording).Length, Is.EqualTo(102_400));
        EngineRun replay = Binary.Run("replay", recording, "--json");
        Assert.That(replay.ExitCode, Is.EqualTo(1), replay.ToString);
        Assert.That(SampleRuns.Summary(replay).GetProperty("messages").GetInt64(), Is.Positive);
    }

    [Test]
    public void A_disk_that_fills_does_not_end_a_live_run_but_is_told()
    {
        string recording = Repository.NewPath(".pcapng");
        using var session = new OperatorSession(Binary, Options());
        session.Configuration["record"] = recording;
        session.ListenInShell(SmallDisk, "live");
        session.PublishAll();
        session.Interrupt();
        EngineRun run = session.Wait();
        AssertFault(run, 1, "the recording is not whole", recording, "cannot be written after 102,400 bytes");
        Assert.That(SampleRuns.Summary(run).GetProperty("messages").GetInt64(), Is.EqualTo(Messages), "the run went on");
    }

    [Test]
    public void A_recorder_that_is_killed_leaves_a_recording_that_replays()
    {
        string recording = Repository.NewPath(".pcapng");
        using var session = new OperatorSession(Binary, Options());
        session.Listen("record", "--out", recording);
        session.PublishAll();
        session.WaitUntil(() => new FileInfo(recording).Length > 200_000, "a recording of 200 kB");
        session.Kill();
        Assert.That(session.Wait().ExitCode, Is.EqualTo(128 + 9));

        EngineRun replay = Binary.Run("replay", recording, "--json");
        JsonElement json = SampleRuns.Summary(replay);
        int whole = WholePackets(File.ReadAllBytes(recording), out bool isCut);
        Assert.That(replay.ExitCode, Is.EqualTo(isCut ? 1 : 0), replay.ToString);
        Assert.That(json.GetProperty("packets").GetInt64(), Is.EqualTo(whole), "up to its last whole block");
        Assert.That(json.GetProperty("lost").GetInt64(), Is.Zero);
        Assert.That(json.GetProperty("messages").GetInt64(), Is.Positive);
    }

    [Test]
    public void A_snapshot_server_that_rejects_or_is_away_is_told_at_each_attempt_and_live_goes_on()
    {
        using var session = new OperatorSession(Binary, Options());
        session.Configuration["udp"]!["snapshot"]!["password"] = "wrong";
        session.Publish(2_000);
        session.Listen("live");
        session.Publish(4_000);
        session.WaitUntil(() => session.Venue.Summary().Snapshots.Rejected >= 2, "two attempts");
        session.Venue.StopSnapshotServer();
        session.WaitUntil(() => session.Errors.Contains("refuses the connection", StringComparison.Ordinal), "an attempt without a server");
        session.PublishAll();
        EngineRun run = session.End();

        Assert.That(run.ErrorLines.Count(l => l.Contains("rejected the login: not authorized (A): check user and password", StringComparison.Ordinal)),
            Is.EqualTo(session.Venue.Summary().Snapshots.Rejected), run.ToString);
        Assert.That(run.Error, Does.Contain("refuses the connection: check that it runs, and its port").And.Not.Contain("wrong"));
        JsonElement json = SampleRuns.Summary(run);
        Assert.That(json.GetProperty("messages").GetInt64(), Is.GreaterThan(Messages - 5_000));
        Assert.That(json.GetProperty("suspect_instruments").GetArrayLength() + json.GetProperty("trust_by_instrument").EnumerateObject().Count(), Is.Positive);
    }

    [Test]
    public void Replies_of_strangers_are_passed_over_and_counted()
    {
        using var session = new OperatorSession(Binary, Options());
        session.Listen("live");
        session.Publish(2_000);
        int port = session.UdpPorts().Except(session.LinePorts()).Single();
        using (var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            byte[] bait = Bait();
            for (int i = 0; i < 5; i++)
            {
                stranger.SendTo(bait, new IPEndPoint(IPAddress.Loopback, port));
            }
        }

        session.PublishAll();
        JsonElement json = SampleRuns.Summary(session.End());
        Assert.That(json.GetProperty("messages").GetInt64(), Is.EqualTo(Messages));
        Assert.That(json.GetProperty("irregularities").GetProperty("other_udp_packets").GetInt64(), Is.EqualTo(5));
        Assert.That(json.GetProperty("restarts").GetInt64(), Is.Zero);
    }

    [Test]
    public void A_signal_prints_the_counters_and_the_run_goes_on([Values("live", "record")] string command)
    {
        string recording = Repository.NewPath(".pcapng");
        using var session = new OperatorSession(Binary, Options());
        session.Listen(command, command == "record" ? ["--out", recording] : []);
        session.Publish(3_000);
        session.AskForCounters();
        session.Publish(6_000);
        session.AskForCounters();
        session.PublishAll();
        EngineRun run = session.End();
        string[] counts = [.. run.ErrorLines.Where(l => l.StartsWith("  messages ", StringComparison.Ordinal))];
        Assert.That(counts.Length, Is.GreaterThanOrEqualTo(2), run.ToString);
        Assert.That(run.Error, Does.Contain("  line A ").And.Contain("  loss ").And.Contain("  irregular "));
        Assert.That(SampleRuns.Summary(run).GetProperty("messages").GetInt64(), Is.EqualTo(Messages));
    }

    [Test]
    public void Two_engines_listen_to_the_same_groups()
    {
        using var session = new OperatorSession(Binary, Options());
        using OperatorSession second = session.Beside();
        session.Listen("live");
        second.Listen("live");
        session.PublishAll();
        JsonElement one = SampleRuns.Summary(session.End());
        JsonElement two = SampleRuns.Summary(second.End());
        Assert.That(one.GetProperty("messages").GetInt64(), Is.EqualTo(Messages));
        Assert.That(two.GetProperty("messages").GetInt64(), Is.EqualTo(Messages));
        Assert.That(two.GetProperty("book_digest").GetString(), Is.EqualTo(one.GetProperty("book_digest").GetString()));
    }

    [Test]
    public void An_idle_run_that_parks_leaves_its_core_to_others()
    {
        using var session = new OperatorSession(Binary, Options());
        session.Configuration["topology"] = "fused";
        session.Configuration["udp"]!["wait"] = "park";
        session.Listen("live");
        session.Publish(500);
        session.WaitUntil(() => session.Errors.Contains("begins with its first message", StringComparison.Ordinal), "a message");
        var watch = Stopwatch.StartNew();
        TimeSpan before = session.ProcessorTime;
        Thread.Sleep(TimeSpan.FromSeconds(2));
        double share = (session.ProcessorTime - before) / watch.Elapsed;
        TestContext.Out.WriteLine($"share of a core while idle: {share:P1}");
        Assert.That(share, Is.LessThan(0.5));
        session.End();
    }

    private static SimulatedVenueOptions Options() => new()
    {
        Day = new SimulationOptions { Seed = 47, Messages = Messages, Instruments = 3 },
        MessagesPerSecond = 60_000,
        Heartbeat = TimeSpan.FromMilliseconds(20),
    };

    private static Socket Holder(out string path)
    {
        var holder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        holder.Bind(new IPEndPoint(IPAddress.Any, 0));
        path = Write($$"""{ "venue": "itch50", "udp": { "lines": [ { "name": "A", "group": "239.192.7.4", "port": {{((IPEndPoint)holder.LocalEndPoint!).Port}}, "interface": "127.0.0.1" } ] } }""");
        return holder;
    }

    /// <summary>A packet that would restart every stream, if it were believed: another session from its first message on.</summary>
    private static byte[] Bait() => [.. Encoding.ASCII.GetBytes("IMPOSTOR00"), 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 12, (byte)'S', .. new byte[10], (byte)'O'];

    /// <summary>Enhanced packet blocks of a pcapng file that are whole and carry a packet of a line, by a plain walk.</summary>
    private static int WholePackets(byte[] file, out bool isCut)
    {
        int packets = 0;
        int at = 0;
        for (; file.Length - at >= 12; at += BitConverter.ToInt32(file, at + 4))
        {
            int length = BitConverter.ToInt32(file, at + 4);
            if (length > file.Length - at)
            {
                break;
            }

            packets += BitConverter.ToInt32(file, at) == 6 && BitConverter.ToInt32(file, at + 20) > 0 ? 1 : 0;
        }

        isCut = at != file.Length;
        return packets;
    }

    private static string Write(string text) => Repository.Write(".json", new UTF8Encoding(false).GetBytes(text));
}
