namespace Engine.Core.Natives;

/// <summary>Where the build and the publish put native libraries that the engine brings along.</summary>
public static class NativeFiles
{
    private const int MaxParents = 32;

    /// <summary>A library beside the binary; null where there is none.</summary>
    public static string? Beside(string fileName)
    {
        string path = Path.Combine(AppContext.BaseDirectory, fileName);
        return File.Exists(path) ? path : null;
    }

    /// <summary>A library under `.native` of the checkout that the binary is in; null where there is none.</summary>
    public static string? InCheckout(string fileName)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        for (int i = 0; i < MaxParents && directory is not null; i++, directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Engine.sln")))
            {
                string path = Path.Combine(directory.FullName, ".native", fileName);
                return File.Exists(path) ? path : null;
            }
        }

        return null;
    }
}
