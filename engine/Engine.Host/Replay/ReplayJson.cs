using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engine.Books;
using Engine.Core.Diagnostics;
using Engine.Feeds;
using Engine.Inference;
using Engine.Inference.Sequences;

namespace Engine.Host.Replay;

/// <summary>A replay's summary as one JSON object on one line.</summary>
internal static class ReplayJson
{
    /// <summary>Writes it.</summary>
    public static string Write(ReplayResult result)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("version", BuildInfo.Version);
            json.WriteString("build", BuildInfo.Build);
            Feed(json, result.Source);
            Books(json, result);
            if (result.Source is RowFileSource rows)
            {
                json.WriteNumber("rows_in_file", rows.FileRows);
                json.WriteNumber("rows_cut", rows.CutRows);
                json.WriteNumber("rows_passed_over", rows.PassedOver);
            }

            Predictions(json, result);
            Speed(json, result);
            Identity(json, result);
            ModelJson.Write(json, result);
            if (result.Options.Live is not null)
            {
                LiveJson.Write(json, result);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Writes what the feed counted.</summary>
    public static void Feed(Utf8JsonWriter json, MarketDataSource source)
    {
        FeedStatistics s = source.Statistics;
        json.WriteString("format", source.Format);
        json.WriteString("date", source.Date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteString("date_source", source.DateSource);
        json.WriteNumber("packets", s.Packets);
        json.WriteNumber("messages", s.Messages);
        json.WriteStartObject("messages_by_type");
        for (int type = 0; type < s.MessagesByType.Length; type++)
        {
            if (s.MessagesByType[type] > 0)
            {
                json.WriteNumber(source.TypeName(type), s.MessagesByType[type]);
            }
        }

        json.WriteEndObject();
        json.WriteNumber("events", s.Events);
        json.WriteNumber("gaps", s.Gaps);
        json.WriteNumber("lost", s.Lost);
        json.WriteNumber("missing", s.Missing);
        json.WriteNumber("recovered", s.Recovered);
        json.WriteNumber("duplicates", s.Duplicates);
        json.WriteNumber("restarts", s.Restarts);
        json.WriteStartObject("irregularities");
        foreach (KeyValuePair<string, long> item in s.Irregularities())
        {
            json.WriteNumber(item.Key, item.Value);
        }

        json.WriteEndObject();
        json.WriteString("fault", source.Fault?.Sentence);
        json.WriteNumber("instruments", source.Instruments.Count);
        BitMexSummary.Write(json, source);
    }

    private static void Books(Utf8JsonWriter json, ReplayResult result)
    {
        json.WriteNumber("unknown_orders", result.Books.UnknownOrders);
        json.WriteStartObject("book_events");
        foreach (KeyValuePair<string, long> item in result.Books.ByStatus)
        {
            json.WriteNumber(item.Key, item.Value);
        }

        json.WriteEndObject();
        json.WriteStartObject("trust");
        json.WriteNumber("good", result.Books.Trust.Good);
        json.WriteNumber("recovering", result.Books.Trust.Recovering);
        json.WriteNumber("suspect", result.Books.Trust.Suspect);
        json.WriteEndObject();
        json.WriteStartArray("suspect_instruments");
        foreach (KeyValuePair<string, BookTrust> item in result.TrustByInstrument.Where(t => t.Value == BookTrust.Suspect))
        {
            json.WriteStringValue(item.Key);
        }

        json.WriteEndArray();
        json.WriteNumber("crossed_events", result.Books.Crossed);
        json.WriteNumber("live_orders", result.Books.Live.Orders);
        json.WriteNumber("live_levels", result.Books.Live.Levels);
        json.WriteNumber("time_reversals", result.Books.TimeReversals);
        json.WriteNumber("times_out_of_range", result.Books.TimesOutOfRange);
        json.WriteNumber("unclassified_trades", result.Books.UnclassifiedTrades);
        json.WriteNumber("evicted_trades", result.Books.EvictedTrades);
        json.WriteNumber("skipped_cells", result.Books.SkippedCells);
    }

    private static void Predictions(Utf8JsonWriter json, ReplayResult result)
    {
        json.WriteNumber("rows", result.Rows);
        json.WriteNumber("predictions", result.Predictions);
        json.WriteNumber("predictions_suppressed", result.Suppressed);
        json.WriteNumber("predictions_not_finite", result.NotFinite);
        SequenceCounts sequences = result.Sequences;
        json.WriteNumber("predictions_warming_up", sequences.WarmingUp);
        json.WriteNumber("predictions_without_state", sequences.WithoutState);
        json.WriteNumber("late_background", sequences.LateBackground);
        json.WriteNumber("predictions_unkept", result.Unkept);
        json.WriteNumber("model_bytes_kept", result.Models.KeptBytes);
        json.WriteNumber("model_bytes_limit", result.Models.MostBytes);
        json.WriteNumber("missing_features", result.MissingFeatures);
        ModelJson.Missing(json, result.Models);
        json.WriteStartArray("comparison");
        foreach (ComparingPredictor comparison in result.Comparisons)
        {
            json.WriteStartObject();
            json.WriteNumber("rows", comparison.Count);
            json.WriteNumber("scale", comparison.Scale);
            json.WriteNumber("largest_difference", comparison.LargestDifference);
            json.WriteNumber("largest_ulps", comparison.LargestUlps);
            json.WriteNumber("largest_ulps_row", comparison.LargestUlpsIndex);
            json.WriteNumber("decision_threshold", comparison.DecisionThreshold);
            json.WriteNumber("decision_flips", comparison.DecisionFlips);
            Finite(json, "largest_ratio", comparison.LargestRatio);
            json.WriteNumber("worst_row", comparison.WorstIndex);
            json.WriteBoolean("within_tolerance", comparison.WithinTolerance);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Speed(Utf8JsonWriter json, ReplayResult result)
    {
        json.WriteNumber("elapsed_s", result.ElapsedSeconds);
        Finite(json, "messages_per_s", result.Source.Statistics.Messages / result.ElapsedSeconds);
        Finite(json, "predictions_per_s", result.Predictions / result.ElapsedSeconds);
        json.WriteNumber("warmup_events", result.WarmUpEvents);
        json.WriteStartObject("latency_ns");
        Histogram(json, "decode", result.Timer.Decode);
        Histogram(json, "book", result.Timer.Book);
        Histogram(json, "features", result.Timer.Features);
        Histogram(json, "inference", result.Timer.Inference);
        Histogram(json, "wire_to_prediction", result.Timer.WireToPrediction);
        json.WriteEndObject();
        if (result.Pacer.IsPacing)
        {
            Histogram(json, "queue_ns", result.Pacer.Queue);
            Histogram(json, "pacer_late_ns", result.Pacer.Late);
        }

        Histogram(json, "hiccup_ns", result.Hiccups);
        json.WriteNumber("allocated_bytes_hot", result.Allocations.Bytes);
        json.WriteNumber("gc_collections", result.Allocations.Collections);
        json.WriteBoolean("interrupted", result.Interrupted);
    }

    private static void Identity(Utf8JsonWriter json, ReplayResult result)
    {
        json.WriteString("topology", result.Options.Topology == Topology.Fused ? "fused" : "split");
        json.WriteString("inference", result.Options.Inference);
        json.WriteString("kernel", result.Kernel);
        json.WriteString("model_hash", result.Models.All.Count > 0 ? result.Models.All[0].Sha256 : null);
        json.WriteStartArray("model_hashes");
        foreach (string hash in result.Models.All.Select(m => m.Sha256))
        {
            json.WriteStringValue(hash);
        }

        json.WriteEndArray();
        json.WriteString("contract_hash", result.Contract.Hash);
        json.WriteString("configuration_hash", result.Configuration.Hash);
        json.WriteString("book_digest", result.BookDigest.Events > 0 ? result.BookDigest.ToString() : null);
        json.WriteNumber("book_digest_events", result.BookDigest.Events);
        json.WriteString("prediction_digest", result.Predictions > 0 ? result.PredictionDigest.ToString("x16", CultureInfo.InvariantCulture) : null);
    }

    /// <summary>Writes percentiles as an object.</summary>
    internal static void Histogram(Utf8JsonWriter json, string name, LatencyHistogram histogram)
    {
        json.WriteStartObject(name);
        json.WriteNumber("p50", histogram.ValueAtPercentile(50));
        json.WriteNumber("p90", histogram.ValueAtPercentile(90));
        json.WriteNumber("p99", histogram.ValueAtPercentile(99));
        json.WriteNumber("p999", histogram.ValueAtPercentile(99.9));
        json.WriteNumber("max", histogram.Max);
        json.WriteNumber("count", histogram.Count);
        json.WriteEndObject();
    }

    private static void Finite(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
