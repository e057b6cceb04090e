using System.CommandLine;
using Engine.Lab.Commands;

namespace Engine.Lab;

/// <summary>
/// The research command: data on standard output, the human summary and errors on standard error. Exit 0, 1 (a fault in the
/// data) or 2 (usage, configuration, a missing library). An error is one line: what, where, what to do.
/// </summary>
public static class LabCommandLine
{
    /// <summary>Exit code of wrong usage.</summary>
    public const int UsageExit = 2;

    /// <summary>Parses and runs one command line.</summary>
    /// <param name="args">Arguments without the program's name.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Research tools of Engine: simulate, build datasets, train, evaluate.");
        root.Subcommands.Add(SimCommand.Create(output, error));
        root.Subcommands.Add(SimBitMexCommand.Create(output, error));
        root.Subcommands.Add(TruthCommand.Create(output, error));
        root.Subcommands.Add(SeedModelCommand.Create(error));
        root.Subcommands.Add(ImportLightGbmCommand.Create(error));
        root.Subcommands.Add(SamplesCommand.Create(error));
        root.Subcommands.Add(DatasetCommand.Create(output, error));
        root.Subcommands.Add(LabelCommand.Create(output, error));
        root.Subcommands.Add(SplitCommand.Create(output, error));
        root.Subcommands.Add(CheckCommand.Create(output, error));
        root.Subcommands.Add(CanaryCommand.Create(output, error));
        root.Subcommands.Add(TrainCommand.Create(output, error));
        root.Subcommands.Add(EvaluateCommand.Create(output, error));
        root.Subcommands.Add(ReportCommand.Create(output, error));
        root.Subcommands.Add(StudyCommand.Create(output, error));
        root.Subcommands.Add(DoctorCommand.Create(output));
        ParseResult parsed = root.Parse(args);
        if (UsageErrors.Describe(parsed) is string problem)
        {
            error.WriteLine(problem);
            return UsageExit;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (UsageException e)
        {
            error.WriteLine($"{UsageErrors.CommandPath(parsed)}: {e.Message}");
            return UsageExit;
        }
        catch (Exception e) when (ResearchErrors.ExitOf(e) is { } exit)
        {
            error.WriteLine($"{UsageErrors.CommandPath(parsed)}: {e.Message.ReplaceLineEndings(" ")}");
            return exit;
        }
        catch (IOException e)
        {
            string what = e.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
            error.WriteLine($"{UsageErrors.CommandPath(parsed)}: {what}; check the file, its folder and the space left");
            return UsageExit;
        }
    }
}
