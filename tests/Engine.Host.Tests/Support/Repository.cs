namespace Engine.Host.Tests.Support;

/// <summary>Where things are: the repository, its samples, real data, and a folder to write in.</summary>
internal static class Repository
{
    private static readonly Lazy<string> s_model = new(() => LabRun.SeedModelOf(SampleRuns.WriteCapture(20_000, Simulator.OutputFormat.Pcap, ".pcap")));

    /// <summary>The folder of Engine.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A new folder, removed after the tests.</summary>
    public static string Scratch { get; } = Directory.CreateTempSubdirectory("engine-host-tests-").FullName;

    /// <summary>The sample capture, gzipped.</summary>
    public static string SampleCapture { get; } = File("tools/samples/market.pcap.gz");

    /// <summary>A silo model like that of the samples, with seeded weights: its predictions are of the size of 1, where differences show.</summary>
    public static string SampleModel => s_model.Value;

    /// <summary>A file of the repository.</summary>
    public static string File(string relative) => Path.Combine(Root, relative);

    /// <summary>A new path in the scratch folder.</summary>
    public static string NewPath(string ending) => Path.Combine(Scratch, Guid.NewGuid().ToString("n")[..12] + ending);

    /// <summary>Writes a new file in the scratch folder.</summary>
    public static string Write(string ending, byte[] bytes)
    {
        string path = NewPath(ending);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>A real sample; ends the test as ignored where there is none.</summary>
    public static string RealData(string relative)
    {
        string folder = Environment.GetEnvironmentVariable("ENGINE_SHARED_DATA") ?? Path.Combine(Root, "../shared/data");
        string path = Path.GetFullPath(Path.Combine(folder, relative));
        if (!System.IO.File.Exists(path))
        {
            Assert.Ignore($"no real sample {path}");
        }

        return path;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Engine.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Engine.sln above {AppContext.BaseDirectory}.");
    }
}
