using System.CommandLine;
using System.Globalization;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Feeds.Captures;
using Engine.Inference.Networks;
using Engine.Training.Datasets;
using Engine.Training.Export;
using Engine.Training.Networks;

namespace Engine.Lab.Commands;

/// <summary><c>lab seed-model</c>: an artefact with seeded weights, its normaliser or thresholds fitted on captures.</summary>
internal static class SeedModelCommand
{
    /// <summary>The families of the default contract that go straight to the fusion; the others become silos.</summary>
    private static readonly string[] s_direct =
        ["imbalance", "shape", "volatility", "activity", "queue", "cancel_pressure", "lifetime", "reference", "health"];

    private static readonly Argument<string[]> s_captures = new("CAPTURE")
    {
        Description = "Captures that the normaliser is fitted on; of an ensemble its members' files", Arity = ArgumentArity.OneOrMore,
    };
    private static readonly Option<string> s_out = new("--out", "-o") { Description = "Model file to write", Required = true };
    private static readonly Option<ulong> s_seed = new("--seed") { Description = "Seed of the weights", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> s_contract = ContractChoice.Contract();
    private static readonly Option<string?> s_sampling = ContractChoice.Sampling();
    private static readonly Option<string> s_kind = new("--kind") { Description = "silo, lstm, trees (500 of depth 6 over raw rows), or ensemble (of the models named)", DefaultValueFactory = _ => "silo" };
    private static readonly Option<int> s_window = new("--window") { Description = "lstm: ticks of a window", DefaultValueFactory = _ => new LstmShape().Steps };
    private static readonly Option<int> s_features = new("--features")
    {
        Description = "lstm: features of a tick, picked in turn from the contract's families", DefaultValueFactory = _ => new LstmShape().Features,
    };
    private static readonly Option<int> s_units = new("--units") { Description = "lstm: units of a layer", DefaultValueFactory = _ => new LstmShape().Units };
    private static readonly Option<int> s_layers = new("--layers") { Description = "lstm: layers", DefaultValueFactory = _ => new LstmShape().Layers };
    private static readonly Option<bool> s_streaming = new("--streaming") { Description = "lstm: carry the state from tick to tick" };
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "Overwrite an existing file" };

    /// <summary>Makes the command.</summary>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter error)
    {
        var command = new Command("seed-model", "Write a Deep-Silo, LSTM or tree model with seeded weights, not trained: for measuring and testing.")
        {
            s_captures, s_out, s_kind, s_seed, s_contract, s_sampling, s_window, s_features, s_units, s_layers, s_streaming, s_force,
        };
        foreach (Option option in SeedEnsemble.Options)
        {
            command.Add(option);
        }

        command.SetAction(parsed => Run(parsed, error));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter error)
    {
        if (parsed.GetValue(s_kind) == SeedEnsemble.Kind)
        {
            return RunEnsemble(parsed);
        }

        CheckOwn(parsed, SeedEnsemble.Kind, SeedEnsemble.Options);
        (ContractDefinition contract, Sampling sampling) = ContractChoice.Read(parsed.GetValue(s_contract)!, parsed.GetValue(s_sampling));
        LstmShape? shape = Shape(parsed);
        string[] captures = parsed.GetValue(s_captures)!;
        using OutputFile file = OutputFile.Create(parsed.GetValue(s_out)!, parsed.GetValue(s_force));
        file.Stream.Write(Make(
            captures, [.. captures.Select(c => Path.GetFileName(c))], parsed.GetValue(s_seed), contract, sampling, error, shape, parsed.GetValue(s_kind) == "trees"));
        file.Commit();
        return 0;
    }

    private static int RunEnsemble(ParseResult parsed)
    {
        CheckOwn(parsed, "lstm", [s_window, s_features, s_units, s_layers, s_streaming]);
        CheckOwn(parsed, "silo, lstm and trees; an ensemble's members bring theirs", [s_seed, s_contract, s_sampling]);
        byte[] bytes = SeedEnsemble.Make(parsed, parsed.GetValue(s_captures)!);
        using OutputFile file = OutputFile.Create(parsed.GetValue(s_out)!, parsed.GetValue(s_force));
        file.Stream.Write(bytes);
        file.Commit();
        return 0;
    }

    /// <summary>Refuses options that are for another kind.</summary>
    private static void CheckOwn(ParseResult parsed, string kind, IEnumerable<Option> own)
    {
        if (parsed.GetValue(s_kind) != kind && own.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } odd)
        {
            throw new UsageException($"{odd.Name} is for --kind {kind}");
        }
    }

    private static LstmShape? Shape(ParseResult parsed)
    {
        string kind = parsed.GetValue(s_kind)!;
        CheckOwn(parsed, "lstm", [s_window, s_features, s_units, s_layers, s_streaming]);

        return kind switch
        {
            "silo" or "trees" => null,
            "lstm" => new LstmShape
            {
                Steps = Bounded(parsed, s_window, LstmNetwork.MaxSteps),
                Features = Bounded(parsed, s_features, DenseLayer.MaxWidth),
                Units = Bounded(parsed, s_units, LstmLayer.MaxUnits),
                Layers = Bounded(parsed, s_layers, LstmNetwork.MaxLayers),
                Mode = parsed.GetValue(s_streaming) ? SequenceMode.Streaming : SequenceMode.Windows,
            },
            _ => throw new UsageException($"--kind '{kind}' is unknown; use silo, lstm, trees or ensemble"),
        };
    }

    private static int Bounded(ParseResult parsed, Option<int> option, int most)
    {
        int value = parsed.GetValue(option);
        return value >= 1 && value <= most ? value : throw new UsageException($"{option.Name} {value}: use 1 to {most}");
    }

    /// <summary>The artefact's bytes.</summary>
    /// <param name="captures">Captures that the normaliser is fitted on.</param>
    /// <param name="split">What the artefact calls them.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="contract">What it reads.</param>
    /// <param name="sampling">When rows are taken.</param>
    /// <param name="error">Told what was fitted.</param>
    /// <param name="shape">Of an LSTM; null for others.</param>
    /// <param name="trees">Trees instead of silos.</param>
    public static byte[] Make(
        IReadOnlyList<string> captures, IReadOnlyList<string> split, ulong seed, ContractDefinition contract, Sampling sampling, TextWriter error,
        LstmShape? shape = null, bool trees = false)
    {
        try
        {
            (FeatureContract made, NormaliserFit fit) = CaptureRows.Fit(captures, contract, sampling);
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"statistics over {fit.Count.ToArray().Max():N0} rows of {made.Count} features, contract {made.Hash}"));
            if (shape is not null)
            {
                return shape.Features <= made.Count
                    ? LstmExport.Seeded(made, shape, seed, fit.Mean(), fit.Deviation(), split)
                    : throw new UsageException($"--features {shape.Features}: contract {contract.Name} has {made.Count}");
            }

            if (trees)
            {
                return TreeExport.Seeded(made, seed, fit.Mean(), fit.Deviation(), split);
            }

            string[] silos = [.. made.Families.Except(s_direct, StringComparer.Ordinal)];
            return SiloExport.Seeded(made, silos, seed, fit.Mean(), fit.Deviation(), split);
        }
        catch (CaptureException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
