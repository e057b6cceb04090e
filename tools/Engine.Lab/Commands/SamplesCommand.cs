using System.CommandLine;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Simulator;

namespace Engine.Lab.Commands;

/// <summary><c>lab samples</c>: writes the files of tools/samples again, from their seeds.</summary>
internal static class SamplesCommand
{
    /// <summary>Seed of the sample day.</summary>
    public const ulong MarketSeed = 20260105;

    /// <summary>Seed of the day that the sample model's normaliser is fitted on: another one.</summary>
    public const ulong TrainingSeed = 20260102;

    /// <summary>Seed of the sample model's weights.</summary>
    public const ulong WeightSeed = 1;

    /// <summary>Messages of either day.</summary>
    public const long Messages = 200_000;

    private static readonly Option<string> s_out = new("--out", "-o") { Description = "Folder to write to", DefaultValueFactory = _ => "tools/samples" };
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "Overwrite existing files" };

    /// <summary>Makes the command.</summary>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter error)
    {
        var command = new Command("samples", "Write market.pcap.gz and silo.onnx again, from their seeds.") { s_out, s_force };
        command.SetAction(parsed => Run(parsed.GetValue(s_out)!, parsed.GetValue(s_force), error));
        return command;
    }

    private static int Run(string folder, bool overwrite, TextWriter error)
    {
        using (OutputFile market = OutputFile.Create(Path.Combine(folder, "market.pcap.gz"), overwrite))
        {
            SimulationResult day = Simulation.Run(new SimulationOptions { Seed = MarketSeed, Messages = Messages }, market.Stream);
            market.Commit();
            error.WriteLine($"market.pcap.gz: sha256 of the decompressed bytes {day.Sha256}");
        }

        using OutputFile model = OutputFile.Create(Path.Combine(folder, "silo.onnx"), overwrite);
        byte[] bytes = Silo(error);
        model.Stream.Write(bytes);
        model.Commit();
        error.WriteLine($"silo.onnx: sha256 {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))}");
        return 0;
    }

    /// <summary>The sample model's bytes.</summary>
    /// <param name="error">Told what was fitted.</param>
    public static byte[] Silo(TextWriter error)
    {
        string training = Path.Combine(Path.GetTempPath(), $"engine-samples-{Environment.ProcessId}.pcap");
        try
        {
            using (FileStream file = File.Create(training))
            {
                Simulation.Run(new SimulationOptions { Seed = TrainingSeed, Date = new DateOnly(2026, 1, 2), Messages = Messages }, file);
            }

            return SeedModelCommand.Make(
                [training], [$"simulated day 2026-01-02, seed {TrainingSeed}, {Messages} messages"], WeightSeed,
                ContractDefinition.BuiltIn(FeatureSet.DefaultName), Sampling.EveryEvent, error);
        }
        finally
        {
            File.Delete(training);
        }
    }
}
