using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Engine.Simulator;
using Engine.Simulator.Live;

namespace Engine.Lab.Commands;

/// <summary><c>lab sim --live</c>: publishes a simulated exchange day on real sockets of this host.</summary>
internal static class SimLiveCommand
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private static readonly Option<bool> s_live = new("--live")
    {
        Description = "Publish the day on this host's loopback instead of writing it: multicast, re-requests, snapshots",
    };
    private static readonly Option<string[]> s_line = new("--line")
    {
        Description = "Live: NAME=GROUP:PORT of a line, port 0 for a free one (usual: A=239.192.1.1:0 and B=239.192.1.2:0)",
    };
    private static readonly Option<string[]> s_fault = new("--fault")
    {
        Description = "Live: faults of a line, NAME:loss=P,dup=P,reorder=P,depth=N,delay=P,spike-ms=N,silent=FIRST-LAST; NAME may be '*'",
    };
    private static readonly Option<ulong> s_faultSeed = new("--fault-seed")
    {
        Description = "Live: seed of all faults", DefaultValueFactory = _ => 1,
    };
    private static readonly Option<double?> s_pace = new("--pace") { Description = "Live: messages a second in real time, evenly" };
    private static readonly Option<double> s_speed = new("--speed")
    {
        Description = "Live, without --pace: seconds of the day in a real one", DefaultValueFactory = _ => 1,
    };
    private static readonly Option<double?> s_hold = new("--hold-us") { Description = "Live: how long a packet stays open, µs" };
    private static readonly Option<double> s_heartbeat = new("--heartbeat-ms")
    {
        Description = "Live: silence before a heartbeat", DefaultValueFactory = _ => 1_000,
    };
    private static readonly Option<double> s_startAfter = new("--start-after")
    {
        Description = "Live: seconds of heartbeats before the first message", DefaultValueFactory = _ => 1,
    };
    private static readonly Option<double> s_linger = new("--linger")
    {
        Description = "Live: seconds that the servers stay after the last message", DefaultValueFactory = _ => 5,
    };
    private static readonly Option<string?> s_session = new("--session") { Description = "Live: name of the session, ten characters" };
    private static readonly Option<int> s_requestPort = new("--request-port") { Description = "Live: Port of re-requests, UDP for itch50 and TCP for xdp (default: free)" };
    private static readonly Option<int> s_snapshotPort = new("--snapshot-port") { Description = "Live: TCP port of snapshots (default: free)" };
    private static readonly Option<double> s_requestLoss = new("--request-loss") { Description = "Live: probability that a re-request is lost" };
    private static readonly Option<double> s_replyLoss = new("--reply-loss") { Description = "Live: probability that its reply is lost" };
    private static readonly Option<string> s_user = new("--user")
    {
        Description = "Live: user of the snapshot server", DefaultValueFactory = _ => "engine",
    };
    private static readonly Option<string> s_password = new("--password")
    {
        Description = "Live: its password", DefaultValueFactory = _ => "engine",
    };
    private static readonly Option<string?> s_configOut = new("--config-out")
    {
        Description = "Live: write a configuration with which the engine listens",
    };

    /// <summary>The options that it adds to <c>lab sim</c>.</summary>
    public static IEnumerable<Option> Options =>
    [
        s_live, s_line, s_fault, s_faultSeed, s_pace, s_speed, s_hold, s_heartbeat, s_startAfter, s_linger, s_session, s_requestPort,
        s_snapshotPort, s_requestLoss, s_replyLoss, s_user, s_password, s_configOut,
    ];

    /// <summary>Whether the command line asks for it.</summary>
    public static bool IsAsked(ParseResult parsed) => parsed.GetValue(s_live);

    /// <summary>The first option that means nothing without <c>--live</c>; null when there is none.</summary>
    public static string? Stray(ParseResult parsed) =>
        Options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false })?.Name;

    /// <summary>Runs the venue to its end, or until interrupted.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="day">What is published.</param>
    /// <param name="overwrite">Whether the configuration may replace a file.</param>
    /// <param name="json">Whether to print the summary as JSON.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static int Run(ParseResult parsed, SimulationOptions day, bool overwrite, bool json, TextWriter output, TextWriter error)
    {
        SimulatedVenueOptions options = VenueOptions(parsed, day);
        if (options.Problem() is string problem)
        {
            throw new UsageException(problem);
        }

        TimeSpan startAfter = Seconds(parsed, s_startAfter), linger = Seconds(parsed, s_linger);
        using SimulatedVenue venue = Open(options);
        venue.HoldAfter = 0;
        Start(venue);
        if (parsed.GetValue(s_configOut) is string path)
        {
            using OutputFile config = OutputFile.Create(path, overwrite);
            SimLiveSummary.WriteConfiguration(config.Stream, venue.Endpoints, options.Snapshot);
            config.Commit();
        }

        bool interrupted = false;
        using (PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt))
        using (PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt))
        {
            SimLiveSummary.WriteEndpoints(output, venue.Endpoints);
            Wait(startAfter, () => Volatile.Read(ref interrupted));
            venue.HoldAfter = ulong.MaxValue;
            while (!Volatile.Read(ref interrupted) && !venue.WaitForPublished(ulong.MaxValue, s_look))
            {
            }

            Wait(linger, () => Volatile.Read(ref interrupted));
        }

        venue.Stop();
        VenueSummary summary = venue.Summary();
        SimLiveSummary.WriteText(error, summary, interrupted);
        if (json)
        {
            SimLiveSummary.WriteJson(output, summary);
        }

        return 0;

        void Interrupt(PosixSignalContext context)
        {
            context.Cancel = !Volatile.Read(ref interrupted); // a second one ends the process
            Volatile.Write(ref interrupted, true);
        }
    }

    private static void Wait(TimeSpan time, Func<bool> isOver)
    {
        for (TimeSpan waited = TimeSpan.Zero; waited < time && !isOver(); waited += s_look)
        {
            Thread.Sleep(time - waited < s_look ? time - waited : s_look);
        }
    }

    private static SimulatedVenue Open(SimulatedVenueOptions options)
    {
        try
        {
            return new SimulatedVenue(options);
        }
        catch (SocketException e)
        {
            throw new UsageException($"cannot open the lines ({e.SocketErrorCode}); choose other groups with --line");
        }
        catch (InvalidOperationException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static void Start(SimulatedVenue venue)
    {
        try
        {
            venue.Start();
        }
        catch (SocketException e)
        {
            throw new UsageException($"cannot listen ({e.SocketErrorCode}); choose other ports with --request-port and --snapshot-port");
        }
    }

    private static TimeSpan Seconds(ParseResult parsed, Option<double> option)
    {
        const double longest = 86_400;
        double seconds = parsed.GetValue(option);
        return seconds is >= 0 and <= longest
            ? TimeSpan.FromSeconds(seconds)
            : throw new UsageException($"{option.Name} {seconds} is outside 0 to {longest} seconds; choose a time in that range");
    }

    private static SimulatedVenueOptions VenueOptions(ParseResult parsed, SimulationOptions day)
    {
        LineOptions[] lines = SimLiveLines.Parse(parsed.GetValue(s_line) ?? [], parsed.GetValue(s_fault) ?? [], day);
        double heartbeat = parsed.GetValue(s_heartbeat);
        double? hold = parsed.GetValue(s_hold);
        if (!(heartbeat is >= 1 and <= 60_000) || !(hold is null or (>= 0 and <= 1_000_000)))
        {
            throw new UsageException($"--heartbeat-ms {heartbeat} or --hold-us {hold} is out of range; choose 1 to 60000 and 0 to 1000000");
        }

        return new SimulatedVenueOptions
        {
            Day = day with { Lines = 1, Loss = 0, Duplicate = 0, Reorder = 0, DelaySpike = 0, Format = OutputFormat.Pcap },
            Lines = lines,
            FaultSeed = parsed.GetValue(s_faultSeed),
            Session = parsed.GetValue(s_session),
            MessagesPerSecond = parsed.GetValue(s_pace),
            Speed = parsed.GetValue(s_speed),
            Hold = hold is double micros ? TimeSpan.FromMicroseconds(micros) : null,
            Heartbeat = TimeSpan.FromMilliseconds(heartbeat),
            RequestPort = Port(parsed, s_requestPort),
            SnapshotPort = Port(parsed, s_snapshotPort),
            RequestLoss = parsed.GetValue(s_requestLoss),
            ReplyLoss = parsed.GetValue(s_replyLoss),
            Snapshot = new SoupBinOptions { User = parsed.GetValue(s_user)!, Password = parsed.GetValue(s_password)! },
        };
    }

    private static int Port(ParseResult parsed, Option<int> option)
    {
        int port = parsed.GetValue(option);
        return port is >= 0 and <= IPEndPoint.MaxPort
            ? port
            : throw new UsageException($"{option.Name} {port} is no port; choose 1 to {IPEndPoint.MaxPort}, or 0 for a free one");
    }
}
