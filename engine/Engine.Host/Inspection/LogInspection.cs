using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Books;
using Engine.Host.Commands;
using Engine.Host.Output;
using Engine.Recording;
using Engine.Recording.Hdf5;
using Engine.Signals;

namespace Engine.Host.Inspection;

/// <summary>What a prediction log holds.</summary>
internal static class LogInspection
{
    private static readonly string[] s_columns =
        ["time_ns", "receive_ns", "symbol", "model", "prediction", "trust", "missing", "sequence", "event", "flags", "row_digest"];

    /// <summary>Summary on stdout, or rows where `--format` or `-o` ask for them.</summary>
    public static int Run(string path, ParseResult parse, RowOutputOptions output, bool json)
    {
        using PredictionLogReader log = PredictionLogReader.Open(path);
        var totals = new Totals();
        bool asRows = output.IsAsked(parse);
        int members = asRows ? MostMembers(path) : 0;
        long limit = output.Limit(parse);
        if (output.Hdf5(parse) is { } hdf5)
        {
            using var file = new PredictionFileWriter(hdf5.Path, hdf5.Overwrite, log.Head, BuildInfo.Version, hdf5.Deflate, members);
            while (file.Rows < limit && log.TryRead(out Prediction prediction))
            {
                string symbol = log.Symbol(prediction.Instrument);
                totals.Add(prediction, symbol);
                file.Append(prediction, symbol, log.Members);
            }

            file.Close(log.IsComplete, log.Swaps);
        }
        else
        {
            string[] columns = [.. s_columns, .. Enumerable.Range(0, members).Select(i => FormattableString.Invariant($"member_{i}"))];
            using RowWriter? rows = asRows ? output.Open(parse, columns) : null;
            while ((rows is null || rows.Rows < limit) && log.TryRead(out Prediction prediction))
            {
                totals.Add(prediction, log.Symbol(prediction.Instrument));
                if (rows is not null)
                {
                    Write(rows, prediction, log, members);
                }
            }
        }

        bool stoppedEarly = asRows && totals.Count >= limit;
        if (!asRows)
        {
            WriteText(path, log, totals, Console.Out);
        }

        if (json)
        {
            Console.Out.WriteLine(Json(path, log, totals));
        }

        if (log.Fault is { } fault)
        {
            Console.Error.WriteLine($"engine: {path}: {fault}; {log.Predictions.ToString("N0", CultureInfo.InvariantCulture)} predictions before it are whole");
            return ExitCodes.Data;
        }

        return log.IsComplete || stoppedEarly ? ExitCodes.Ok : ExitCodes.Data;
    }

    /// <summary>Most members of an ensemble that the log tells of.</summary>
    private static int MostMembers(string path)
    {
        using PredictionLogReader log = PredictionLogReader.Open(path);
        int most = 0;
        while (log.TryRead(out _))
        {
            most = Math.Max(most, log.Members.Length);
        }

        return most;
    }

    private static void Write(RowWriter rows, in Prediction p, PredictionLogReader log, int members)
    {
        rows.Integer(p.ExchangeTime);
        rows.Integer(p.ReceiveTime);
        rows.Text(log.Symbol(p.Instrument));
        rows.Integer(p.Model);
        rows.Float(p.Value);
        rows.Text(TrustName(p.Trust));
        rows.Integer(p.Missing);
        rows.Integer(p.Sequence);
        rows.Integer(p.Event);
        rows.Integer(p.Flags);
        rows.Text(p.RowDigest.ToString("x16", CultureInfo.InvariantCulture));
        for (int i = 0; i < members; i++)
        {
            if (i < log.Members.Length)
            {
                rows.Float(log.Members[i]);
            }
            else
            {
                rows.Empty();
            }
        }

        rows.EndRow();
    }

    private static string TrustName(byte trust) => ((BookTrust)trust).ToString().ToLowerInvariant();

