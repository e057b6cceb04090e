using System.Globalization;
using System.Text.Json;
using Engine.Inference.Networks;
using Engine.Training.Losses;
using Engine.Training.Splits;

namespace Engine.Training.Runs;

/// <summary>
/// Reads a run's configuration: one JSON object, comments and trailing commas allowed, every unknown key refused. The ladder of baselines
/// (zero, mean, last_value, linear) comes first whether it is named or not; a model that is named so takes that rung's place.
/// </summary>
public static class RunPlanReader
{
    private const int MaxBytes = 1 << 20;
    private const int LongestName = 64;

    private static readonly ModelKind[] s_ladder = [ModelKind.Zero, ModelKind.Mean, ModelKind.LastValue, ModelKind.Linear];

    /// <summary>Reads a file.</summary>
    /// <exception cref="RunException">It cannot be read, is no such configuration, or says what cannot be.</exception>
    public static RunPlan Read(string path)
    {
        try
        {
            byte[] bytes = new byte[MaxBytes + 1];
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length <= MaxBytes
                ? Parse(bytes.AsMemory(0, length), path)
                : throw new RunException(string.Create(CultureInfo.InvariantCulture, $"{path}: is longer than {MaxBytes:N0} bytes; this is no configuration"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="file">What messages call it.</param>
    /// <exception cref="RunException">As for <see cref="Read"/>.</exception>
    public static RunPlan Parse(ReadOnlyMemory<byte> text, string file)
    {
        try
        {
            text = text.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? text[3..] : text;
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return Plan(new RunSection(file, "", document.RootElement));
        }
        catch (JsonException e)
        {
            throw new RunException(string.Create(
                CultureInfo.InvariantCulture, $"{file}: is not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {e.Message.Split(". LineNumber")[0]}"));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new RunException($"{file}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static RunPlan Plan(RunSection root)
    {
        string label = root.Required("label");
        var plan = new RunPlan
        {
            Title = root.Text("title") ?? label,
            Dataset = root.Required("dataset"),
            Label = label,
            Split = root.Required("split"),
            Seed = (ulong)root.Integer("seed", 1, 0, long.MaxValue),
            Level = root.Number("level", 0.05),
            ClassAbove = root.Optional("class_above"),
            Unchecked = [.. (root.Texts("unchecked") ?? []).Select(name => Leak.TryParse(name, out LeakKind kind)
                ? kind
                : throw root.Wrong("unchecked", $"names '{name}'; known are {string.Join(", ", Leak.Names)}"))],
            ImportanceRows = (int)root.Integer("importance_rows", 20_000, 0, 1_000_000),
            Models = [],
        };
        if (!(plan.Level is > 0 and < 1))
        {
            throw root.Wrong("level", "must lie between 0 and 1, e.g. 0.05");
        }

        ModelPlan[] named = [.. root.Sections("models").Select(s => ModelPlanReader.Read(s, plan))];
        EnsemblePlan[] ensembles = [.. root.Sections("ensembles").Select(Ensemble)];
        root.Finish();
        ModelPlan[] ladder = [.. s_ladder.Select(kind => named.FirstOrDefault(m => m.Name == RunPlan.Kinds[(int)kind]) ?? ModelPlanReader.Rung(kind, plan))];
        plan = plan with { Models = [.. ladder, .. named.Where(m => !ladder.Contains(m))], Ensembles = ensembles };
        Check(root, plan, ladder);
        return plan;
    }

    private static EnsemblePlan Ensemble(RunSection section)
    {
        var ensemble = new EnsemblePlan(
            Name(section), section.Texts("members") ?? [], (FusionKind)section.Word("fusion", (int)FusionKind.Weighted, RunPlanText.Fusions));
        section.Finish();
        return ensemble.Members.Count is >= 2 and <= Fusion.MaxMembers && ensemble.Members.Distinct(StringComparer.Ordinal).Count() == ensemble.Members.Count
            ? ensemble
            : throw section.Wrong("members", string.Create(CultureInfo.InvariantCulture, $"must be 2 to {Fusion.MaxMembers} different names of models"));
    }

    private static void Check(RunSection root, RunPlan plan, ModelPlan[] ladder)
    {
        string[] names = [.. plan.Models.Select(m => m.Name), .. plan.Ensembles.Select(e => e.Name)];
        if (names.GroupBy(n => n, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw root.Wrong("models", $"has two of the name '{twice.Key}'; a model's name is also that of its files");
        }

        if (names.Length > RunPlan.MaxModels)
        {
            throw root.Wrong("models", string.Create(CultureInfo.InvariantCulture, $"has {names.Length} models with the ladder and the ensembles; at most {RunPlan.MaxModels}"));
        }

        if (ladder.FirstOrDefault(m => RunPlan.Kinds[(int)m.Kind] != m.Name) is { } other)
        {
            throw root.Wrong("models", $"calls a model of kind {RunPlan.Kinds[(int)other.Kind]} '{other.Name}', which is a rung of the ladder; give it another name");
        }

        foreach (EnsemblePlan ensemble in plan.Ensembles)
        {
            foreach (string member in ensemble.Members)
            {
                ModelPlan model = plan.Models.FirstOrDefault(m => m.Name == member)
                    ?? throw root.Wrong("ensembles", $"names the member '{member}', which is no model of the run; there are {string.Join(", ", plan.Models.Select(m => m.Name))}");
                if (model.Kind is ModelKind.Zero or ModelKind.Mean or ModelKind.LastValue)
                {
                    throw root.Wrong("ensembles", $"names the member '{member}': {(model.Kind == ModelKind.LastValue ? "it has no file" : "a constant adds nothing")}; name trained models");
                }
            }

            if (ensemble.Fusion == FusionKind.Logistic && !plan.IsClassification)
            {
                throw root.Wrong("ensembles", $"has a logistic fusion in '{ensemble.Name}', which gives a probability; say of which class by class_above, or use weighted");
            }
        }
    }

    /// <summary>A name, which is also that of files.</summary>
    internal static string Name(RunSection section)
    {
        string name = section.Required("name");
        return name.Length <= LongestName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && name[0] != '.'
            ? name
            : throw section.Wrong("name", string.Create(CultureInfo.InvariantCulture, $"must be 1 to {LongestName} letters, digits, -, _ or ."));
    }

    /// <summary>The loss of a run's models unless they say another.</summary>
    internal static LossKind UsualLoss(RunPlan plan) => plan.IsClassification ? LossKind.BinaryCrossEntropy : LossKind.MeanSquared;
}
