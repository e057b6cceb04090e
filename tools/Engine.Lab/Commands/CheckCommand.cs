using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Training.Datasets;
using Engine.Training.Splits;

namespace Engine.Lab.Commands;

/// <summary><c>lab check</c>: looks for leaks in a data set and a split, by name; exit 1 where there is one.</summary>
internal static class CheckCommand
{
    private static readonly Argument<string> s_folder = new("DIR") { Description = "The data set" };
    private static readonly Option<string> s_split = new("--split") { Description = "The split file", Required = true };
    private static readonly Option<string[]> s_captures = new("--capture")
    {
        Description = "A day's captures, as for lab dataset: its rows are made again and compared bit for bit; may be repeated", Arity = ArgumentArity.OneOrMore,
    };
    private static readonly Option<long> s_rows = new("--rows") { Description = "Most rows of a day that are made again", DefaultValueFactory = _ => long.MaxValue };
    private static readonly Option<string?> s_unchecked = new("--unchecked") { Description = $"Kinds not to look for, as A,B: {string.Join(", ", Leak.Names)}" };
    private static readonly Option<bool> s_json = new("--json") { Description = "Summary as one JSON object on standard output" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("check", "Look for leaks between a data set, its labels and a split; exit 1 where there is one.")
        {
            s_folder, s_split, s_captures, s_rows, s_unchecked, s_json,
        };
        command.SetAction(parsed => Run(parsed, output, error));
        return command;
    }

    /// <summary>Reads `A,B` as kinds of leaks; null as none.</summary>
    public static LeakKind[] Kinds(string option, string? text) =>
    [
        .. (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => Leak.TryParse(name, out LeakKind kind)
            ? kind
            : throw new UsageException($"{option} '{name}' is no kind of leak; they are {string.Join(", ", Leak.Names)}")),
    ];

    private static int Run(ParseResult parsed, TextWriter output, TextWriter error)
    {
        string folder = parsed.GetValue(s_folder)!;
        SplitFile split = SplitFile.Read(parsed.GetValue(s_split)!);
        LeakKind[] skipped = Kinds(s_unchecked.Name, parsed.GetValue(s_unchecked));
        Dictionary<string, IReadOnlyList<string>> captures = Captures(parsed.GetValue(s_captures) ?? [], split);
        long rows = parsed.GetValue(s_rows);
        if (rows < 1)
        {
            throw new UsageException($"--rows {rows}: 1 or more");
        }

        List<Leak> found = [.. SplitChecks.Files(folder, split, captures, rows, skipped)];
        TrainingData data = TrainingDataLoader.Load(folder, split.Label, [.. split.Days.Select(d => d.Id)]);
        found.AddRange(SplitChecks.Rounds(split, data, skipped));
        found.ForEach(leak => error.WriteLine($"leak: {leak}"));
        foreach (LeakKind kind in skipped)
        {
            error.WriteLine($"not looked for: {Leak.NameOf(kind)}");
        }

        string remade = captures.Count == split.Days.Count ? "all days" : captures.Count > 0 ? $"{captures.Count} of {split.Days.Count} days" : "no day: name their captures with --capture";
        error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{found.Count} leaks in {data.Rows:N0} rows, {split.Days.Count} days, {split.Outcomes.Count} rounds; rows made again of {remade}"));
        if (parsed.GetValue(s_json))
        {
            output.WriteLine(Json(found, skipped, captures.Count));
        }

        return found.Count > 0 ? ResearchErrors.DataExit : 0;
    }

    private static Dictionary<string, IReadOnlyList<string>> Captures(string[] texts, SplitFile split)
    {
        var captures = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (string[] files in texts.Select(DatasetCommand.FilesOf))
        {
            string id = DatasetBuilder.IdOf(files);
            if (split.Days.All(d => d.Id != id))
            {
                throw new UsageException($"--capture {files[0]}: the split has no day {id}; it has {string.Join(", ", split.Days.Select(d => d.Id))}");
            }

            captures[id] = files;
        }

        return captures;
    }

    private static string Json(List<Leak> found, LeakKind[] skipped, int remade)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("leaks");
            foreach (Leak leak in found)
            {
                json.WriteStartObject();
                json.WriteString("kind", Leak.NameOf(leak.Kind));
                json.WriteString("what", leak.What);
                json.WriteString("where", leak.Where);
                json.WriteString("to_do", leak.ToDo);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("unchecked");
            foreach (LeakKind kind in skipped)
            {
                json.WriteStringValue(Leak.NameOf(kind));
            }

            json.WriteEndArray();
            json.WriteNumber("days_made_again", remade);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
