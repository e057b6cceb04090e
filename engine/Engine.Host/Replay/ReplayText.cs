using System.Globalization;
using Engine.Core.Diagnostics;
using Engine.Feeds;
using Engine.Inference;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>A replay's summary for people, on stderr.</summary>
internal static class ReplayText
{
    /// <summary>Writes it.</summary>
    public static void Write(ReplayResult result, TextWriter output)
    {
        if (result.Source is RowFileSource rows)
        {
            WriteRows(result, rows, output);
            return;
        }

        FeedStatistics s = result.Source.Statistics;
        string date = result.Source.Date is { } d ? d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + $" (from the {result.Source.DateSource})" : "no date";
        Line(output, "capture", $"{result.Source.Format}, {date}, {result.Source.Instruments.Count:N0} instruments");
        Line(output, "messages", $"{s.Messages:N0} in {s.Packets:N0} packets: {Types(result.Source)}");
        Line(output, "loss", $"{s.Gaps:N0} gaps, {s.Lost:N0} lost, {s.Duplicates:N0} duplicates, {s.Restarts:N0} restarts{(s.Missing > 0 ? FormattableString.Invariant($"; {s.Recovered:N0} of {s.Missing:N0} missing messages recovered") : "")}");
        BitMexSummary.Write(result.Source, (name, text) => Line(output, name, text));
        Line(output, "books", $"{string.Join(", ", result.Books.ByStatus.Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.Value:N0} {b.Key}")))}; {result.Books.Live.Orders:N0} orders left; crossed {result.Books.Crossed:N0}");
        Line(output, "trust", TrustList.Words(result.TrustByInstrument, 20));
        if (result.Books.SkippedCells > 0)
        {
            Line(output, "grid", $"{result.Books.SkippedCells:N0} cells passed over: more than {Features.RowSampler.MaxCellsPerEvent:N0} between two events");
        }

        Line(output, "book digest", result.BookDigest.Events > 0 ? $"{result.BookDigest} over {result.BookDigest.Events:N0} changes" : "none: no book changed");
        Models(result, output);
        Line(output, "speed", $"{result.ElapsedSeconds:F3} s, {s.Messages / result.ElapsedSeconds:N0} messages/s, {result.Predictions / result.ElapsedSeconds:N0} predictions/s; warm-up {result.WarmUpEvents:N0} events");
        Latencies(result, output);
        if (result.Interrupted)
        {
            Line(output, "interrupted", "the run was ended before the capture's end; everything above is what came before");
        }
    }

    private static void WriteRows(ReplayResult result, RowFileSource rows, TextWriter output)
    {
        Line(output, "rows", $"{rows.Format}, {rows.FileRows:N0} of contract {result.Contract.Name}, {rows.Head.Captures.Count:N0} captures, {rows.Head.Contract.Sampling}");
        Line(output, "taken", $"{rows.Rows:N0} rows, {rows.PassedOver:N0} of instruments that are not watched, {rows.CutRows:N0} cut off");
        Models(result, output);
        Line(output, "speed", $"{result.ElapsedSeconds:F3} s, {result.Predictions / result.ElapsedSeconds:N0} predictions/s; warm-up {result.WarmUpEvents:N0} rows");
        Latencies(result, output);
        if (result.Interrupted)
        {
            Line(output, "interrupted", "the run was ended before the file's end; everything above is what came before");
        }
    }

    private static void Latencies(ReplayResult result, TextWriter output)
    {
        output.WriteLine("  latency ns         p50       p90       p99     p99.9         max       count");
        Histogram(output, "decode", result.Timer.Decode);
        Histogram(output, "book", result.Timer.Book);
        Histogram(output, "features", result.Timer.Features);
        Histogram(output, "inference", result.Timer.Inference);
        Histogram(output, "wire to pred.", result.Timer.WireToPrediction);
        if (result.Pacer.IsPacing)
        {
            Histogram(output, "(queueing)", result.Pacer.Queue);
            Histogram(output, "(pacer late)", result.Pacer.Late);
        }

        Histogram(output, "(hiccups)", result.Hiccups);
        Line(output, "hot threads", $"{result.Allocations.Bytes:N0} bytes allocated, {result.Allocations.Collections:N0} collections after the warm-up");
    }

    private static void Models(ReplayResult result, TextWriter output)
    {
        if (result.Models.All.Count == 0)
        {
            Line(output, "rows", $"{result.Rows:N0} of contract {result.Contract.Name}, no model");
            return;
        }

        for (int i = 0; i < result.Models.All.Count; i++)
        {
            ModelFile model = result.Models.All[i];
            Line(output, "model", $"{Path.GetFileName(model.Path)} {model.Sha256[..16]}…, weights {model.Weights}, kernel {result.Models.Running[i].Predictor.Kernel}");
            if (result.Models.All.Count > 1)
            {
                RunningModel running = result.Models.Running[i];
                Line(output, "", $"{model.Contract.Name} {model.Contract.Sampling}: {result.ByModel[i].Predictions:N0} predictions, digest {result.ByModel[i].Digest:x16}; inference p50 {running.Inference.ValueAtPercentile(50):N0} ns, p99 {running.Inference.ValueAtPercentile(99):N0} ns");
            }
        }

        foreach (PreparedSwap swap in result.Models.Swaps)
        {
            Line(output, "swap", SwapText.Of(swap));
        }

        Line(output, "predictions", result.Predictions > 0
            ? $"{result.Predictions:N0}, digest {result.PredictionDigest:x16}; {result.MissingFeatures:N0} features were missing, {result.NotFinite:N0} predictions not finite"
            : "none: no event made a row");
        if (result.Suppressed > 0)
        {
            Line(output, "suppressed", $"{result.Suppressed:N0} rows of suspect books made no prediction");
        }

        foreach (string line in SequenceText.Lines(result.Models.Running.Select(m => m.Predictor)))
        {
            Line(output, "sequences", line);
        }

        Line(output, "memory", $"models keep {result.Models.KeptBytes >> 10:N0} KiB of instruments, of at most {result.Models.MostBytes >> 10:N0} KiB a run");
        if (result.Unkept > 0)
        {
            Line(output, "silos", $"{result.Unkept:N0} predictions were computed in full: no memory was left for their instrument's last row");
        }

        foreach (ComparingPredictor c in result.Comparisons)
        {
            Line(output, "native vs ort", $"largest difference {c.LargestDifference:E2} over {c.Count:N0} rows, {(c.WithinTolerance ? "within" : "OUTSIDE")} 1e-5 x max({c.Scale:G3}, |value|); at most {c.LargestUlps:N0} ulp; {c.DecisionFlips:N0} decisions differ (prediction > {c.DecisionThreshold})");
        }
    }

    private static string Types(MarketDataSource source)
    {
        long[] counts = source.Statistics.MessagesByType;
        return string.Join(" ", Enumerable.Range(0, counts.Length).Where(t => counts[t] > 0).OrderByDescending(t => counts[t])
            .Select(t => string.Create(CultureInfo.InvariantCulture, $"{source.TypeName(t)} {counts[t]:N0}")));
    }

    private static void Line(TextWriter output, string name, FormattableString text) => Line(output, name, FormattableString.Invariant(text));

    private static void Line(TextWriter output, string name, string text) => output.WriteLine($"  {name,-14} {text}");

    private static void Histogram(TextWriter output, string name, LatencyHistogram h) => output.WriteLine(h.Count == 0
        ? $"  {name,-14}         -"
        : FormattableString.Invariant($"  {name,-14} {h.ValueAtPercentile(50),9:N0} {h.ValueAtPercentile(90),9:N0} {h.ValueAtPercentile(99),9:N0} {h.ValueAtPercentile(99.9),9:N0} {h.Max,11:N0} {h.Count,11:N0}"));
}
