using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Inference.Artefacts;
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
    private static readonly Option<string?> s_model = new("--model") { Description = "A model file: its contract and its normaliser's statistics are held against the split" };
    private static readonly Option<string?> s_round = new("--round") { Description = "The round that the model was trained in, where the file itself names none of the split's" };
    private static readonly Option<string?> s_unchecked = new("--unchecked") { Description = $"Kinds not to look for, as A,B: {string.Join(", ", Leak.Names)}" };
    private static readonly Option<bool> s_json = new("--json") { Description = "Summary as one JSON object on standard output" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("check", "Look for leaks between a data set, its labels and a split; exit 1 where there is one.")
        {
            s_folder, s_split, s_captures, s_rows, s_model, s_round, s_unchecked, s_json,
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

        ModelArtefact? model = Model(parsed);
        long made = 0;
        List<Leak> found = [.. SplitChecks.Files(folder, split, captures, rows, skipped, more => made += more)];
        TrainingData data = TrainingDataLoader.Load(folder, split.Label, [.. split.Days.Select(d => d.Id)]);
        found.AddRange(SplitChecks.Rounds(split, data, skipped));
        ModelCheck? check = model is null ? null : ModelChecks.Run(split, data, model, parsed.GetValue(s_round), skipped);
        found.AddRange(check?.Found ?? []);
        found.ForEach(leak => error.WriteLine($"leak: {leak}"));
        (LeakKind Kind, string Why)[] missed = [.. Missed(skipped, made, check)];
        foreach ((LeakKind kind, string why) in missed)
        {
            error.WriteLine($"not looked for: {Leak.NameOf(kind)}{why}");
        }

        if (check is null && !skipped.Contains(LeakKind.ContractMismatch))
        {
            error.WriteLine("not looked for: contract_mismatch with a model (name one with --model)");
        }

        string remade = captures.Count == split.Days.Count ? "all days" : captures.Count > 0 ? $"{captures.Count} of {split.Days.Count} days" : "no day: name their captures with --capture";
        error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{found.Count} leaks in {data.Rows:N0} rows, {split.Days.Count} days, {split.Outcomes.Count} rounds; {made:N0} of {data.Rows:N0} rows made again, of {remade}"));
        if (parsed.GetValue(s_json))
        {
            output.WriteLine(Json(found, missed, (captures.Count, made, data.Rows), check));
        }

        return found.Count > 0 ? ResearchErrors.DataExit : 0;
    }

    private static ModelArtefact? Model(ParseResult parsed)
    {
        if (parsed.GetValue(s_model) is not { } path)
        {
            return parsed.GetValue(s_round) is null ? null : throw new UsageException("--round goes with --model");
        }

        try
        {
            return ModelArtefact.Load(path);
        }
        catch (ArtefactException e)
        {
            throw new UsageException($"--model: {e.Message}");
        }
    }

    // Kinds that no one looked for: asked for, or because what they are held against was not named.
    private static IEnumerable<(LeakKind Kind, string Why)> Missed(LeakKind[] skipped, long made, ModelCheck? check)
    {
        foreach (LeakKind kind in skipped.Distinct())
        {
            yield return (kind, "");
        }

        if (made == 0 && !skipped.Contains(LeakKind.FutureWindow))
        {
            yield return (LeakKind.FutureWindow, " (name the days' captures with --capture)");
        }

        if (check is not { Normalisers: > 0 } && !skipped.Contains(LeakKind.LeakedStatistics))
        {
            yield return (LeakKind.LeakedStatistics, check is null ? " (name a model with --model)" : " (the model has no normaliser for such rows)");
        }
    }

    /// <summary>The captures of a split's days, by id.</summary>
    public static Dictionary<string, IReadOnlyList<string>> Captures(string[] texts, SplitFile split)
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

    private static string Json(List<Leak> found, (LeakKind Kind, string Why)[] missed, (int Days, long Made, long All) rows, ModelCheck? check)
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
            foreach ((LeakKind kind, string _) in missed)
            {
                json.WriteStringValue(Leak.NameOf(kind));
            }

            json.WriteEndArray();
            json.WriteBoolean("model_checked", check is not null);
            json.WriteNumber("days_made_again", rows.Days);
            json.WriteNumber("rows_made_again", rows.Made);
            json.WriteNumber("rows", rows.All);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
