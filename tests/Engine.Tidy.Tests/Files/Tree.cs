using System.Text;

namespace Engine.Tidy.Tests.Files;

/// <summary>The repository's files: everything below the folder of Engine.sln but build outputs and tools' own folders.</summary>
internal static class Tree
{
    private const int SniffedBytes = 8192;

    private static readonly HashSet<string> s_skipped = new(StringComparer.Ordinal)
    {
        "bin", "obj", ".git", ".native", "artifacts", ".vs", ".idea", "TestResults", "BenchmarkDotNet.Artifacts",
    };

    private static readonly string[] s_binaryExtensions = [".gz", ".onnx", ".pcap", ".png"];

    /// <summary>Absolute path of the folder that holds Engine.sln, above the test assembly.</summary>
    public static string Root { get; } = FindRoot();

    private static readonly Lazy<TreeFile[]> s_files = new(Read);

    /// <summary>All files, in ordinal order of their paths.</summary>
    public static IReadOnlyList<TreeFile> Files => s_files.Value;

    /// <summary>All C# source.</summary>
    public static IEnumerable<TreeFile> Sources => Files.Where(file => file.IsSource);

    /// <summary>All projects.</summary>
    public static IEnumerable<TreeFile> Projects => Files.Where(file => file.IsProject);

    /// <summary>Whether a path from the root names a file or folder.</summary>
    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    /// <summary>The text of a file that must be there.</summary>
    public static string Text(string path) =>
        Files.FirstOrDefault(file => file.Path == path)?.Text ?? throw new AssertionException($"{path}: no such text file below {Root}");

    /// <summary>Fails with all findings, one a line.</summary>
    public static void AssertTidy(IEnumerable<Finding> findings)
    {
        Finding[] all = [.. findings];
        if (all.Length > 0)
        {
            Assert.Fail($"{all.Length} to tidy:\n" + string.Join('\n', all));
        }
    }

    private static TreeFile[] Read()
    {
        var paths = new List<string>();
        var folders = new Stack<string>();
        folders.Push(Root);
        while (folders.TryPop(out string? folder))
        {
            paths.AddRange(Directory.EnumerateFiles(folder));
            foreach (string inner in Directory.EnumerateDirectories(folder))
            {
                if (!s_skipped.Contains(Path.GetFileName(inner)))
                {
                    folders.Push(inner);
                }
            }
        }

        return [.. paths
            .Select(path => (Name: Path.GetRelativePath(Root, path).Replace('\\', '/'), Path: path))
            .Where(file => file.Name != ".git" && !file.Name.EndsWith(".user", StringComparison.Ordinal))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => Load(file.Name, file.Path))];
    }

    private static TreeFile Load(string name, string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bool binary = s_binaryExtensions.Contains(Path.GetExtension(name)) || bytes.AsSpan(0, Math.Min(bytes.Length, SniffedBytes)).Contains((byte)0);
        return new TreeFile(name, bytes.Length, binary ? null : Encoding.UTF8.GetString(bytes));
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Engine.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Engine.sln above {AppContext.BaseDirectory}.");
    }
}
