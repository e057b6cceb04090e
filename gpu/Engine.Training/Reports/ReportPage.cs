using System.Text;
using Engine.Core.Natives;

namespace Engine.Training.Reports;

/// <summary>A run's report as one HTML file that needs nothing else: the chart library and the report's JSON are inside.</summary>
public static class ReportPage
{
    /// <summary>The chart library: Chart.js 4, which the build takes from its npm package.</summary>
    public const string ChartFile = "chart.umd.min.js";

    private const string ChartPlace = "/*CHART*/";
    private const string DataPlace = "/*DATA*/";

    /// <summary>Where the chart library lies: `ENGINE_CHART`, beside the program, or under `.native`; null where it is not.</summary>
    public static string? FindChart() =>
        Environment.GetEnvironmentVariable("ENGINE_CHART") is { Length: > 0 } named && File.Exists(named)
            ? named
            : NativeFiles.Beside(ChartFile) ?? NativeFiles.InCheckout(ChartFile);

    /// <summary>The page.</summary>
    /// <param name="report">The report.</param>
    /// <param name="chart">Text of the chart library.</param>
    public static string Write(RunReport report, string chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        using Stream stream = typeof(ReportPage).Assembly.GetManifestResourceStream("Engine.Training.Reports.report.html")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        string page = reader.ReadToEnd();

        // Inside a script element only its end tag would end it.
        return page
            .Replace(ChartPlace, chart.Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase), StringComparison.Ordinal)
            .Replace(DataPlace, Encoding.UTF8.GetString(ReportJson.Write(report)), StringComparison.Ordinal);
    }
}
