using System.CommandLine;
using System.Globalization;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Inference.Artefacts;
using Engine.Inference.OnnxRuntime;
using Engine.Training.Export;
using Engine.Training.Import;

namespace Engine.Lab.Commands;

/// <summary><c>lab import-lightgbm</c>: a LightGBM model file as an artefact, its feature names held against a contract's.</summary>
internal static class ImportLightGbmCommand
{
    private static readonly Argument<string> s_model = new("MODEL") { Description = "LightGBM model file (text)" };
    private static readonly Option<string> s_out = new("--out", "-o") { Description = "Model file to write", Required = true };
    private static readonly Option<string> s_contract = ContractChoice.Contract();
    private static readonly Option<string?> s_sampling = ContractChoice.Sampling();
    private static readonly Option<string> s_label = new("--label") { Description = "What it predicts", Required = true };
    private static readonly Option<long> s_horizon = new("--horizon-ms") { Description = "How far ahead, ms of exchange time", Required = true };
    private static readonly Option<string[]> s_split = new("--split") { Description = "A day or fold that it was trained on; may be repeated", Required = true };
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "Overwrite an existing file" };

    /// <summary>Makes the command.</summary>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter error)
    {
        var command = new Command("import-lightgbm", "Make an artefact of a LightGBM model that was trained on raw features.")
        {
            s_model, s_out, s_contract, s_sampling, s_label, s_horizon, s_split, s_force,
        };
        command.SetAction(parsed => Run(parsed, error));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter error)
    {
        (ContractDefinition contract, Sampling sampling) = ContractChoice.Read(parsed.GetValue(s_contract)!, parsed.GetValue(s_sampling));
        long horizon = parsed.GetValue(s_horizon);
        if (horizon is <= 0 or > long.MaxValue / 1_000_000)
        {
            throw new UsageException($"--horizon-ms {horizon}: a whole number of milliseconds above 0 is expected");
        }

        using FeatureSet set = FeatureSet.Create(contract, sampling, new EngineLimits());
        string path = parsed.GetValue(s_model)!;
        LightGbmModel model = Read(path, set.Contract);
        using OutputFile file = OutputFile.Create(parsed.GetValue(s_out)!, parsed.GetValue(s_force));
        try
        {
            file.Stream.Write(TreeExport.ToBytes(
                model.Ensemble, set.Contract, parsed.GetValue(s_label)!, horizon * 1_000_000, parsed.GetValue(s_split)!,
                ArtefactDescription.Trained, $"LightGBM model {Path.GetFileName(path)}, objective {(model.Objective.Length == 0 ? "not stated" : model.Objective)}"));
        }
        catch (Exception e) when (e is ArtefactException or OrtUnavailableException)
        {
            throw new UsageException($"{path}: {e.Message}");
        }

        file.Commit();
        error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{model.Ensemble.Trees.Count} trees over {model.FeatureNames.Count} features, deepest {model.Ensemble.Trees.Max(t => t.Depth)}; golden vectors reproduced by native kernels and ONNX Runtime"));
        return 0;
    }

    private static LightGbmModel Read(string path, FeatureContract contract)
    {
        try
        {
            LightGbmModel model = LightGbmModel.Parse(ReadText(path));
            return model.FirstDifference(contract) is { } difference
                ? throw new UsageException($"{path}: {difference}; train on rows of contract {contract.Name}, {contract.Hash}")
                : model;
        }
        catch (LightGbmException e)
        {
            throw new UsageException($"{path}: {e.Message}");
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return new FileInfo(path).Length <= LightGbmModel.MaxCharacters
                ? File.ReadAllText(path)
                : throw new LightGbmException($"more than {LightGbmModel.MaxCharacters} bytes");
        }
        catch (UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: cannot be read; check its permissions");
        }
    }
}
