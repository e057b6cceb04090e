namespace Engine.Training.Tests;

/// <summary>The generated files of tools/samples.</summary>
internal static class SampleDay
{
    private const int MaxParents = 32;

    public static string Capture { get; } = Path.Combine(Folder(), "market.pcap.gz");

    public static string Model { get; } = Path.Combine(Folder(), "silo.onnx");

    private static string Folder()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        for (int i = 0; i < MaxParents && directory is not null; i++, directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Engine.sln")))
            {
                return Path.Combine(directory.FullName, "tools", "samples");
            }
        }

        throw new InvalidOperationException("Engine.sln is in no parent of the test's folder");
    }
}
