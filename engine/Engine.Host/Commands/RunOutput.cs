using System.Globalization;
using Engine.Feeds.Network.Live;
using Engine.Host.Output;
using Engine.Host.Replay;
using Engine.Inference;
using Engine.Recording;

namespace Engine.Host.Commands;

/// <summary>Runs the pipeline and writes what `engine replay` and `engine live` have in common: log, summaries, files, exit code.</summary>
internal static class RunOutput
{
    /// <summary>Runs to the end.</summary>
    /// <param name="options">The run.</param>
    /// <param name="stop">Ends it early.</param>
    /// <param name="progress">Called a few times a second.</param>
    /// <param name="clear">Called before anything else is written.</param>
    /// <param name="asJson">Whether the summary goes to stdout too.</param>
    /// <returns>The exit code.</returns>
    public static int Run(ReplayOptions options, StopSignal stop, Action<RunView> progress, Action clear, bool asJson)
    {
        using var engine = new ReplayEngine(options);
        return Run(options, engine, stop, progress, clear, asJson);
    }

    /// <summary>The same with an engine that is there already.</summary>
    public static int Run(ReplayOptions options, ReplayEngine engine, StopSignal stop, Action<RunView> progress, Action clear, bool asJson)
    {
        using PredictionLogWriter log = CreateLog(options, engine);
        ReplayResult result = engine.Run(log, stop, line => Console.Error.WriteLine($"engine: {line}"), progress);
        clear();
        log.Close(result.Interrupted, options.Live is null ? 0 : engine.Source.PayloadHash);
        ReplayText.Write(result, Console.Error);
        string json = ReplayJson.Write(result);
        if (options.OutputFolder is { } folder)
        {
            ReplayFiles.Write(folder, result, json);
        }

        int exit = SourceReport.Finish(engine.Source, !result.Interrupted);
        exit = Math.Max(exit, CheckComparisons(result));
        exit = Math.Max(exit, EndRecording(engine.Source.Lines));
        if (asJson)
        {
            Console.Out.WriteLine(json);
        }

        return exit;
    }

    private static PredictionLogWriter CreateLog(ReplayOptions options, ReplayEngine engine)
    {
        if (options.OutputFolder is not { } folder || options.Models.Count == 0)
        {
            if (options.OutputFolder is { } only)
            {
                ReplayFiles.CreateFolder(only);
                ReplayFiles.Clear(only, options.Overwrite);
            }

            return new PredictionLogWriter(null, null, engine.Source.Instruments);
        }

        ReplayFiles.CreateFolder(folder);
        ReplayFiles.Clear(folder, options.Overwrite);
        LogHead head = engine.CreateHead();
        return new PredictionLogWriter(OutputFile.Create(ReplayFiles.LogPath(folder), options.Overwrite), head, engine.Source.Instruments);
    }

    /// <summary>A recording that is not whole does not end a live run, whose predictions are true; but its exit code tells.</summary>
    private static int EndRecording(ILineStatus? lines)
    {
        lines?.EndRecording();
        if (lines?.RecordFault is not { } fault)
        {
            return ExitCodes.Ok;
        }

        Console.Error.WriteLine($"engine: the recording is not whole: {fault}");
        return ExitCodes.Data;
    }

    private static int CheckComparisons(ReplayResult result)
    {
        int exit = ExitCodes.Ok;
        foreach (ComparingPredictor c in result.Comparisons.Where(c => !c.WithinTolerance))
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"engine: native and ONNX Runtime differ at row {c.WorstIndex}: {c.WorstValue} and {c.WorstReference}, {c.LargestRatio:F1} times what is allowed; use --inference ort and report the model"));
            exit = ExitCodes.Data;
        }

        return exit;
    }
}
