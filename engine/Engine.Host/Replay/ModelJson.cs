using System.Globalization;
using System.Text.Json;
using Engine.Inference.Artefacts;
using Engine.Inference.Sequences;
using Engine.Recording;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>What a summary says of each model.</summary>
internal static class ModelJson
{
    /// <summary>Writes it, in the order of the models.</summary>
    public static void Write(Utf8JsonWriter json, ReplayResult result)
    {
        json.WriteStartArray("models");
        for (int i = 0; i < result.Models.Running.Count; i++)
        {
            json.WriteStartObject();
            Write(json, result.Models.Artefacts[i], result.Models.Running[i], result.ByModel[i]);
            Swap(json, result.Models.Swaps.FirstOrDefault(s => s.Next == result.Models.Running[i]));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Of a model that was to take another's place: whether it did, and from where on.</summary>
    private static void Swap(Utf8JsonWriter json, PreparedSwap? swap)
    {
        if (swap is null)
        {
            return;
        }

        ref ModelRecord record = ref ModelRecord.Of(ref swap.Record);
        json.WriteNumber("place", swap.Place);
        json.WriteBoolean("swapped_in", swap.IsApplied);
        if (swap.IsApplied)
        {
            json.WriteNumber("replaced", record.Replaced);
            json.WriteNumber("from_event", record.Event);
            json.WriteNumber("from_time_ns", record.ExchangeTime);
        }
    }

    private static void Write(Utf8JsonWriter json, ModelArtefact artefact, RunningModel running, ModelTally tally)
    {
        json.WriteNumber("model", running.Number);
        json.WriteString("file", Path.GetFileName(artefact.Path));
        json.WriteString("model_hash", artefact.Sha256);
        json.WriteString("contract", artefact.Contract.Name);
        json.WriteString("contract_hash", artefact.Contract.Hash);
        json.WriteString("sampling", artefact.Contract.Sampling);
        json.WriteString("kernel", running.Predictor.Kernel);
        json.WriteNumber("predictions", tally.Predictions);
        json.WriteString("prediction_digest", tally.Predictions > 0 ? tally.Digest.ToString("x16", CultureInfo.InvariantCulture) : null);
        json.WriteNumber("not_finite", tally.NotFinite);
        json.WriteNumber("missing_features", tally.Missing);
        if (running.Predictor.Sequence is { } sequence)
        {
            json.WriteNumber("warming_up", sequence.WarmingUp);
            json.WriteNumber("late_background", sequence.LateBackground);
        }

        json.WriteStartObject("latency_ns");
        ReplayJson.Histogram(json, "inference", running.Inference);
        ReplayJson.Histogram(json, "wire_to_prediction", running.WireToPrediction);
        json.WriteEndObject();
    }
}
