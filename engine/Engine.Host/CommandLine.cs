using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Engine.Core.Hdf5;
using Engine.Feeds.Captures;
using Engine.Feeds.Network.Live;
using Engine.Host.Commands;
using Engine.Host.Output;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.OnnxRuntime;
using Engine.Recording;

namespace Engine.Host;

/// <summary>Parses the command line, runs a command, and turns whatever goes wrong into one line and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs the process.</summary>
    public static int Run(string[] args)
    {
        StandardStreams.Prepare();
        try
        {
            ParseResult parse = CreateRoot().Parse(args);
            if (parse.Action is not (HelpAction or VersionAction))
            {
                CheckUsage(parse);
            }

            return parse.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e)
        {
            return Explain(e);
        }
    }

    private static RootCommand CreateRoot()
    {
        var root = new RootCommand("A low-latency engine for order-book feeds: decodes, keeps books, builds features, predicts, records.")
        {
            new ReplayCommand().Create(),
            new LiveCommand().Create(),
            new RecordCommand().Create(),
            new DecodeCommand().Create(),
            new BookCommand().Create(),
            new FeaturesCommand().Create(),
            new InspectCommand().Create(),
            new VerifyCommand().Create(),
            new DoctorCommand().Create(),
        };
        Option version = root.Options.First(o => o is VersionOption);
        version.Action = new VersionAction();
        return root;
    }

    private static void CheckUsage(ParseResult parse)
    {
        bool isRoot = parse.CommandResult.Command is RootCommand;
        string see = $"see {(isRoot ? "engine" : $"engine {parse.CommandResult.Command.Name}")} --help";
        if (UnknownOption(parse) is { } option)
        {
            throw new HostException(ExitCodes.Usage, $"unknown option '{option}'; {see}");
        }

        if (isRoot && parse.UnmatchedTokens.Count > 0)
        {
            throw new HostException(ExitCodes.Usage, $"unknown command '{parse.UnmatchedTokens[0]}'; {see}");
        }

        foreach (ArgumentResult argument in parse.CommandResult.Children.OfType<ArgumentResult>())
        {
            if (argument.Tokens.Count == 0 && argument.Argument.Arity.MinimumNumberOfValues > 0)
            {
                throw new HostException(ExitCodes.Usage, $"no {argument.Argument.Name} is named; put it before the options; {see}");
            }
        }

        if (parse.Errors.Count > 0)
        {
            string message = string.Join(' ', parse.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
            throw new HostException(ExitCodes.Usage, $"{message}; {see}");
        }
    }

    /// <summary>The parser takes an option it does not know for a file name: `-x` where a file belongs, `--x` where a value does.</summary>
    private static string? UnknownOption(ParseResult parse)
    {
        IEnumerable<string> unmatched = parse.UnmatchedTokens.Where(t => t.Length > 1 && t[0] == '-');
        IEnumerable<string> files = parse.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value)
            .Where(t => t.Length > 1 && t[0] == '-');
        IEnumerable<string> values = parse.CommandResult.Children.OfType<OptionResult>().SelectMany(o => o.Tokens).Select(t => t.Value)
            .Where(t => t.StartsWith("--", StringComparison.Ordinal));
        return unmatched.Concat(files).Concat(values).FirstOrDefault();
    }

    private static int Explain(Exception e)
    {
        (int exit, string line) = e switch
        {
            HostException host => (host.ExitCode, host.Message),
            CaptureException capture => (capture.ExitCode, capture.Message),
            LiveFeedException live => (live.ExitCode, live.Message),
            ArtefactException => (ExitCodes.Usage, e.Message),
            KernelUnavailableException or OrtUnavailableException or OrtException => (ExitCodes.Usage, e.Message),
            LogFormatException or Hdf5Exception => (ExitCodes.Data, e.Message),
            Hdf5UnavailableException => (ExitCodes.Usage, e.Message),
            IOException io when IsBrokenPipe(io) => (ExitCodes.Ok, ""),
            IOException or UnauthorizedAccessException => (ExitCodes.Usage, e.Message),
            OutOfMemoryException => (ExitCodes.Usage, e.Message),
            _ => (ExitCodes.Usage, $"internal error: {e.GetType().Name}: {e.Message} (set ENGINE_TRACE=1 for the stack and report it)"),
        };
        if (line.Length > 0)
        {
            Console.Error.WriteLine($"engine: {line.ReplaceLineEndings(" ")}");
        }

        if (Environment.GetEnvironmentVariable("ENGINE_TRACE") == "1")
        {
            Console.Error.WriteLine(e);
        }

        return exit;
    }

    /// <summary>The reader of our stdout went away, as `head` does: not an error.</summary>
    private static bool IsBrokenPipe(IOException e) => OperatingSystem.IsLinux() && e.HResult == DescriptorStream.BrokenPipe;

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            Console.Out.WriteLine(BuildInfo.VersionText());
            return ExitCodes.Ok;
        }
    }
}
