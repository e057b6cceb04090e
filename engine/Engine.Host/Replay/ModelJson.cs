using System.Globalization;
using System.Text.Json;
using Engine.Inference;
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
            Write(json, result.Models.All[i], result.Models.Running[i], result.ByModel[i]);
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

    private static void Write(Utf8JsonWriter json, ModelFile file, RunningModel running, ModelTally tally)
    {
        json.WriteNumber("model", running.Number);
        json.WriteString("file", Path.GetFileName(file.Path));
        json.WriteString("model_hash", file.Sha256);
        json.WriteString("contract", file.Contract.Name);
        json.WriteString("contract_hash", file.Contract.Hash);
        json.WriteString("sampling", file.Contract.Sampling);
        json.WriteString("kernel", running.Predictor.Kernel);
        json.WriteNumber("predictions", tally.Predictions);
        json.WriteString("prediction_digest", tally.Predictions > 0 ? tally.Digest.ToString("x16", CultureInfo.InvariantCulture) : null);
        json.WriteNumber("not_finite", tally.NotFinite);
        json.WriteNumber("missing_features", tally.Missing);
        Sequences(json, running.Predictor);
        json.WriteStartObject("latency_ns");
        ReplayJson.Histogram(json, "inference", running.Inference);
        ReplayJson.Histogram(json, "wire_to_prediction", running.WireToPrediction);
        json.WriteEndObject();
    }

    /// <summary>Of a model that remembers earlier rows: its counts, and those of each member of an ensemble that does.</summary>
    private static void Sequences(Utf8JsonWriter json, Predictor predictor)
    {
        if (predictor.Sequence is null)
        {
            return;
        }

        Counts(json, predictor.SequenceCounts);
        json.WriteStartArray("sequences");
        foreach ((int? member, SequencePredictor sequence) in SequenceText.All(predictor))
        {
            json.WriteStartObject();
            if (member is int number)
            {
                json.WriteNumber("member", number);
            }

            json.WriteNumber("window_ticks", sequence.Steps);
            json.WriteNumber("instruments", sequence.Instruments);
            json.WriteNumber("instrument_limit", sequence.InstrumentLimit);
            Counts(json, SequenceCounts.Of([sequence]));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Counts(Utf8JsonWriter json, SequenceCounts counts)
    {
        json.WriteNumber("warming_up", counts.WarmingUp);
        json.WriteNumber("without_state", counts.WithoutState);
        json.WriteNumber("late_background", counts.LateBackground);
    }

    /// <summary>Writes how often each feature had no value, over all models, by its name in each model's own contract.</summary>
    public static void Missing(Utf8JsonWriter json, ModelSet models)
    {
        var names = new List<string>();
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        for (int i = 0; i < models.Running.Count; i++)
        {
            ReadOnlySpan<long> missing = models.Running[i].Normaliser.Missing;
            for (int feature = 0; feature < missing.Length; feature++)
            {
                string name = models.All[i].Contract.Features[feature].Name;
                if (missing[feature] > 0 && !counts.TryAdd(name, missing[feature]))
                {
                    counts[name] += missing[feature];
                }
                else if (missing[feature] > 0)
                {
                    names.Add(name);
                }
            }
        }

        json.WriteStartObject("missing_by_feature");
        foreach (string name in names)
        {
            json.WriteNumber(name, counts[name]);
        }

        json.WriteEndObject();
    }
}
