using System.CommandLine;
using System.Globalization;
using Engine.Core.Time;
using Engine.Training.Backends.Cpu;
using Engine.Training.Canaries;
using Engine.Training.Datasets;
using Engine.Training.Runs;
using Engine.Training.Splits;

namespace Engine.Lab.Commands;

/// <summary><c>lab canary</c>: plants leaks in a run, shows that they are found, and what they would have made of its scores; exit 1 where one is not found.</summary>
internal static class CanaryCommand
{
    private static readonly Argument<string> s_config = new("CONFIG") { Description = "An honest configuration, as for lab train" };
    private static readonly Option<string> s_out = new("--out", "-o") { Description = "An empty folder for copies and runs", Required = true };
    private static readonly Option<string[]> s_captures = new("--capture")
    {
        Description = "A day's captures, as for lab dataset; for each day of the split", Required = true, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<int> s_threads = new("--threads") { Description = "Threads; 0 for one a CPU. Results do not depend on it" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("canary", "Plant each leak in a copy of a run, look for it, and train all the same: csv of honest scores and those with the leak.")
        {
            s_config, s_out, s_captures, s_threads,
        };
        command.SetAction(parsed => Run(parsed, output, error));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter output, TextWriter error)
    {
        RunPlan plan = RunPlanReader.Read(parsed.GetValue(s_config)!);
        SplitFile split = SplitFile.Read(plan.Split);
        Dictionary<string, IReadOnlyList<string>> captures = CheckCommand.Captures(parsed.GetValue(s_captures)!, split);
        if (split.Days.FirstOrDefault(day => !captures.ContainsKey(day.Id)) is { } missing)
        {
            throw new UsageException($"--capture: none is of day {missing.Id}; a feature from the future is found by the captures of its day");
        }

        int threads = parsed.GetValue(s_threads);
        if (threads is < 0 or > BackendOptions.MostThreads)
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--threads {threads}: 0 to {BackendOptions.MostThreads}"));
        }

        using var stop = new StopRequest();
        using var observer = new TrainingObserver(error);
        using var backend = new CpuBackend(threads);
        IReadOnlyList<CanaryOutcome> outcomes;
        try
        {
            outcomes = CanaryRun.Run(plan, captures, parsed.GetValue(s_out)!, backend, observer, new WallClock(), LabVersion.Text, stop.Token);
        }
        catch (OperationCanceledException)
        {
            observer.Say("stopped");
            return 0;
        }

        Write(output, error, outcomes);
        return outcomes.All(o => o.Found is not null && o.IsUnseen) ? 0 : ResearchErrors.DataExit;
    }

    private static void Write(TextWriter output, TextWriter error, IReadOnlyList<CanaryOutcome> outcomes)
    {
        output.WriteLine("leak,found_as,unseen_when_off,model,honest_ic,leaky_ic,honest_auc,leaky_auc");
        foreach (CanaryOutcome outcome in outcomes)
        {
            string found = outcome.Found is null ? "" : Leak.NameOf(outcome.Found.Kind);
            foreach (CanaryScore score in outcome.Scores)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{outcome.Name},{found},{(outcome.IsUnseen ? "yes" : "no")},{score.Model},{score.HonestCoefficient:F4},{score.LeakyCoefficient:F4},{score.HonestAuc:F4},{score.LeakyAuc:F4}"));
            }

            foreach (Leak leak in outcome.All)
            {
                error.WriteLine($"{outcome.Name}: found: {leak}");
            }

            if (outcome.Found is null)
            {
                error.WriteLine($"{outcome.Name}: NOT found as {Leak.NameOf(outcome.Kind)}");
            }

            foreach (Leak leak in outcome.StillSeen)
            {
                error.WriteLine($"{outcome.Name}: SEEN with its checks off: {leak}");
            }
        }
    }
}
