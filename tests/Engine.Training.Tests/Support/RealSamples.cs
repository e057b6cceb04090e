namespace Engine.Training.Tests.Support;

/// <summary>Real samples beside the repository.</summary>
internal static class RealSamples
{
    /// <summary>A sample; ends the test as ignored where there is none.</summary>
    public static string Find(string relative)
    {
        string? folder = Environment.GetEnvironmentVariable("ENGINE_SHARED_DATA");
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); folder is null && at is not null; at = at.Parent)
        {
            folder = File.Exists(Path.Combine(at.FullName, "Engine.sln")) ? Path.Combine(at.FullName, "../shared/data") : null;
        }

        string path = Path.GetFullPath(Path.Combine(folder ?? "", relative));
        if (!File.Exists(path))
        {
            Assert.Ignore($"no real sample {path}");
        }

        return path;
    }
}
