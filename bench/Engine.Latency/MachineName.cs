namespace Engine.Latency;

/// <summary>What a measured claim must name.</summary>
public static class MachineName
{
    /// <summary>The CPU's model and count, kernel and runtime, in one line.</summary>
    public static string Describe() =>
        $"{CpuModel()}, {Environment.ProcessorCount} cpus, {Environment.OSVersion}, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}";

    /// <summary>The first `model name` of /proc/cpuinfo; `unknown CPU` where there is none.</summary>
    public static string CpuModel()
    {
        try
        {
            foreach (string line in File.ReadLines("/proc/cpuinfo"))
            {
                if (line.StartsWith("model name", StringComparison.Ordinal))
                {
                    return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
                }
            }
        }
        catch (IOException)
        {
            // Not Linux, or no /proc.
        }

        return "unknown CPU";
    }
}
