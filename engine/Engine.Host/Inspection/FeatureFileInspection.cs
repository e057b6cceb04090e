using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Features;
using Engine.Host.Commands;
using Engine.Host.Output;
using Engine.Recording;
using Engine.Recording.Hdf5;

namespace Engine.Host.Inspection;

/// <summary>What a file of feature rows holds; as rows, the same text as `engine features` prints.</summary>
internal static class FeatureFileInspection
{
    private const int MostSymbolsShown = 40;

    /// <summary>Summary on stdout, or rows where `--format` or `-o` ask for them.</summary>
    public static int Run(string path, ParseResult parse, RowOutputOptions output, bool json)
    {
        using FeatureFileReader file = FeatureFileReader.Open(path);
        using var block = new FeatureRowBlock(file.Head.Contract.Count);
        bool stoppedEarly = false;
        if (output.IsAsked(parse))
        {
            stoppedEarly = WriteRows(file, block, parse, output);
        }
        else
        {
            Totals totals = Totals.Of(file, block);
            WriteText(file, totals, Console.Out);
            if (json)
            {
                Console.Out.WriteLine(Json(file, totals));
            }
        }

        if (file.Fault is { } fault && !stoppedEarly)
        {
            Console.Error.WriteLine($"engine: {fault}");
            return ExitCodes.Data;
        }

        return ExitCodes.Ok;
    }

    private static bool WriteRows(FeatureFileReader file, FeatureRowBlock block, ParseResult parse, RowOutputOptions output)
    {
        long limit = output.Limit(parse);
        string[] columns = ["time_ns", "receive_ns", "symbol", .. file.Head.Contract.Features.ToArray().Select(f => f.Name)];
        using RowWriter rows = output.Open(parse, columns);
        using var stop = new StopSignal();
        for (long start = 0; rows.Rows < limit && !stop.IsSet && file.Read(start, block) > 0; start += block.Count)
        {
            for (int i = 0; i < block.Count && rows.Rows < limit; i++)
            {
                rows.Integer(block.Times[i]);
                rows.Integer(block.ReceiveTimes[i]);
                rows.Text(file.Symbols[block.Instruments[i]]);
                foreach (float value in block.Row(i))
                {
                    rows.Float(value);
                }

                rows.EndRow();
            }
        }

        return rows.Rows < file.Rows;
    }

    private static void WriteText(FeatureFileReader file, Totals totals, TextWriter text)
    {
        FeatureFileHead head = file.Head;
        FeatureContract contract = head.Contract;
        text.WriteLine($"{file.Path}: feature rows, {State(file)}, by engine {head.EngineVersion}");
        foreach (LoggedFile capture in head.Captures)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  capture        {capture.Name}, {capture.Bytes:N0} bytes, sha256 {capture.Sha256}"));
        }

        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  contract       {contract.Name} {contract.Hash}, {contract.Count} features, {contract.Sampling}"));
        text.WriteLine($"  configuration  {head.Configuration.CanonicalJson}");
        text.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  rows           {file.Rows:N0}{(file.CutRows > 0 ? $", {file.CutRows:N0} in parts and cut off" : "")}{(file.IsComplete ? $" from {file.Events:N0} events" : "")}"));
        if (file.Rows > 0)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  time           {totals.First} to {totals.Last} ns, {(totals.Last - totals.First) / 1e9:F3} s"));
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  trust          {totals.ByTrust[0]:N0} good, {totals.ByTrust[1]:N0} recovering, {totals.ByTrust[2]:N0} suspect"));
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  missing        {totals.Missing:N0} features are NaN or infinite"));
        }

        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  symbols        {file.Symbols.Count:N0}"));
        foreach (int i in Enumerable.Range(0, file.Symbols.Count).OrderByDescending(i => totals.BySymbol[i]).ThenBy(i => i).Take(MostSymbolsShown))
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {file.Symbols[i],-12} {totals.BySymbol[i],12:N0}"));
        }

        if (file.Symbols.Count > MostSymbolsShown)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    … and {file.Symbols.Count - MostSymbolsShown:N0} more"));
        }
    }

    private static string State(FeatureFileReader file) => (file.IsComplete, file.IsInterrupted) switch
    {
        (true, true) => "ended early, complete up to there",
        (true, false) => "complete",
        _ => "not complete",
    };

    private static string Json(FeatureFileReader file, Totals totals)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("file", Path.GetFileName(file.Path));
            json.WriteString("kind", "feature_rows");
            json.WriteBoolean("complete", file.IsComplete);
            json.WriteBoolean("interrupted", file.IsInterrupted);
            json.WriteString("fault", file.Fault);
            json.WriteNumber("rows", file.Rows);
            json.WriteNumber("rows_cut", file.CutRows);
            json.WriteNumber("events", file.Events);
            json.WriteNumber("first_time_ns", totals.First);
            json.WriteNumber("last_time_ns", totals.Last);
            json.WriteNumber("missing_features", totals.Missing);
            json.WriteString("contract", file.Head.Contract.Name);
            json.WriteString("contract_hash", file.Head.Contract.Hash);
            json.WriteString("sampling", file.Head.Contract.Sampling);
            json.WriteNumber("features", file.Head.Contract.Count);
            json.WriteString("engine_version", file.Head.EngineVersion);
            json.WriteStartArray("captures");
            foreach (LoggedFile capture in file.Head.Captures)
            {
                json.WriteStartObject();
                json.WriteString("name", capture.Name);
                json.WriteNumber("bytes", capture.Bytes);
                json.WriteString("sha256", capture.Sha256);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WritePropertyName("configuration");
            json.WriteRawValue(file.Head.Configuration.CanonicalJson);
            json.WriteStartObject("by_symbol");
            for (int i = 0; i < file.Symbols.Count; i++)
            {
                json.WriteNumber(file.Symbols[i], totals.BySymbol[i]);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private sealed class Totals
    {
        public long First { get; private set; }

        public long Last { get; private set; }

        public long Missing { get; private set; }

        public long[] ByTrust { get; } = new long[256];

        public required long[] BySymbol { get; init; }

        public static Totals Of(FeatureFileReader file, FeatureRowBlock block)
        {
            var totals = new Totals { BySymbol = new long[file.Symbols.Count] };
            for (long start = 0; file.Read(start, block) > 0; start += block.Count)
            {
                totals.Add(block, start == 0);
            }

            return totals;
        }

        private void Add(FeatureRowBlock block, bool isFirst)
        {
            if (isFirst)
            {
                First = Last = block.Times[0];
            }

            for (int i = 0; i < block.Count; i++)
            {
                First = Math.Min(First, block.Times[i]);
                Last = Math.Max(Last, block.Times[i]);
                ByTrust[block.Trusts[i]]++;
                BySymbol[block.Instruments[i]]++;
            }

            foreach (float value in block.Features)
            {
                Missing += float.IsFinite(value) ? 0 : 1;
            }
        }
    }
}
