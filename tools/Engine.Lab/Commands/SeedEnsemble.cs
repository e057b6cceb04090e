using System.CommandLine;
using System.Globalization;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Training.Export;

namespace Engine.Lab.Commands;

/// <summary>The part of <c>lab seed-model</c> that makes one model of several.</summary>
internal static class SeedEnsemble
{
    /// <summary>The kind, as the option spells it.</summary>
    public const string Kind = "ensemble";

    private static readonly Option<string> s_fusion = new("--fusion") { Description = "ensemble: weighted (the weighted sum) or logistic (its sigmoid)", DefaultValueFactory = _ => "weighted" };
    private static readonly Option<string?> s_weights = new("--weights") { Description = "ensemble: a weight for each member, e.g. 0.5,0.3,0.2. Default: equal ones, of sum 1 (weighted) or 1 each (logistic)" };
    private static readonly Option<string> s_bias = new("--bias") { Description = "ensemble: what the sum starts from", DefaultValueFactory = _ => "0" };
    private static readonly Option<string?> s_label = new("--label") { Description = "ensemble: what it predicts. Default: what its members predict" };

    /// <summary>The options that only this kind has.</summary>
    public static IReadOnlyList<Option> Options { get; } = [s_fusion, s_weights, s_bias, s_label];

    /// <summary>The artefact's bytes.</summary>
    /// <param name="parsed">The command line; its positional arguments are the members.</param>
    /// <param name="members">Their paths.</param>
    public static byte[] Make(ParseResult parsed, IReadOnlyList<string> members)
    {
        try
        {
            ModelArtefact[] artefacts = [.. members.Select(m => ModelArtefact.Load(m))];
            FusionKind kind = parsed.GetValue(s_fusion) switch
            {
                "weighted" => FusionKind.Weighted,
                "logistic" => FusionKind.Logistic,
                string other => throw new UsageException($"--fusion '{other}' is unknown; use weighted or logistic"),
                null => FusionKind.Weighted,
            };
            float[] weights = parsed.GetValue(s_weights) is { } text
                ? [.. text.Split(',').Select(w => Number("--weights", w))]
                : [.. Enumerable.Repeat(kind == FusionKind.Weighted ? 1f / members.Count : 1f, members.Count)];
            if (weights.Length != members.Count)
            {
                throw new UsageException($"--weights has {weights.Length} numbers for {members.Count} members");
            }

            return EnsembleExport.ToBytes(artefacts, new Fusion(kind, weights, Number("--bias", parsed.GetValue(s_bias)!)), parsed.GetValue(s_label));
        }
        catch (Exception e) when (e is ArtefactException or ArgumentException)
        {
            throw new UsageException(e.Message);
        }
    }

    private static float Number(string option, string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value)
            ? value
            : throw new UsageException($"{option}: '{text}' is not a number");
}
