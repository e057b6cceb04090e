using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Host.Commands;
using Engine.Host.Output;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;

namespace Engine.Host.Inspection;

/// <summary>What a model artefact says of itself; as rows, its contract with the statistics.</summary>
internal static class ModelInspection
{
    private static readonly string[] s_columns = ["index", "name", "family", "window_ns", "unit", "mean", "deviation"];

    /// <summary>Summary on stdout, or the contract's rows where `--format` or `-o` ask for them.</summary>
    public static int Run(string path, ParseResult parse, RowOutputOptions output, bool json)
    {
        ModelArtefact model = ModelArtefact.Load(path);
        if (output.IsAsked(parse))
        {
            using RowWriter rows = output.Open(parse, s_columns);
            WriteRows(rows, model, output.Limit(parse));
        }
        else
        {
            WriteText(path, model, Console.Out);
        }

        if (json)
        {
            Console.Out.WriteLine(Json(path, model));
        }

        return ExitCodes.Ok;
    }

    private static void WriteRows(RowWriter rows, ModelArtefact model, long limit)
    {
        for (int i = 0; i < model.Contract.Count && i < limit; i++)
        {
            FeatureSpec feature = model.Contract.Features[i];
            rows.Integer(i);
            rows.Text(feature.Name);
            rows.Text(feature.Family);
            rows.Integer(feature.WindowNanos);
            rows.Text(feature.Unit);
            rows.Float(model.Description.Ranks is null ? model.Description.Mean.Span[i] : float.NaN);
            rows.Float(model.Description.Ranks is null ? model.Description.Deviation.Span[i] : float.NaN);
            rows.EndRow();
        }
    }

    private static void WriteText(string path, ModelArtefact model, TextWriter text)
    {
        ArtefactDescription d = model.Description;
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: model, {model.Bytes.Length:N0} bytes, sha256 {model.Sha256}"));
        text.WriteLine($"  weights        {d.Weights}{(d.Note.Length > 0 ? $": {d.Note}" : "")}");
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  label          {d.Label}, horizon {d.HorizonNanos / 1e9} s"));
        text.WriteLine($"  training split {(d.TrainingSplit.Count > 0 ? string.Join(", ", d.TrainingSplit) : "none")}");
        text.WriteLine($"  native kernel  {NativeKernel(model)}");
        text.WriteLine($"  normaliser     {NormaliserText(d)}");
        WriteMembers(model, text);
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  golden vectors {d.Golden.Count}"));
        text.WriteLine($"  contract       {model.Contract.Name}, {model.Contract.Count} features, {model.Contract.Sampling}, {model.Contract.Hash}");
        if (Describe(model, out string? fault) is { } description)
        {
            ContractInspection.WriteFamilies(description, text);
        }
        else
        {
            text.WriteLine($"  not of this engine: {fault}");
            WriteFamilies(model.Contract, text);
        }
    }

    private static void WriteMembers(ModelArtefact model, TextWriter text)
    {
        for (int i = 0; i < model.Members.Count; i++)
        {
            EnsembleMember member = model.Description.Ensemble!.Members[i];
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  member {i,-7} {member.Name}, weight {model.Description.Ensemble.Fusion.Weights[i]}, {member.Label}, {member.Weights}, {NativeKernel(model.Members[i])}, sha256 {member.Sha256}"));
        }
    }

    private static string NormaliserText(ArtefactDescription d) =>
        d.Ranks is not null ? $"{d.NormaliserKind}, {RankTable.MaxQuantiles} quantiles a feature at most"
        : float.IsFinite(d.Clip) ? string.Create(CultureInfo.InvariantCulture, $"{d.NormaliserKind} within ±{d.Clip}")
        : d.Ensemble is not null ? "each member's own"
        : d.NormaliserKind;

    private static void WriteFamilies(FeatureContract contract, TextWriter text)
    {
        foreach (string family in contract.Families)
        {
            FeatureSpec[] features = [.. contract.Features.ToArray().Where(f => f.Family == family)];
            text.WriteLine($"    {family,-16} {features.Length,3}  {features[0].Unit,-8} {features[0].Name} … {features[^1].Name}");
        }
    }

