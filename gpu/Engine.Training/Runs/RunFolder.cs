namespace Engine.Training.Runs;

/// <summary>
/// Where a run's files lie: `config.json` (the configuration with every default), `run.json` (what came of it; there only when the run is
/// done), `models/NAME.onnx`, `predictions/NAME.h5`, `checkpoints/NAME.ROUND.ckpt`, `backends.txt` (what has trained here), `report.json`, `report.html`.
/// </summary>
public sealed class RunFolder
{
    private const string Partial = ".partial";

    private static readonly string[] s_folders = ["models", "predictions", "checkpoints"];
    private static readonly string[] s_files = ["config.json", "run.json", "report.json", "report.html", "backends.txt"];

    /// <param name="path">The folder.</param>
    public RunFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The resolved configuration.</summary>
    public string Configuration => In(s_files[0]);

    /// <summary>What came of the run.</summary>
    public string Record => In(s_files[1]);

    /// <summary>The report as JSON.</summary>
    public string ReportJson => In(s_files[2]);

    /// <summary>The report as a page.</summary>
    public string ReportPage => In(s_files[3]);

    /// <summary>What has trained here, a line each, in the order in which it began.</summary>
    public string Backends => In(s_files[4]);

    /// <summary>A model's file.</summary>
    public string Model(string name) => In(s_folders[0], name + ".onnx");

    /// <summary>A model's predictions.</summary>
    public string Predictions(string name) => In(s_folders[1], name + ".h5");

    /// <summary>A model's checkpoint in a round.</summary>
    public string Checkpoint(string name, string round) => In(s_folders[2], $"{name}.{round}.ckpt");

    /// <summary>Makes the folder ready for a run.</summary>
    /// <param name="plan">What will be run.</param>
    /// <param name="resumes">Go on with a run of the same plan that was begun here.</param>
    /// <param name="overwrites">Remove a run that is here.</param>
    /// <exception cref="RunException">There is a run, or something else.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Prepare(RunPlan plan, bool resumes, bool overwrites)
    {
        byte[] text = plan.ToJson();
        if (File.Exists(Configuration))
        {
            if (overwrites)
            {
                Clear();
            }
            else if (!resumes)
            {
                throw new RunException($"{Path}: holds a run; pass --resume to go on with it, -f to begin it anew, or name another folder");
            }
            else if (!File.ReadAllBytes(Configuration).AsSpan().SequenceEqual(text))
            {
                throw new RunException($"{Path}: was begun with another configuration ({Configuration}); pass -f to begin anew, or name another folder");
            }
        }
        else if (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any())
        {
            throw new RunException($"{Path}: holds something else than a run; name another folder");
        }

        Array.ForEach(s_folders, f => Directory.CreateDirectory(In(f)));
        File.Delete(Record);
        Write(Configuration, text);
    }

    /// <summary>Names of what has trained here: one, unless the run went on with another than it began with.</summary>
    public IReadOnlyList<string> ReadBackends() => File.Exists(Backends) ? File.ReadAllLines(Backends) : [];

    /// <summary>Adds what trains from here on, unless it is what trained last.</summary>
    /// <param name="name">Its name.</param>
    public void AddBackend(string name)
    {
        IReadOnlyList<string> before = ReadBackends();
        if (before.Count == 0 || before[^1] != name)
        {
            Write(Backends, System.Text.Encoding.UTF8.GetBytes(string.Join('\n', before.Append(name)) + "\n"));
        }
    }

    /// <summary>Writes a file that appears under its name only when it is whole.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(path + Partial, bytes);
        File.Move(path + Partial, path, overwrite: true);
    }

    private void Clear()
    {
        Array.ForEach(s_files, f => File.Delete(In(f)));
        foreach (string folder in s_folders.Select(f => In(f)).Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string In(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);
}
