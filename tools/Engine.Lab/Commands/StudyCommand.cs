using System.CommandLine;
using System.Globalization;
using Engine.Lab.Studies;
using Engine.Training.Labels;
using Engine.Training.Runs;

namespace Engine.Lab.Commands;

/// <summary><c>lab study</c>: simulated days, rows, labels, split, runs, and what part of the best possible score they reach.</summary>
internal static class StudyCommand
{
    private const int MostStudies = 1_000;

    private static readonly Argument<string[]> s_configurations = new("CONFIG")
    {
        Description = "Run configurations without dataset, label and split", Arity = ArgumentArity.OneOrMore,
    };
    private static readonly Option<string> s_out = new("--out", "-o") { Description = "Folder of the study", Required = true };
    private static readonly Option<double?> s_alpha = new("--alpha") { Description = "Strength of a known drift, 0 to 3; default: usual days, whose best forecast nobody knows" };
    private static readonly Option<int> s_days = new("--days") { Description = "Days: the last one tests, the one before it chooses, the others train", DefaultValueFactory = _ => 5 };
    private static readonly Option<long> s_messages = new("--messages", "-n") { Description = "Messages of a day", DefaultValueFactory = _ => 200_000 };
    private static readonly Option<int> s_instruments = new("--instruments") { Description = "Instruments of a day", DefaultValueFactory = _ => 8 };
    private static readonly Option<ulong> s_seed = new("--seed") { Description = "Seed of the first day; the others follow", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> s_contract = ContractChoice.Contract();
    private static readonly Option<string?> s_sampling = ContractChoice.Sampling();
    private static readonly Option<string> s_label = new("--label")
    {
        Description = "return, or move: which way it goes, of rows whose price moves. Up and down are equally likely where there is no drift, whatever is visible",
        DefaultValueFactory = _ => LabelNames.Of(LabelKind.Return),
    };
    private static readonly Option<string> s_horizon = new("--horizon") { Description = "The return of this long ahead is predicted, e.g. 500ms or 1s", DefaultValueFactory = _ => "1s" };
    private static readonly Option<int> s_repeat = new("--repeat") { Description = "So many studies, each of days of its own, in folders 001, 002, …", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> s_threads = new("--threads") { Description = "Threads; 0 for one a CPU. Results do not depend on it" };
    private static readonly Option<bool> s_json = new("--json") { Description = "Also the content of study.json on standard output" };

    private static readonly DateOnly s_firstDate = new(2026, 1, 5);

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command(
            "study",
            "Train configurations on simulated days and say how far from the best possible score each model is. Writes captures, data set, split, runs and study.json into a folder; what it makes depends on nothing but the options and configurations.")
        {
            s_configurations, s_out, s_alpha, s_days, s_messages, s_instruments, s_seed, s_contract, s_sampling, s_label, s_horizon, s_repeat, s_threads, s_json,
        };
        command.SetAction(parsed => Run(parsed, output, error));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter output, TextWriter error)
    {
        StudyOptions options = Options(parsed);
        int repeat = Within(parsed, s_repeat, 1, MostStudies);
        var studies = new List<StudyResult>();
        try
        {
            for (int i = 0; i < repeat; i++)
            {
                StudyOptions one = repeat == 1 ? options : options with
                {
                    Folder = Path.Combine(options.Folder, (i + 1).ToString("000", CultureInfo.InvariantCulture)),
                    Days = StudyOptions.DaysFrom(options.Days.Count, s_firstDate, options.Days[0].Seed + ((ulong)i * (ulong)options.Days.Count)),
                };
                studies.Add(StudyResult.Of(one, error));
            }
        }
        catch (StudyException e)
        {
            return e.ExitCode;
        }

        byte[] json = StudyText.ToJson(studies);
        RunFolder.Write(Path.Combine(options.Folder, "study.json"), json);
        studies.ForEach(study => StudyText.WriteTables(error, study));
        StudyText.WriteDiscoveries(error, studies);
        if (parsed.GetValue(s_json))
        {
            output.Write(System.Text.Encoding.UTF8.GetString(json));
        }

        return 0;
    }

    private static StudyOptions Options(ParseResult parsed)
    {
        string horizonText = parsed.GetValue(s_horizon)!;
        if (!LabelHorizon.TryParse(horizonText, out LabelHorizon horizon) || !horizon.IsTime)
        {
            throw new UsageException($"--horizon '{horizonText}' is no time; write it as 500ms, 10s or 1m");
        }

        string kindText = parsed.GetValue(s_label)!;
        if (!LabelNames.TryParse(kindText, out LabelKind kind) || kind is not (LabelKind.Return or LabelKind.Move))
        {
            throw new UsageException($"--label '{kindText}': the best forecast is known of {LabelNames.Of(LabelKind.Return)} and {LabelNames.Of(LabelKind.Move)}");
        }

        string[] configurations = parsed.GetValue(s_configurations)!;
        string[] names = [.. configurations.Select(c => Path.GetFileNameWithoutExtension(c))];
        if (names.Distinct(StringComparer.OrdinalIgnoreCase).Count() < names.Length || names.Intersect(["days", "split", "study"]).Any())
        {
            throw new UsageException("CONFIG: a run is called as its file; give files of different names, and none called days, split or study");
        }

        _ = ContractChoice.Read(parsed.GetValue(s_contract)!, parsed.GetValue(s_sampling));
        return new StudyOptions
        {
            Folder = parsed.GetValue(s_out)!,
            Configurations = configurations,
            Days = StudyOptions.DaysFrom(Within(parsed, s_days, StudyOptions.FewestDays, StudyOptions.MostDays), s_firstDate, parsed.GetValue(s_seed)),
            Messages = parsed.GetValue(s_messages),
            Instruments = parsed.GetValue(s_instruments),
            Alpha = parsed.GetValue(s_alpha),
            Contract = parsed.GetValue(s_contract)!,
            Sampling = parsed.GetValue(s_sampling),
            Kind = kind,
            Horizon = horizon,
            Threads = parsed.GetValue(s_threads),
        };
    }

    private static int Within(ParseResult parsed, Option<int> option, int least, int most) => parsed.GetValue(option) is var value && value >= least && value <= most
        ? value
        : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{option.Name} {value}: {least} to {most}"));
}
