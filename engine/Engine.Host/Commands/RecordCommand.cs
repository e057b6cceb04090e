using System.CommandLine;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Threads;
using Engine.Feeds;
using Engine.Feeds.Network.Live;
using Engine.Host.Configuration;
using Engine.Host.Live;
using Engine.Host.Replay;

namespace Engine.Host.Commands;

/// <summary>`engine record`: writes down what comes in, exactly, with receive times, so that a replay of it is the live run.</summary>
internal sealed class RecordCommand
{
    private readonly LiveConfigurationOptions _configuration = new();
    private readonly Option<string> _out = new("--out", "-o") { Description = "Recording: pcapng (UDP venues) or text (BitMEX).", Required = true, HelpName = "FILE" };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Overwrite the file." };
    private readonly Option<bool> _json = new("--json") { Description = "The counters as one JSON object on the last line of stdout." };

    /// <summary>The command.</summary>
    public Command Create()
    {
        var command = new Command("record", "Record live feeds exactly; missing messages are requested as `engine live` would. Ctrl-C ends it, SIGUSR1 prints the counters.");
        _configuration.AddTo(command);
        command.Add(_out);
        command.Add(_force);
        command.Add(_json);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        LiveConfiguration configuration = _configuration.Read(parse);
        if (_configuration.IsCheck(parse))
        {
            return _configuration.Print(parse, configuration);
        }

        using var stop = new StopSignal();
        var limits = new EngineLimits();
        var notices = new FeedNotices();
        LiveSettings live = LiveFeed.Settings(configuration, parse.GetRequiredValue(_out), parse.GetValue(_force), stop);
        FeedOptions feed = CaptureOptions.Feed(
            configuration.Venue, configuration.Date is { } date ? CaptureOptions.ParseDate(date) : null, configuration.Symbols, limits);
        bool hasFailed = false;
        live = live with { MustEnd = () => stop.IsSet || Volatile.Read(ref hasFailed) };
        using MarketDataSource source = live.Open(feed with { Gaps = configuration.Gaps, Notices = notices, HashesPayloads = true });
        using var reporter = new LiveReporter(notices, Console.Error);
        Console.Error.WriteLine($"engine: configuration {ConfigurationText.Hash(configuration)}; recording {source.Format}");
        Receive(source, configuration, limits, view =>
        {
            reporter.Tick(view);
            Volatile.Write(ref hasFailed, source.Lines?.RecordFault is not null);
        });
        source.Lines?.EndRecording();
        LiveCounters.Write(new RunView(source, null), Console.Error);
        int exit = SourceReport.Finish(source, false);
        if (source.Lines?.RecordFault is { } fault)
        {
            throw new HostException(ExitCodes.Usage, fault);
        }

        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(RecordJson.Write(source));
        }

        return exit;
    }

    private static void Receive(MarketDataSource source, LiveConfiguration configuration, EngineLimits limits, Action<RunView> tick)
    {
        using var events = new NativeBuffer<MarketEvent>(limits.EventsPerPacket);
        var view = new RunView(source, null);
        HotThread thread = HotThread.Start(
            new ThreadWish { Role = "receive", Cpu = configuration.Pins.Length > 0 ? configuration.Pins[0] : null, FifoPriority = configuration.FifoPriority },
            () =>
            {
                while (source.Read(events.Span) >= 0)
                {
                }
            });
        while (!thread.Wait(TimeSpan.FromMilliseconds(200)))
        {
            tick(view);
        }

        tick(view);
        if (thread.Failure is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }
}
