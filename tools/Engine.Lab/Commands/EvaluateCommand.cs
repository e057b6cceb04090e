using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Training.Reports;
using Engine.Training.Runs;

namespace Engine.Lab.Commands;

/// <summary><c>lab evaluate</c>: model files over rows of a data set, by the code that serves them.</summary>
internal static class EvaluateCommand
{
    private static readonly Argument<string[]> s_models = new("MODEL") { Description = "Model files (.onnx) of the data set's contract", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> s_dataset = new("--dataset") { Description = "The data set", Required = true };
    private static readonly Option<string> s_label = new("--label") { Description = "Name of the label", Required = true };
    private static readonly Option<string> s_split = new("--split") { Description = "The split file", Required = true };
    private static readonly Option<string> s_part = new("--part") { Description = "train, valid or test, of the split's last round", DefaultValueFactory = _ => "test" };
    private static readonly Option<double?> s_classAbove = new("--class-above") { Description = "The models predict how likely the label is above this" };
    private static readonly Option<double> s_level = new("--level") { Description = "Level of the tests, divided by the number of models", DefaultValueFactory = _ => 0.05 };
    private static readonly Option<string?> s_out = new("--out", "-o") { Description = "Write scores and diagnosis as JSON" };
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "Overwrite an existing file" };
    private static readonly Option<bool> s_json = new("--json") { Description = "Scores and diagnosis as one JSON object on standard output, instead of the table" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("evaluate", "Score and diagnose model files over rows of a data set, run by the engine's own normaliser and kernels.")
        {
            s_models, s_dataset, s_label, s_split, s_part, s_classAbove, s_level, s_out, s_force, s_json,
        };
        command.SetAction(parsed => Run(parsed, output, error));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter output, TextWriter error)
    {
        string part = parsed.GetValue(s_part)!;
        if (!ModelEvaluation.Parts.Contains(part))
        {
            throw new UsageException($"--part '{part}' is unknown; use {string.Join(", ", ModelEvaluation.Parts)}");
        }

        double level = parsed.GetValue(s_level);
        if (!(level is > 0 and < 1))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--level {level}: between 0 and 1"));
        }

        var options = new EvaluationOptions
        {
            Dataset = parsed.GetValue(s_dataset)!,
            Label = parsed.GetValue(s_label)!,
            Split = parsed.GetValue(s_split)!,
            Part = part,
            ClassAbove = parsed.GetValue(s_classAbove),
            Level = level,
        };
        RunReport report = ModelEvaluation.Run(parsed.GetValue(s_models)!, options, LabVersion.Text);
        byte[] json = ReportJson.Write(report);
        if (parsed.GetValue(s_out) is { } path)
        {
            using OutputFile file = OutputFile.Create(path, parsed.GetValue(s_force));
            file.Stream.Write(json);
            file.Commit();
        }

        if (parsed.GetValue(s_json))
        {
            using JsonDocument document = JsonDocument.Parse(json);
            output.WriteLine(OneLine(document.RootElement));
        }
        else
        {
            RunReports.WriteTable(output, report, part);
        }

        foreach (string warning in report.Warnings)
        {
            error.WriteLine($"warning: {warning}");
        }

        return 0;
    }

    private static string OneLine(JsonElement json)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            json.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
