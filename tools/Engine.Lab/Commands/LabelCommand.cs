using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Training.Datasets;
using Engine.Training.Labels;

namespace Engine.Lab.Commands;

/// <summary><c>lab label</c>: adds a label to every day of a data set.</summary>
internal static class LabelCommand
{
    private const double BasisPoint = 0.0001;
    private const double Percent = 0.01;

    private static readonly Argument<string> s_folder = new("DIR") { Description = "The data set" };
    private static readonly Option<string?> s_label = new("--label") { Description = string.Join(", ", LabelNames.Kinds) };
    private static readonly Option<string?> s_horizon = new("--horizon") { Description = "How far it looks: 250ms, 60s, 5m, 1h, or 500events (changes of the best prices)" };
    private static readonly Option<string[]> s_from = new("--from")
    {
        Description = "Instead: labels from csv files with columns time_ns, symbol, end_ns and a value; joined by symbol and exact time", AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<string?> s_value = new("--value") { Description = "--from: the column of the value, default value; COLUMN=TEXT is 1 where a cell is TEXT, else 0" };
    private static readonly Option<string?> s_deadZone = new("--dead-zone") { Description = "direction, move: returns up to this size are 0, and no move; a ratio, or 2bps, 0.02%. Default 0" };
    private static readonly Option<string?> s_up = new("--up") { Description = "triple_barrier: the upper barrier, written as --dead-zone" };
    private static readonly Option<string?> s_down = new("--down") { Description = "triple_barrier: the lower barrier; default the upper one's size" };
    private static readonly Option<string?> s_name = new("--name") { Description = "The label's name; default LABEL_HORIZON, e.g. return_60s, with --from given" };
    private static readonly Option<int> s_deflate = new("--deflate") { Description = "Compress, 1 (fast) to 9 (small); 0 not at all" };
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "Replace a label of this name that says something else" };
    private static readonly Option<bool> s_json = new("--json") { Description = "Summary as one JSON object on standard output" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("label", "Add a label to a data set, from the best bid and ask that come after each row, or from files; NaN where there is none.")
        {
            s_folder, s_label, s_horizon, s_deadZone, s_up, s_down, s_from, s_value, s_name, s_deflate, s_force, s_json,
        };
        command.SetAction(parsed => Run(parsed, output, error));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter output, TextWriter error)
    {
        GivenLabels? given = Given(parsed);
        LabelDefinition definition = given is null ? Definition(parsed) : LabelDefinition.Of(given);
        string name = parsed.GetValue(s_name) ?? definition.UsualName;
        if (!LabelDefinition.IsName(name))
        {
            throw new UsageException($"--name '{name}': letters, digits, _ - and . up to {LabelDefinition.MaxName}, and not ending in {DatasetFormat.EndSuffix}");
        }

        int deflate = parsed.GetValue(s_deflate);
        if (deflate is < 0 or > 9)
        {
            throw new UsageException($"--deflate {deflate}: 0 to 9");
        }

        string folder = parsed.GetValue(s_folder)!;
        DatasetManifest manifest = DatasetManifest.Read(folder);
        var summary = new LabelSummary(definition.Kind);
        int kept = 0;
        using (var status = new StatusLine(error))
        {
            foreach (DatasetDay day in manifest.Days)
            {
                status.Show($"{name}  {day.Id}");
                string path = Path.Combine(folder, day.FileName);
                kept += LabelWriter.Add(path, name, definition, parsed.GetValue(s_force), deflate, summary, given) ? 1 : 0;
            }
        }

        error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder}: {manifest.Days.Count} days labelled{(kept > 0 ? $", {kept} of them had it" : "")}"));
        summary.WriteText(error, name);
        long met = summary.Labelled + summary.Count(MissingCause.OwnBook);
        if (given is not null)
        {
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  given     {given.Count:N0} labels, {met:N0} met a row"));
            RequireMet(folder, given, met);
        }

        if (parsed.GetValue(s_json))
        {
            output.WriteLine(Json(name, definition, (manifest.Days.Count, kept), summary, given is null ? null : (given.Count, met)));
        }

        return 0;
    }

    private static GivenLabels? Given(ParseResult parsed)
    {
        string[] files = parsed.GetValue(s_from) ?? [];
        Option<string?>[] others = [s_label, s_horizon, s_deadZone, s_up, s_down];
        if (files.Length == 0)
        {
            return parsed.GetValue(s_value) is null ? null : throw new UsageException("--value goes with --from");
        }

        if (Array.Find(others, option => parsed.GetValue(option) is not null) is { } other)
        {
            throw new UsageException($"{other.Name} makes a label from prices; drop it or --from");
        }

        string[] value = (parsed.GetValue(s_value) ?? GivenLabels.UsualColumn).Split('=', 2);
        return GivenLabels.Read(files, value[0], value.Length == 2 ? value[1] : null);
    }

    private static void RequireMet(string folder, GivenLabels given, long met)
    {
        if (met == 0)
        {
            throw new DatasetException($"{folder}: none of {given.Count} given labels has the symbol and the very time of a row; build the data set with a sampling that has rows then (every-event has one a message)");
        }
    }

    private static LabelDefinition Definition(ParseResult parsed)
    {
        if (parsed.GetValue(s_label) is not { } kindText || parsed.GetValue(s_horizon) is not { } horizonText)
        {
            throw new UsageException("say what the label is: --label KIND --horizon H, or --from FILE");
        }

        if (!LabelNames.TryParse(kindText, out LabelKind kind) || kind == LabelKind.Given)
        {
            throw new UsageException($"--label '{kindText}' is unknown; use {string.Join(", ", LabelNames.Kinds)}");
        }

        if (!LabelHorizon.TryParse(horizonText, out LabelHorizon horizon))
        {
            throw new UsageException($"--horizon '{horizonText}': write 250ms, 60s, 5m, 1h (up to a week), or 500events");
        }

        double up = Ratio(parsed, s_up);
        var definition = new LabelDefinition
        {
            Kind = kind,
            Horizon = horizon,
            DeadZone = Ratio(parsed, s_deadZone),
            Up = up,
            Down = parsed.GetValue(s_down) is null ? up : Ratio(parsed, s_down),
        };
        return definition.Fault() is { } fault ? throw new UsageException($"--label {kindText}: {fault}") : definition;
    }

    private static double Ratio(ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetValue(option) is not { } text)
        {
            return 0;
        }

        (string digits, double unit) = text.EndsWith("bps", StringComparison.Ordinal) ? (text[..^3], BasisPoint)
            : text.EndsWith("bp", StringComparison.Ordinal) ? (text[..^2], BasisPoint)
            : text.EndsWith('%') ? (text[..^1], Percent)
            : (text, 1);

        // A decimal, so that 2bps is the same ratio as 0.0002.
        return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number) && number <= 1_000_000
            ? (double)(number * (decimal)unit)
            : throw new UsageException($"{option.Name} '{text}' is no size; write 0.0002, 2bps or 0.02%");
    }

    private static string Json(string name, LabelDefinition definition, (int All, int Kept) days, LabelSummary summary, (long All, long Met)? given)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WritePropertyName("definition");
            json.WriteRawValue(definition.CanonicalJson);
            json.WriteString("definition_hash", definition.Hash);
            json.WriteNumber("days", days.All);
            json.WriteNumber("kept", days.Kept);
            if (given is { } counts)
            {
                json.WriteNumber("given", counts.All);
                json.WriteNumber("met", counts.Met);
            }

            json.WritePropertyName("distribution");
            summary.WriteJson(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
