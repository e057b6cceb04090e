namespace Engine.Training.Tests;

/// <summary>The generated files of tools/samples, and others of the checkout.</summary>
internal static class SampleDay
{
    private const int MaxParents = 32;

    public static string Capture { get; } = FindFile("tools", "samples", "market.pcap.gz");

    public static string Model { get; } = FindFile("tools", "samples", "silo.onnx");

    /// <summary>A file of the checkout.</summary>
    public static string FindFile(params string[] path)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        for (int i = 0; i < MaxParents && directory is not null; i++, directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Engine.sln")))
            {
                return Path.Combine([directory.FullName, .. path]);
            }
        }

        throw new InvalidOperationException("Engine.sln is in no parent of the test's folder");
    }
}