    /// <summary>The contract as this engine has it; null, and why, where it has not.</summary>
    private static ContractDescription? Describe(ModelArtefact model, out string? fault)
    {
        try
        {
            var description = ContractDescription.Of(ContractDefinition.Of(model.Contract));
            fault = description.Contract.FirstDifference(model.Contract);
            return fault is null ? description : null;
        }
        catch (ContractException e)
        {
            fault = e.Message;
            return null;
        }
    }

    private static string NativeKernel(ModelArtefact model) =>
        model.WhyNotNative is not null ? $"no: {model.WhyNotNative}; --inference ort runs it, the default --inference native refuses it"
        : model.Description.Ensemble is { } e ? string.Create(CultureInfo.InvariantCulture, $"{e.Fusion.Kind.ToString().ToLowerInvariant()} ensemble of {e.Members.Count}, bias {e.Fusion.Bias}")
        : model.Lstm is { } lstm ? LstmText(lstm)
        : model.Trees is { } trees ? string.Create(CultureInfo.InvariantCulture, $"{trees.Trees.Count} trees")
        : model.Dense is { } dense ? $"dense, {DenseText(dense)}"
        : model.Silo is { } silo ? string.Create(CultureInfo.InvariantCulture, $"deep silos, {silo.Silos.Count} and {silo.Direct.Count} direct features")
        : "none";

    private static string DenseText(DenseNetwork dense) => string.Join(" > ", dense.Stages.Select((stage, i) => stage switch
    {
        DenseStage.Product p => string.Create(CultureInfo.InvariantCulture, $"{p.Layer.Inputs}x{p.Layer.Outputs}{(p.Layer.Activation == Activation.Identity ? "" : $" {p.Layer.Activation}")}"),
        DenseStage.Activate a => $"{a.Activation}",
        DenseStage.Pick p => string.Create(CultureInfo.InvariantCulture, $"{p.Indices.Count} of {dense.Widths[i]}"),
        _ => stage.GetType().Name,
    }));

    private static string LstmText(LstmNetwork lstm) => string.Create(
        CultureInfo.InvariantCulture,
        $"lstm, {(lstm.Mode == SequenceMode.Streaming ? "state carried from tick to tick, first prediction at tick" : "windows of")} {lstm.Steps} {(lstm.Mode == SequenceMode.Streaming ? "" : "ticks ")}× {lstm.Features.Count} features, {string.Join(" + ", lstm.Layers.Select(l => l.Units))} units");

    private static string Json(string path, ModelArtefact model)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("file", Path.GetFileName(path));
            json.WriteString("kind", "model");
            json.WriteString("model_hash", model.Sha256);
            json.WriteString("contract", model.Contract.Name);
            json.WriteString("contract_hash", model.Contract.Hash);
            json.WriteString("sampling", model.Contract.Sampling);
            json.WriteNumber("features", model.Contract.Count);
            json.WriteString("label", model.Description.Label);
            json.WriteNumber("horizon_ns", model.Description.HorizonNanos);
            json.WriteString("weights", model.Description.Weights);
            json.WriteNumber("golden_vectors", model.Description.Golden.Count);
            json.WriteString("normaliser", model.Description.NormaliserKind);
            if (float.IsFinite(model.Description.Clip))
            {
                json.WriteNumber("clip", model.Description.Clip);
            }

            if (Describe(model, out string? fault) is { } description)
            {
                ContractInspection.WriteFamilies(description, json);
            }

            json.WriteString("contract_fault", fault);
            json.WriteBoolean("native", model.WhyNotNative is null);
            json.WriteString("why_not_native", model.WhyNotNative);
            json.WriteString("inference", model.WhyNotNative is null ? "native" : "ort");
            json.WriteNumber("window_ticks", model.Window.Steps);
            if (model.Description.Ensemble is { } ensemble)
            {
                json.WritePropertyName("ensemble");
                json.WriteStartObject();
                json.WriteString("fusion", ensemble.Fusion.Kind.ToString().ToLowerInvariant());
                json.WriteNumber("bias", ensemble.Fusion.Bias);
                json.WriteStartArray("members");
                for (int i = 0; i < ensemble.Members.Count; i++)
                {
                    json.WriteStartObject();
                    json.WriteString("name", ensemble.Members[i].Name);
                    json.WriteString("model_hash", ensemble.Members[i].Sha256);
                    json.WriteString("label", ensemble.Members[i].Label);
                    json.WriteNumber("weight", ensemble.Fusion.Weights[i]);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
