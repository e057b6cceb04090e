using System.Globalization;
using System.Text.Json;
using Engine.Training.Labels;
using Engine.Training.Runs;

namespace Engine.Lab.Studies;

/// <summary>
/// Makes simulated days, rows, labels and a split, and trains configurations on them, by the commands that anyone would type:
/// <code>
///   DIR/DAY.pcap, DAY.truth.csv ── DIR/days ── DIR/split.json ── DIR/NAME.json, DIR/NAME (the run)
/// </code>
/// What a folder has already is kept, as the commands keep it, and a run is begun anew.
/// </summary>
/// <param name="options">What is asked for.</param>
/// <param name="error">Standard error.</param>
internal sealed class Study(StudyOptions options, TextWriter error)
{
    private static readonly string[] s_made = ["dataset", "label", "split"];

    private string Dataset => In("days");

    private string Split => In("split.json");

    /// <summary>Path of a day's capture.</summary>
    public string CaptureOf(StudyDay day) => In(day.Id + ".pcap");

    /// <summary>Path of a day's truth; there only with a known drift.</summary>
    public string TruthOf(StudyDay day) => In(day.Id + ".truth.csv");

    /// <summary>Makes everything.</summary>
    /// <returns>The runs, one a configuration.</returns>
    /// <exception cref="StudyException">A step ended badly.</exception>
    /// <exception cref="RunException">A configuration cannot be read, or names a data set of its own.</exception>
    public IReadOnlyList<RunFolder> Make()
    {
        (string Name, byte[] Text)[] runs = [.. options.Configurations.Select(path => (Path.GetFileNameWithoutExtension(path), Completed(path)))];
        Directory.CreateDirectory(options.Folder);
        foreach (StudyDay day in options.Days)
        {
            Simulate(day);
        }

        string[] sampling = options.Sampling is { } asked ? ["--sampling", asked] : [];
        Step(["dataset", .. options.Days.Select(CaptureOf), "-o", Dataset, "--contract", options.Contract, "-f", .. sampling]);
        Step(["label", Dataset, "--label", LabelNames.Of(options.Kind), "--horizon", options.Horizon.ToString(), "-f"]);
        Step(
        [
            "split", Dataset, "-o", Split, "-f", "--label", options.Label, "--train", $"{options.Days[0].Id}..{options.Days[^3].Id}",
            "--valid", options.Days[^2].Id, "--test", options.Days[^1].Id,
        ]);
        return [.. runs.Select(run => Train(run.Name, run.Text))];
    }

    private void Simulate(StudyDay day)
    {
        string[] kind = options.Alpha is double alpha ? ["--alpha", Text(alpha)] : [];
        Step(
        [
            "sim", "--seed", Text(day.Seed), "--date", day.Id, "--messages", Text(options.Messages), "--instruments", Text(options.Instruments),
            "--out", CaptureOf(day), "-f", .. kind,
        ]);
    }

    private RunFolder Train(string name, byte[] configuration)
    {
        string path = In(name + ".json");
        RunFolder.Write(path, configuration);
        var folder = new RunFolder(In(name));
        Step(["train", path, "-o", folder.Path, "-f", "--threads", Text(options.Threads)]);
        return File.Exists(folder.Record) ? folder : throw new StudyException(1);
    }

    /// <summary>The configuration with the data set, label and split of this study.</summary>
    private byte[] Completed(string path)
    {
        using JsonDocument document = Read(path);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString(s_made[0], Dataset);
            json.WriteString(s_made[1], options.Label);
            json.WriteString(s_made[2], Split);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (s_made.Contains(property.Name))
                {
                    throw new RunException($"{path}: has the key {property.Name}, which a study makes itself; leave it out");
                }

                property.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static JsonDocument Read(string path)
    {
        try
        {
            var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new RunException($"{path}: the file must be an object, {{ … }}");
        }
        catch (JsonException e)
        {
            throw new RunException($"{path}: is not JSON: {e.Message.ReplaceLineEndings(" ")}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private void Step(string[] arguments)
    {
        int exit = LabCommandLine.Run(arguments, TextWriter.Null, error);
        if (exit != 0)
        {
            throw new StudyException(exit);
        }
    }

    private string In(string name) => Path.Combine(options.Folder, name);

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
