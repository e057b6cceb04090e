using System.Text.Json;
using Engine.Features;

namespace Engine.Inference.Artefacts;

/// <summary>What a model does to a row before its graph, as its file says.</summary>
/// <param name="Mean">Mean by feature; 0 where there are no z-scores.</param>
/// <param name="Deviation">Standard deviation by feature; 1 where there are no z-scores.</param>
/// <param name="IsRaw">Rows pass as they are.</param>
/// <param name="Clip">Bound of z-scores; infinite for none.</param>
/// <param name="Ranks">Rank-Gauss; null for another kind.</param>
internal sealed record NormaliserForm(float[] Mean, float[] Deviation, bool IsRaw = false, float Clip = float.PositiveInfinity, RankTable? Ranks = null);

/// <summary>The value of <see cref="ArtefactKeys.Normaliser"/>, both ways. The reader throws as those of <see cref="ArtefactJson"/> do.</summary>
internal static class NormaliserJson
{
    private const string ZScore = "z-score";
    private const string RankGauss = "rank-gauss";
    private const string None = "none";

    /// <summary>How the kind is spelled.</summary>
    public static string KindOf(bool isRaw, RankTable? ranks) => isRaw ? None : ranks is not null ? RankGauss : ZScore;

    public static string Write(NormaliserForm form) => ArtefactJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("kind", KindOf(form.IsRaw, form.Ranks));
        if (form.Ranks is { } ranks)
        {
            Write(json, "quantiles", ranks.Count, ranks.Quantiles);
            Write(json, "values", ranks.Count, ranks.Values);
        }
        else if (!form.IsRaw)
        {
            json.WritePropertyName("mean");
            ArtefactJson.WriteFloats(json, form.Mean);
            json.WritePropertyName("deviation");
            ArtefactJson.WriteFloats(json, form.Deviation);
            if (float.IsFinite(form.Clip))
            {
                json.WriteNumber("clip", form.Clip);
            }
        }

        json.WriteEndObject();
    });

    /// <summary>Reads and checks it.</summary>
    /// <param name="json">The value.</param>
    /// <param name="contract">The features that it is for.</param>
    public static NormaliserForm Read(JsonElement json, FeatureContract contract)
    {
        string kind = ArtefactJson.Text(json, "kind");
        return kind switch
        {
            ZScore => ReadScores(json, contract),
            RankGauss => ReadRanks(json, contract),
            None => new NormaliserForm(new float[contract.Count], Ones(contract), IsRaw: true),
            _ => throw new FormatException($"normaliser kind '{kind}' is not known; '{ZScore}', '{RankGauss}' and '{None}' are"),
        };
    }

    private static NormaliserForm ReadScores(JsonElement json, FeatureContract contract)
    {
        float[] mean = ArtefactJson.ReadFloats(ArtefactJson.Member(json, "mean")), deviation = ArtefactJson.ReadFloats(ArtefactJson.Member(json, "deviation"));
        float clip = json.TryGetProperty("clip", out JsonElement bound) ? bound.GetSingle() : float.PositiveInfinity;
        _ = new Normaliser(mean, deviation, clip: clip);
        return mean.Length == contract.Count ? new NormaliserForm(mean, deviation, Clip: clip) : throw OtherLength(mean.Length, contract);
    }

    private static NormaliserForm ReadRanks(JsonElement json, FeatureContract contract)
    {
        float[][] quantiles = [.. ArtefactJson.Array(json, "quantiles").Select(ArtefactJson.ReadFloats)];
        float[][] values = [.. ArtefactJson.Array(json, "values").Select(ArtefactJson.ReadFloats)];
        if (quantiles.Length != contract.Count)
        {
            throw OtherLength(quantiles.Length, contract);
        }

        var ranks = new RankTable(quantiles, values, i => contract.Features[i].Name);
        return new NormaliserForm(new float[contract.Count], Ones(contract), Ranks: ranks);
    }

    private static FormatException OtherLength(int count, FeatureContract contract) => new($"statistics of {count} features, the contract has {contract.Count}");

    private static float[] Ones(FeatureContract contract) => [.. Enumerable.Repeat(1f, contract.Count)];

    private static void Write(Utf8JsonWriter json, string name, int features, RowOf row)
    {
        json.WriteStartArray(name);
        for (int i = 0; i < features; i++)
        {
            ArtefactJson.WriteFloats(json, row(i));
        }

        json.WriteEndArray();
    }

    private delegate ReadOnlySpan<float> RowOf(int feature);
}
