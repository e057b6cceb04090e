using System.Text.Json;
using Engine.Features;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>The value of <see cref="ArtefactKeys.Ensemble"/>, both ways. The reader throws as those of <see cref="ArtefactJson"/> do.</summary>
internal static class EnsembleJson
{
    /// <summary>How each fusion is spelled.</summary>
    public static readonly string[] FusionNames = ["weighted", "logistic"];

    public static string Write(EnsembleDescription ensemble) => ArtefactJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("fusion", FusionNames[(int)ensemble.Fusion.Kind]);
        json.WritePropertyName("weights");
        ArtefactJson.WriteFloats(json, ensemble.Fusion.Weights);
        json.WriteNumber("bias", ensemble.Fusion.Bias);
        json.WriteStartArray("members");
        foreach (EnsembleMember member in ensemble.Members)
        {
            Write(json, member);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static EnsembleDescription Read(JsonElement json, FeatureContract contract)
    {
        string name = ArtefactJson.Text(json, "fusion");
        int kind = Array.IndexOf(FusionNames, name);
        if (kind < 0)
        {
            throw new FormatException($"fusion '{name}' is not known; '{string.Join("' and '", FusionNames)}' are");
        }

        var fusion = new Fusion((FusionKind)kind, ArtefactJson.ReadFloats(ArtefactJson.Member(json, "weights")), ArtefactJson.Member(json, "bias").GetSingle());
        EnsembleMember[] members = [.. ArtefactJson.Array(json, "members").Select(m => ReadMember(m, contract))];
        return members.Length == fusion.Weights.Length
            ? new EnsembleDescription(fusion, members)
            : throw new FormatException($"{members.Length} members but {fusion.Weights.Length} weights");
    }

    private static void Write(Utf8JsonWriter json, EnsembleMember member)
    {
        json.WriteStartObject();
        json.WriteString("name", member.Name);
        json.WriteString("sha256", member.Sha256);
        json.WriteString("label", member.Label);
        json.WriteNumber("horizon_ns", member.HorizonNanos);
        json.WriteString("weights", member.Weights);
        json.WritePropertyName("training_split");
        json.WriteRawValue(ArtefactJson.Texts(member.TrainingSplit));
        if (member.Window.IsSequence)
        {
            json.WriteNumber("window_ticks", member.Window.Steps);
            json.WriteBoolean("time_first", member.Window.IsTimeFirst);
        }

        json.WritePropertyName("normaliser");
        json.WriteRawValue(NormaliserJson.Write(new NormaliserForm(member.Mean.ToArray(), member.Deviation.ToArray(), member.IsRaw, member.Clip, member.Ranks)));
        json.WriteEndObject();
    }

    private static EnsembleMember ReadMember(JsonElement json, FeatureContract contract)
    {
        NormaliserForm normaliser = NormaliserJson.Read(ArtefactJson.Member(json, "normaliser"), contract);
        InputWindow window = InputWindow.Row;
        if (json.TryGetProperty("window_ticks", out JsonElement ticks))
        {
            int steps = ticks.GetInt32();
            window = steps is >= 1 and <= LstmNetwork.MaxSteps
                ? new InputWindow(steps, true, ArtefactJson.Member(json, "time_first").GetBoolean())
                : throw new FormatException($"window_ticks is {steps}; 1 to {LstmNetwork.MaxSteps} are allowed");
        }

        return new EnsembleMember
        {
            Name = ArtefactJson.Text(json, "name"),
            Sha256 = ArtefactJson.Text(json, "sha256"),
            Label = ArtefactJson.Text(json, "label"),
            HorizonNanos = ArtefactJson.Member(json, "horizon_ns").GetInt64(),
            Weights = ArtefactJson.Text(json, "weights"),
            TrainingSplit = ArtefactJson.ReadTexts(ArtefactJson.Member(json, "training_split")),
            Window = window,
            Mean = normaliser.Mean,
            Deviation = normaliser.Deviation,
            IsRaw = normaliser.IsRaw,
            Clip = normaliser.Clip,
            Ranks = normaliser.Ranks,
        };
    }
}
