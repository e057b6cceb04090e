using Engine.Core.Diagnostics;

namespace Engine.Host.Replay;

/// <summary>What a replay leaves in its output folder.</summary>
internal static class ReplayFiles
{
    private const string Summary = "summary.json";

    /// <summary>The prediction log of a folder.</summary>
    public static string LogPath(string folder) => Path.Combine(folder, "predictions.engplog");

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

    /// <summary>Refuses a folder that holds another run's summary, unless told to overwrite.</summary>
    public static void RefuseOverwrite(string folder, bool overwrite)
    {
        string summary = Path.Combine(folder, Summary);
        if (!overwrite && File.Exists(summary))
        {
            throw new HostException(ExitCodes.Usage, $"{summary} exists already; give -f to overwrite it, or another folder");
        }
    }

    /// <summary>Writes summary.json and a .hgrm file a stage, microseconds.</summary>
    public static void Write(string folder, ReplayResult result, string json)
    {
        File.WriteAllText(Path.Combine(folder, Summary), json + "\n");
        Histogram(folder, "decode", result.Timer.Decode);
        Histogram(folder, "book", result.Timer.Book);
        Histogram(folder, "features", result.Timer.Features);
        Histogram(folder, "inference", result.Timer.Inference);
        Histogram(folder, "wire_to_prediction", result.Timer.WireToPrediction);
        Histogram(folder, "hiccup", result.Hiccups);
    }

    private static void Histogram(string folder, string name, LatencyHistogram histogram)
    {
        if (histogram.Count > 0)
        {
            using var file = new StreamWriter(Path.Combine(folder, name + ".hgrm"));
            histogram.WriteHgrm(file, 1000);
        }
    }
}