    private static void WriteText(string path, PredictionLogReader log, Totals totals, TextWriter text)
    {
        LogHead head = log.Head;
        text.WriteLine($"{path}: prediction log, {State(log)}");
        foreach (LoggedFile file in head.Captures)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  capture        {file.Name}, {file.Bytes:N0} bytes, sha256 {file.Sha256}"));
        }

        foreach (LoggedFile file in head.Models)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  model          {file.Name}, {file.Bytes:N0} bytes, sha256 {file.Sha256}"));
        }

        foreach (ModelRecord swap in log.Swaps)
        {
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  swap           model {swap.Model} for model {swap.Replaced} from event {swap.Event:N0} on, time {swap.ExchangeTime}, sha256 {swap.Sha256}"));
        }

        text.WriteLine($"  contract       {(head.ContractHashes.Count > 0 ? string.Join(" ", head.ContractHashes) : head.ContractHash)}");
        text.WriteLine($"  configuration  {head.Configuration.CanonicalJson}");
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  predictions    {log.Predictions:N0}, digest {log.Digest:x16}"));
        if (totals.Count > 0)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  values         {totals.Lowest} to {totals.Highest}, mean {totals.Mean:G6}, standard deviation {totals.Deviation:G6}, {totals.NotFinite:N0} not finite"));
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  trust          {totals.ByTrust[0]:N0} good, {totals.ByTrust[1]:N0} recovering, {totals.ByTrust[2]:N0} suspect"));
            foreach ((string symbol, long count) in totals.BySymbol)
            {
                text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {symbol,-14} {count,12:N0}"));
            }
        }
    }

    private static string State(PredictionLogReader log) => (log.IsComplete, log.IsInterrupted) switch
    {
        (true, true) => "ended early, complete up to there",
        (true, false) => "complete",
        _ => "not complete",
    };

    private static string Json(string path, PredictionLogReader log, Totals totals)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("file", Path.GetFileName(path));
            json.WriteString("kind", "prediction_log");
            json.WriteBoolean("complete", log.IsComplete);
            json.WriteBoolean("interrupted", log.IsInterrupted);
            json.WriteString("fault", log.Fault);
            json.WriteNumber("predictions", log.Predictions);
            json.WriteString("prediction_digest", log.Predictions > 0 ? log.Digest.ToString("x16", CultureInfo.InvariantCulture) : null);
            json.WriteNumber("not_finite", totals.NotFinite);
            json.WriteStartObject("by_symbol");
            foreach ((string symbol, long count) in totals.BySymbol)
            {
                json.WriteNumber(symbol, count);
            }

            json.WriteEndObject();
            json.WritePropertyName("swaps");
            SwapJson.Write(json, log.Swaps);
            json.WritePropertyName("head");
            json.WriteRawValue(log.Head.ToJson());
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private sealed class Totals
    {
        private double _sum;
        private double _squares;

        public long Count { get; private set; }

        public long NotFinite { get; private set; }

        public float Lowest { get; private set; } = float.PositiveInfinity;

        public float Highest { get; private set; } = float.NegativeInfinity;

        public double Mean => _sum / (Count - NotFinite);

        public double Deviation => Math.Sqrt(Math.Max(0, (_squares / (Count - NotFinite)) - (Mean * Mean)));

        public long[] ByTrust { get; } = new long[256];

        public SortedDictionary<string, long> BySymbol { get; } = new(StringComparer.Ordinal);

        public void Add(in Prediction p, string symbol)
        {
            Count++;
            ByTrust[p.Trust]++;
            BySymbol[symbol] = BySymbol.GetValueOrDefault(symbol) + 1;
            if (!float.IsFinite(p.Value))
            {
                NotFinite++;
                return;
            }

            _sum += p.Value;
            _squares += (double)p.Value * p.Value;
            Lowest = Math.Min(Lowest, p.Value);
            Highest = Math.Max(Highest, p.Value);
        }
    }
}
