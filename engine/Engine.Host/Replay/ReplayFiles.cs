using System.Text;
using Engine.Core.Diagnostics;
using Engine.Host.Output;

namespace Engine.Host.Replay;

/// <summary>What a replay leaves in its output folder.</summary>
internal static class ReplayFiles
{
    private const string Summary = "summary.json";
    private const string UnfinishedSummary = "summary.json.tmp";
    private const string Log = "predictions.engplog";
    private const string HistogramEnding = ".hgrm";

    private static readonly string[] s_histograms = ["decode", "book", "features", "inference", "wire_to_prediction", "hiccup"];

    /// <summary>The prediction log of a folder.</summary>
    public static string LogPath(string folder) => Path.Combine(folder, Log);

    /// <summary>Makes the folder.</summary>
    public static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException(ExitCodes.Usage, $"--out {folder}: the folder cannot be made: {e.Message}");
        }
    }

    /// <summary>
    /// Refuses a folder that holds a file of another run. Told to overwrite, it removes them all, so that none stays beside those
    /// of a run that does not write it.
    /// </summary>
    public static void Clear(string folder, bool overwrite)
    {
        string[] names = [Summary, UnfinishedSummary, Log, .. s_histograms.Select(n => n + HistogramEnding)];
        foreach (string path in names.Select(n => Path.Combine(folder, n)).Where(Path.Exists))
        {
            if (!overwrite)
            {
                throw new HostException(ExitCodes.Usage, $"{path} exists already; give -f to overwrite it, or another folder");
            }

            try
            {
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new HostException(ExitCodes.Usage, $"{path} cannot be overwritten: {e.Message}");
            }
        }
    }

    /// <summary>Writes a .hgrm file a stage, microseconds, and then summary.json: where it is, all is there and whole.</summary>
    public static void Write(string folder, ReplayResult result, string json)
    {
        LatencyHistogram[] histograms =
            [result.Timer.Decode, result.Timer.Book, result.Timer.Features, result.Timer.Inference, result.Timer.WireToPrediction, result.Hiccups];
        foreach ((string name, LatencyHistogram histogram) in s_histograms.Zip(histograms).Where(h => h.Second.Count > 0))
        {
            using var file = new StreamWriter(OutputFile.Create(Path.Combine(folder, name + HistogramEnding), true));
            histogram.WriteHgrm(file, 1000);
        }

        string unfinished = Path.Combine(folder, UnfinishedSummary);
        using (FileStream file = OutputFile.Create(unfinished, true))
        {
            file.Write(Encoding.UTF8.GetBytes(json + "\n"));
        }

        File.Move(unfinished, Path.Combine(folder, Summary), true);
    }
}
