using System.CommandLine;
using System.Text;
using System.Text.Json;
using Engine.Core.Time;
using Engine.Training.Backends;
using Engine.Training.Reports;
using Engine.Training.Runs;

namespace Engine.Lab.Commands;

/// <summary><c>lab train</c>: runs a configuration; everything that is needed to repeat the run is in its folder.</summary>
internal static class TrainCommand
{
    private static readonly Argument<string> s_config = new("CONFIG") { Description = "The configuration (JSON, comments allowed): dataset, label, split, models; see gpu/Engine.Training/Runs/README.md" };
    private static readonly Option<string> s_out = new("--out", "-o") { Description = "Folder of the run", Required = true };
    private static readonly Option<bool> s_resume = new("--resume") { Description = "Go on with a run that was stopped, to the same numbers" };
    private static readonly BackendOptions s_backend = new();
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "Remove a run that is in the folder" };
    private static readonly Option<bool> s_json = new("--json") { Description = "Summary as one JSON object on standard output" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command(
            "train",
            "Train and judge the models of a configuration, the ladder of baselines first. Of K folds the file of a model is fitted on all rows outside the test, for as many epochs as the folds needed on average; of walking forward it is the last round's.")
        {
            s_config, s_out, s_resume, s_force, s_json,
        };
        foreach (Option option in s_backend.All)
        {
            command.Options.Add(option);
        }

        command.SetAction(parsed => Run(parsed, output, error));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter output, TextWriter error)
    {
        string config = parsed.GetValue(s_config)!;
        bool resumes = parsed.GetValue(s_resume);
        if (resumes && parsed.GetValue(s_force))
        {
            throw new UsageException("--resume goes on with a run, and -f removes it; choose one");
        }

        using ITrainingBackend backend = s_backend.Open(parsed);
        RunPlan plan = RunPlanReader.Read(config);
        var folder = new RunFolder(parsed.GetValue(s_out)!);
        folder.Prepare(plan, resumes, parsed.GetValue(s_force));
        using var stop = new StopRequest();
        using (var observer = new TrainingObserver(error))
        {
            try
            {
                RunTrainer.Run(plan, folder, backend, observer, new WallClock(), LabVersion.Text, stop.Token);
            }
            catch (OperationCanceledException)
            {
                observer.Say($"stopped; what is done is kept. Go on with: lab train {config} -o {folder.Path} --resume{s_backend.Text(parsed)}");
                return 0;
            }
        }

        RunReport report = RunReports.Make(folder);
        bool hasPage = RunReports.Write(folder, report, ReportPage.FindChart());
        Summarise(report, folder, hasPage, error);
        if (parsed.GetValue(s_json))
        {
            output.WriteLine(Json(report, folder, hasPage));
        }

        return 0;
    }

    private static void Summarise(RunReport report, RunFolder folder, bool hasPage, TextWriter error)
    {
        RunReports.WriteTable(error, report);
        foreach (string warning in report.Warnings)
        {
            error.WriteLine($"warning: {warning}");
        }

        error.WriteLine(hasPage ? folder.ReportPage : $"{folder.ReportJson}; {ReportCommand.NoChart(folder)}");
    }

    private static string Json(RunReport report, RunFolder folder, bool hasPage)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("folder", folder.Path);
            json.WriteString("report", hasPage ? folder.ReportPage : folder.ReportJson);
            json.WriteStartArray("models");
            foreach (ModelReport model in report.Models)
            {
                json.WriteStartObject();
                json.WriteString("name", model.Name);
                json.WriteString("verdict", RunReports.NameOf(model.Diagnosis.Verdict));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("warnings", report.Warnings.Count);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
