using System.CommandLine;
using System.Globalization;
using Engine.Features;
using Engine.Feeds.Captures;
using Engine.Training.Datasets;
using Engine.Training.Export;

namespace Engine.Lab.Commands;

/// <summary><c>lab seed-model</c>: an artefact with seeded weights, its normaliser or thresholds fitted on captures.</summary>
internal static class SeedModelCommand
{
    /// <summary>The families of the default contract that become silos; the others go straight to the fusion.</summary>
    private static readonly string[] s_direct = ["imbalance", "health"];

    private static readonly Argument<string[]> s_captures = new("CAPTURE")
    {
        Description = "Captures that the normaliser is fitted on", Arity = ArgumentArity.OneOrMore,
    };
    private static readonly Option<string> s_out = new("--out", "-o") { Description = "Model file to write", Required = true };
    private static readonly Option<ulong> s_seed = new("--seed") { Description = "Seed of the weights", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> s_contract = new("--contract")
    {
        Description = string.Join(" or ", FeatureSet.Names), DefaultValueFactory = _ => FeatureSet.DefaultName,
    };
    private static readonly Option<string> s_sampling = new("--sampling")
    {
        Description = "every-event, every-N or grid-MS", DefaultValueFactory = _ => "every-event",
    };
    private static readonly Option<string> s_kind = new("--kind")
    {
        Description = "silo, or trees (500 of depth 6 over raw rows)", DefaultValueFactory = _ => "silo",
    };
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "Overwrite an existing file" };

    /// <summary>Makes the command.</summary>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter error)
    {
        var command = new Command("seed-model", "Write a Deep-Silo or tree model with seeded weights, not trained: for measuring and testing.")
        {
            s_captures, s_out, s_seed, s_contract, s_sampling, s_kind, s_force,
        };
        command.SetAction(parsed => Run(parsed, error));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter error)
    {
        if (!Sampling.TryParse(parsed.GetValue(s_sampling)!, out Sampling sampling))
        {
            throw new UsageException($"--sampling '{parsed.GetValue(s_sampling)}' is none of every-event, every-N, grid-MS");
        }

        string contract = parsed.GetValue(s_contract)!;
        if (!FeatureSet.Names.Contains(contract))
        {
            throw new UsageException($"--contract '{contract}' is unknown; use {string.Join(" or ", FeatureSet.Names)}");
        }

        string kind = parsed.GetValue(s_kind)!;
        if (kind is not ("silo" or "trees"))
        {
            throw new UsageException($"--kind '{kind}' is unknown; use silo or trees");
        }

        string[] captures = parsed.GetValue(s_captures)!;
        using OutputFile file = OutputFile.Create(parsed.GetValue(s_out)!, parsed.GetValue(s_force));
        file.Stream.Write(Make(captures, [.. captures.Select(c => Path.GetFileName(c))], parsed.GetValue(s_seed), contract, sampling, error, kind == "trees"));
        file.Commit();
        return 0;
    }

    /// <summary>The artefact's bytes.</summary>
    /// <param name="captures">Captures that the normaliser is fitted on.</param>
    /// <param name="split">What the artefact calls them.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="contract">Name of the contract.</param>
    /// <param name="sampling">When rows are taken.</param>
    /// <param name="error">Told what was fitted.</param>
    /// <param name="trees">Trees instead of silos.</param>
    public static byte[] Make(
        IReadOnlyList<string> captures, IReadOnlyList<string> split, ulong seed, string contract, Sampling sampling, TextWriter error, bool trees = false)
    {
        try
        {
            (FeatureContract made, NormaliserFit fit) = CaptureRows.Fit(captures, contract, sampling);
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"statistics over {fit.Count.ToArray().Max():N0} rows of {made.Count} features, contract {made.Hash}"));
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
