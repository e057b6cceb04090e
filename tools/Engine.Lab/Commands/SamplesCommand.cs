using System.CommandLine;
using System.Security.Cryptography;
using Engine.Features;
using Engine.Lab.Studies;
using Engine.Simulator;
using Engine.Training.Labels;
using Engine.Training.Runs;

namespace Engine.Lab.Commands;

/// <summary><c>lab samples</c>: writes the files of tools/samples again, from their seeds.</summary>
internal static class SamplesCommand
{
    /// <summary>Messages of a day.</summary>
    public const long Messages = 200_000;

    private const int Instruments = 8;
    private const string HorizonText = "5s";
    private const string Scores = "models.json";

    // The seed of a day is its date; the last one is the sample day, on which the models are tested.
    private static readonly StudyDay[] s_days =
        [.. new DateOnly[] { new(2025, 12, 29), new(2025, 12, 30), new(2025, 12, 31), new(2026, 1, 2), new(2026, 1, 5) }.Select(d => new StudyDay(d, Seed(d)))];

    private static readonly string[] s_models = ["silo", "lstm", "trees", "ensemble"];

    private static readonly Option<string> s_out = new("--out", "-o") { Description = "Folder to write to", DefaultValueFactory = _ => "tools/samples" };
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "Overwrite existing files" };
    private static readonly Option<bool> s_train = new("--train")
    {
        Description = $"Also train {string.Join(", ", s_models)} (.onnx) on simulated days, test them on the sample day, and write {Scores}; minutes",
    };
    private static readonly Option<string> s_config = new("--config") { Description = "--train: the run configuration", DefaultValueFactory = _ => "tools/studies/samples.json" };
    private static readonly Option<long> s_messages = new("--messages", "-n") { Description = "Messages of each day; with fewer, other files come out than those of tools/samples", DefaultValueFactory = _ => Messages };
    private static readonly Option<string?> s_work = new("--work") { Description = "--train: keep days, rows and the run with its report in this folder" };
    private static readonly Option<int> s_threads = new("--threads") { Description = "--train: threads; 0 for one a CPU. Results do not depend on it" };

    /// <summary>Makes the command.</summary>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter error)
    {
        var command = new Command("samples", "Write market.pcap.gz again, and with --train the sample models, from their seeds.")
        {
            s_out, s_force, s_train, s_config, s_messages, s_work, s_threads,
        };
        command.SetAction(parsed => Run(parsed, error));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter error)
    {
        string folder = parsed.GetValue(s_out)!;
        bool overwrite = parsed.GetValue(s_force);
        long messages = parsed.GetValue(s_messages);
        using (OutputFile market = OutputFile.Create(Path.Combine(folder, "market.pcap.gz"), overwrite))
        {
            SimulationResult day = Simulation.Run(
                new SimulationOptions { Seed = s_days[^1].Seed, Date = s_days[^1].Date, Messages = messages, Instruments = Instruments }, market.Stream);
            market.Commit();
            error.WriteLine($"market.pcap.gz: sha256 of the decompressed bytes {day.Sha256}");
        }

        if (!parsed.GetValue(s_train))
        {
            return 0;
        }

        OutputFile[] files = [.. s_models.Select(m => m + ".onnx").Append(Scores).Select(name => OutputFile.Create(Path.Combine(folder, name), overwrite))];
        string work = parsed.GetValue(s_work) ?? Directory.CreateTempSubdirectory("engine-samples-").FullName;
        try
        {
            StudyOptions options = Options(parsed, work);
            StudyResult study = StudyResult.Of(options, error);
            var run = new RunFolder(Path.Combine(work, study.Runs[0].Name));
            Write(files, [.. s_models.Select(m => File.ReadAllBytes(run.Model(m))), StudyText.ToJson([study])], error);
            StudyText.WriteTables(error, study);
            return 0;
        }
        catch (StudyException e)
        {
            return e.ExitCode;
        }
        finally
        {
            Array.ForEach(files, f => f.Dispose());
            if (parsed.GetValue(s_work) is null)
            {
                Directory.Delete(work, recursive: true);
            }
        }
    }

    private static StudyOptions Options(ParseResult parsed, string work) => new()
    {
        Folder = work,
        Configurations = [parsed.GetValue(s_config)!],
        Days = s_days,
        Messages = parsed.GetValue(s_messages),
        Instruments = Instruments,
        Contract = FeatureSet.DefaultName,
        Horizon = LabelHorizon.TryParse(HorizonText, out LabelHorizon horizon) ? horizon : throw new InvalidOperationException(HorizonText),
        Threads = parsed.GetValue(s_threads),
    };

    private static void Write(OutputFile[] files, byte[][] contents, TextWriter error)
    {
        foreach ((OutputFile file, byte[] bytes) in files.Zip(contents))
        {
            file.Stream.Write(bytes);
            file.Commit();
            error.WriteLine($"{file.Name}: sha256 {Convert.ToHexStringLower(SHA256.HashData(bytes))}");
        }
    }

    private static ulong Seed(DateOnly date) => (ulong)((date.Year * 10_000) + (date.Month * 100) + date.Day);
}
