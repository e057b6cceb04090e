using System.CommandLine;
using Engine.Training.Reports;
using Engine.Training.Runs;

namespace Engine.Lab.Commands;

/// <summary><c>lab report</c>: makes a run's report again of what its folder holds.</summary>
internal static class ReportCommand
{
    private static readonly Argument<string> s_folder = new("RUNDIR") { Description = "Folder of a run" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("report", "Write report.json and report.html of a run again, and print its models as a table.") { s_folder };
        command.SetAction(parsed => Run(parsed.GetValue(s_folder)!, output, error));
        return command;
    }

    /// <summary>Why there is no page, and what to do.</summary>
    public static string NoChart(RunFolder folder) =>
        $"no page: the chart library is not there; run build/provision-chart.sh ROOT, or set ENGINE_CHART=/path/to/{ReportPage.ChartFile}, then lab report {folder.Path}";

    private static int Run(string path, TextWriter output, TextWriter error)
    {
        var folder = new RunFolder(path);
        RunReport report = RunReports.Make(folder);
        bool hasPage = RunReports.Write(folder, report, ReportPage.FindChart());
        RunReports.WriteTable(output, report);
        foreach (string warning in report.Warnings)
        {
            error.WriteLine($"warning: {warning}");
        }

        return hasPage ? 0 : throw new UsageException(NoChart(folder));
    }
}
