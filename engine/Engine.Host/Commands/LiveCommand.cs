using System.CommandLine;
using Engine.Host.Configuration;
using Engine.Host.Live;
using Engine.Host.Replay;
using Engine.Recording;

namespace Engine.Host.Commands;

/// <summary>`engine live`: the pipeline of `engine replay` on live feeds. It only listens.</summary>
internal sealed class LiveCommand
{
    private readonly LiveConfigurationOptions _configuration = new();
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Overwrite what is there." };
    private readonly Option<bool> _json = new("--json") { Description = "The summary as one JSON object on the last line of stdout." };

    /// <summary>The command.</summary>
    public Command Create()
    {
        var command = new Command("live", "Run the pipeline on live feeds; listen-only. Ctrl-C ends it, SIGUSR1 prints the counters, SIGHUP reads the model files again and swaps those that changed.");
        _configuration.AddTo(command);
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

        _configuration.CheckModels(parse, configuration);
        bool overwrite = parse.GetValue(_force);
        using var stop = new StopSignal();
        ReplayOptions options = Options(configuration, stop, overwrite);
        if (options.OutputFolder is { } folder && !overwrite)
        {
            // Refused here already, where there is no recording yet that would be in the way of the next run.
            ReplayFiles.Clear(folder, overwrite);
        }

        using var engine = new ReplayEngine(options);
        using var reporter = new LiveReporter(engine.Notices, Console.Error);
        Console.Error.WriteLine($"engine: configuration {ConfigurationText.Hash(configuration)}; listening to {engine.Source.Format}");
        using var reloader = new ModelReloader(engine, options, reporter.Tell);
        return RunOutput.Run(options, engine, stop, view => Tick(reporter, reloader, view), () => { }, parse.GetValue(_json));
    }

    private static void Tick(LiveReporter reporter, ModelReloader reloader, RunView view)
    {
        reporter.Tick(view);
        reloader.Tick();
    }

    private static ReplayOptions Options(LiveConfiguration configuration, StopSignal stop, bool overwrite) => new()
    {
        Captures = [],
        Live = LiveFeed.Settings(configuration, configuration.RecordPath, overwrite, stop),
        Models = configuration.Models,
        Contract = configuration.Contract.Name,
        Sampling = configuration.Contract.Sampling,
        Configuration = new RunConfiguration
        {
            Venue = configuration.Venue,
            Date = configuration.Date,
            Symbols = configuration.Symbols,
            Contract = "",
            Sampling = "",
            Inference = configuration.Inference == "ort" ? "ort" : "native",
            Gaps = configuration.Gaps.ToString(),
            SuppressSuspect = configuration.SuppressSuspect,
        },
        Gaps = configuration.Gaps,
        Topology = configuration.Topology,
        Pins = configuration.Pins,
        BackgroundPin = configuration.BackgroundPin,
        FifoPriority = configuration.FifoPriority,
        LockMemory = configuration.LockMemory,
        Inference = configuration.Inference,
        OutputFolder = configuration.OutputFolder,
        Overwrite = overwrite,
    };
}
