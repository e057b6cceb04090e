using System.Globalization;
using Engine.Core.Memory;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;

namespace Engine.Training.Export;

/// <summary>
/// Makes one artefact of several: checks that they can be fused, computes golden vectors over the members' own golden rows, writes
/// the file and loads it again through every check, so that a file that was exported is one that runs.
/// </summary>
public static class EnsembleExport
{
    private static readonly EngineLimits s_limits = new() { Instruments = 1, SequenceInstruments = 1 };

    /// <summary>The bytes of the artefact.</summary>
    /// <param name="members">Models of one contract.</param>
    /// <param name="fusion">What makes one value of theirs.</param>
    /// <param name="label">What the ensemble predicts; null for the members', which must then be one.</param>
    /// <param name="note">A remark for people.</param>
    /// <param name="withOnnxRuntime">Also have ONNX Runtime reproduce the golden vectors.</param>
    /// <exception cref="ArtefactException">The models cannot be fused, or the file would be refused.</exception>
    /// <exception cref="Engine.Inference.OnnxRuntime.OrtUnavailableException">ONNX Runtime is asked for and cannot be had.</exception>
    public static byte[] ToBytes(IReadOnlyList<ModelArtefact> members, Fusion fusion, string? label = null, string note = "", bool withOnnxRuntime = true)
    {
        Check(members, fusion, label);
        int features = members[0].Contract.Count;
        var description = new ArtefactDescription
        {
            Contract = members[0].Contract,
            Mean = new float[features],
            Deviation = Enumerable.Repeat(1f, features).ToArray(),
            IsRaw = true,
            Label = label ?? members[0].Description.Label,
            HorizonNanos = members[0].Description.HorizonNanos,
            TrainingSplit = [.. members.SelectMany(m => m.Description.TrainingSplit).Distinct(StringComparer.Ordinal)],
            Weights = members.All(m => m.Description.Weights == ArtefactDescription.Trained) ? ArtefactDescription.Trained : ArtefactDescription.Seeded,
            Note = note,
            Ensemble = new EnsembleDescription(fusion, [.. members.Select(EnsembleMember.Of)]),
            Golden = Questions(members),
        };
        try
        {
            GoldenVectors golden;
            using (Predictor predictor = PredictorFactory.CreateUnproven(members, fusion, Kernel.Scalar, s_limits))
            {
                golden = GoldenAnswers.Of(predictor, description);
            }

            byte[] bytes = ArtefactWriter.Write(members, description with { Golden = golden });
            ModelArtefact artefact = ModelArtefact.Parse(bytes, "export", description.Contract);
            PredictorFactory.Create(artefact, withOnnxRuntime ? InferenceMode.Both : InferenceMode.Native, KernelChoice.Best, s_limits).Dispose();
            return bytes;
        }
        catch (ArgumentException e)
        {
            throw new ArtefactException("export", e.Message);
        }
    }

    private static void Check(IReadOnlyList<ModelArtefact> members, Fusion fusion, string? label)
    {
        if (members.Count != fusion.Weights.Length)
        {
            throw new ArtefactException("export", $"{members.Count} members and {fusion.Weights.Length} weights; each member has one");
        }

        ModelArtefact first = members[0];
        foreach (ModelArtefact member in members)
        {
            string? wrong = member.Description.Ensemble is not null ? "it is an ensemble itself; name its members"
                : member.Description.Sequence == SequenceMode.Streaming ? "it carries its state from tick to tick, which a graph with others cannot; use a model of windows"
                : member.WhyNotNative is { } why ? $"no native kernel runs it, and an ensemble's golden vectors are computed on native kernels: {why}"
                : first.Contract.FirstDifference(member.Contract) is { } difference ? $"its contract is not that of {first.Path}: {difference}; members read the same rows"
                : first.Description.HorizonNanos != member.Description.HorizonNanos ? $"its horizon is {Seconds(member)}, that of {first.Path} {Seconds(first)}; members look equally far ahead"
                : label is null && first.Description.Label != member.Description.Label ? $"it predicts '{member.Description.Label}', {first.Path} '{first.Description.Label}'; say by a label of its own what the ensemble predicts"
                : fusion.Kind == FusionKind.Weighted && first.Description.Label != member.Description.Label ? $"it predicts '{member.Description.Label}', {first.Path} '{first.Description.Label}', of which there is no weighted mean; use the logistic fusion"
                : null;
            if (wrong is not null)
            {
                throw new ArtefactException(member.Path, wrong);
            }
        }
    }

    // The members' golden rows one after the other, those of the longest window last; what is too much is left out at the front.
    private static GoldenVectors Questions(IReadOnlyList<ModelArtefact> members)
    {
        int features = members[0].Contract.Count;
        GoldenVectors[] all = [.. members.OrderBy(m => m.Window.Steps).Select(m => m.Description.Golden)];
        int count = Math.Min(GoldenVectors.MaxCount, all.Sum(g => g.Count));
        float[] rows = [.. all.SelectMany(g => Enumerable.Range(0, g.Count).SelectMany(i => g.Row(i).ToArray()))];
        return new GoldenVectors(rows[^(count * features)..], new float[count], features);
    }

    private static string Seconds(ModelArtefact artefact) =>
        string.Create(CultureInfo.InvariantCulture, $"{artefact.Description.HorizonNanos / 1e9} s");
}
