using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Training.Datasets;
using Engine.Training.Labels;
using Engine.Training.Splits;

namespace Engine.Lab.Commands;

/// <summary><c>lab split</c>: which rows train, choose and test, as a file.</summary>
internal static class SplitCommand
{
    private static readonly Argument<string> s_folder = new("DIR") { Description = "The data set" };
    private static readonly Option<string> s_out = new("--out", "-o") { Description = "Split file to write (.json)", Required = true };
    private static readonly Option<string> s_label = new("--label") { Description = "Name of the label, e.g. return_60s", Required = true };
    private static readonly Option<string?> s_train = new("--train") { Description = "Days (id or date), stretches of days A..B, or of time 2026-01-05T14:30..2026-01-05T18:00 (UTC, the end not in it); several as X,Y" };
    private static readonly Option<string?> s_valid = new("--valid") { Description = "The same, to stop early and choose by" };
    private static readonly Option<string?> s_test = new("--test") { Description = "The same, to report on; must come last" };
    private static readonly Option<int?> s_kFold = new("--k-fold") { Description = "K blocks of time outside --test, each left out once" };
    private static readonly Option<int?> s_walkForward = new("--walk-forward") { Description = "N rounds outside --test, each predicting the block behind those it trains on" };
    private static readonly Option<bool> s_rolling = new("--rolling") { Description = "walk-forward: train on one block, not on all before" };
    private static readonly Option<string?> s_embargo = new("--embargo") { Description = "Train on nothing within this time behind a span of valid or test, e.g. 60s, or 0. Default: the contract's longest window with --k-fold, else 0" };
    private static readonly Option<bool> s_noPurge = new("--no-purge") { Description = "Keep training rows whose label looks at a time that valid or test look at: a leak" };
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "Overwrite an existing file" };
    private static readonly Option<bool> s_json = new("--json") { Description = "Summary as one JSON object on standard output" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("split", "Say which rows train, choose and test: by day or time, in purged K folds, or walking forward.")
        {
            s_folder, s_out, s_label, s_train, s_valid, s_test, s_kFold, s_walkForward, s_rolling, s_embargo, s_noPurge, s_force, s_json,
        };
        command.SetAction(parsed => Run(parsed, output, error));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter output, TextWriter error)
    {
        string folder = parsed.GetValue(s_folder)!;
        DatasetManifest manifest = DatasetManifest.Read(folder);
        SplitRange[] train = Ranges(parsed, s_train, manifest);
        SplitRange[] valid = Ranges(parsed, s_valid, manifest);
        SplitRange[] test = Ranges(parsed, s_test, manifest);
        Require(parsed, train, valid);
        string[]? days = [.. train.Concat(valid).Concat(test).Select(r => r.Day ?? "").Distinct(StringComparer.Ordinal)];
        bool isByDay = train.Length > 0 && !days.Contains("", StringComparer.Ordinal);
        TrainingData data = TrainingDataLoader.Load(folder, parsed.GetValue(s_label)!, isByDay ? days : null, withFeatures: false);
        SplitPlan plan = Plan(parsed, data, train, valid, test);
        bool purges = !parsed.GetValue(s_noPurge);
        plan = plan with { Purges = purges, EmbargoNanos = purges ? Embargo(parsed) ?? plan.EmbargoNanos : 0 };
        SplitFile split = SplitFile.Make(plan, data, LabVersion.Text);
        foreach (SplitOutcome round in split.Outcomes)
        {
            error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{round.Id}: train {round.Train:N0}, valid {round.Valid:N0}, test {round.Test:N0} rows; purged {round.Purged:N0}, in embargo {round.Embargoed:N0}"));
            if (round.Train == 0 || round.Valid == 0)
            {
                throw new DatasetException($"{round.Id}: {(round.Train == 0 ? "train" : "valid")} has no labelled row left; choose other days, a shorter label or a shorter embargo");
            }
        }

        using (OutputFile file = OutputFile.Create(parsed.GetValue(s_out)!, parsed.GetValue(s_force)))
        {
            file.Stream.Write(split.ToJson());
            file.Commit();
        }

        string embargo = plan.EmbargoNanos > 0 ? $", embargo {new LabelHorizon(plan.EmbargoNanos, 0)}" : "";
        error.WriteLine($"split {split.Hash}{embargo}");
        if (parsed.GetValue(s_json))
        {
            output.WriteLine(Json(split));
        }

        return 0;
    }

    private static void Require(ParseResult parsed, SplitRange[] train, SplitRange[] valid)
    {
        int ways = (parsed.GetValue(s_kFold) is null ? 0 : 1) + (parsed.GetValue(s_walkForward) is null ? 0 : 1) + (train.Length + valid.Length > 0 ? 1 : 0);
        if (ways != 1)
        {
            throw new UsageException("choose one: --train and --valid, --k-fold K, or --walk-forward N (each with or without --test)");
        }

        if (train.Length > 0 != valid.Length > 0)
        {
            throw new UsageException("--train and --valid go together");
        }

        if (parsed.GetValue(s_noPurge) && parsed.GetValue(s_embargo) is not null)
        {
            throw new UsageException("--embargo goes with purging; drop it or --no-purge");
        }

        if (parsed.GetValue(s_rolling) && parsed.GetValue(s_walkForward) is null)
        {
            throw new UsageException("--rolling is for --walk-forward");
        }
    }

    private static SplitPlan Plan(ParseResult parsed, TrainingData data, SplitRange[] train, SplitRange[] valid, SplitRange[] test) =>
        parsed.GetValue(s_kFold) is { } folds ? SplitPlanner.KFold(data, folds, test)
        : parsed.GetValue(s_walkForward) is { } rounds ? SplitPlanner.WalkForward(data, rounds, parsed.GetValue(s_rolling), test)
        : new SplitPlan { Kind = SplitKind.Explicit, Rounds = [new SplitRound("split", train, valid, test)] };

    /// <summary>The embargo that was asked for; null where none was.</summary>
    private static long? Embargo(ParseResult parsed)
    {
        string? text = parsed.GetValue(s_embargo);
        return text is null ? null : text == "0" ? 0
            : LabelHorizon.TryParse(text, out LabelHorizon embargo) && embargo.IsTime ? embargo.Nanos
            : throw new UsageException($"--embargo '{text}' is no time; write 500ms, 60s or 5m, up to a week");
    }

    private static SplitRange[] Ranges(ParseResult parsed, Option<string?> option, DatasetManifest manifest) =>
        parsed.GetValue(option) is not { } text ? []
        : [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(item => RangesOf(option.Name, item, manifest))];

    private static IEnumerable<SplitRange> RangesOf(string option, string item, DatasetManifest manifest)
    {
        int between = item.IndexOf("..", StringComparison.Ordinal);
        if (between < 0)
        {
            int[] days = DaysOf(item, manifest);
            return days.Length > 0
                ? days.Select(d => SplitRange.Of(manifest.Days[d].Id))
                : throw new UsageException($"{option} '{item}' is no day of the data set; it has {string.Join(", ", manifest.Days.Select(d => d.Id))}");
        }

        (string from, string to) = (item[..between], item[(between + 2)..]);
        (int[] first, int[] last) = (DaysOf(from, manifest), DaysOf(to, manifest));
        if (first.Length > 0 && last.Length > 0 && first[0] <= last[^1])
        {
            return manifest.Days.Skip(first[0]).Take(last[^1] - first[0] + 1).Select(d => SplitRange.Of(d.Id));
        }

        return SplitRange.TryParseTime(from, out long start) && SplitRange.TryParseTime(to, out long end) && start < end
            ? [SplitRange.Of(start, end)]
            : throw new UsageException($"{option} '{item}' is no stretch; write DAY..DAY, or 2026-01-05T14:30..2026-01-05T18:00 in UTC, the earlier one first");
    }

    private static int[] DaysOf(string text, DatasetManifest manifest) =>
        [.. manifest.Days.Index().Where(d => d.Item.Id == text || d.Item.Date == text).Select(d => d.Index)];

    private static string Json(SplitFile split)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("hash", split.Hash);
            json.WriteString("label", split.Label);
            json.WriteNumber("days", split.Days.Count);
            json.WriteStartArray("rounds");
            foreach (SplitOutcome round in split.Outcomes)
            {
                json.WriteStartObject();
                json.WriteString("id", round.Id);
                json.WriteNumber("train", round.Train);
                json.WriteNumber("valid", round.Valid);
                json.WriteNumber("test", round.Test);
                json.WriteNumber("purged", round.Purged);
                json.WriteNumber("embargoed", round.Embargoed);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
