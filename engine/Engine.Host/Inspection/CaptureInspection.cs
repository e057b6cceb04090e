using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Host.Commands;

namespace Engine.Host.Inspection;

/// <summary>What a capture holds: format, messages, span of time, instruments.</summary>
internal static class CaptureInspection
{
    private const int MostSymbolsShown = 40;

    /// <summary>Reads the whole capture; the summary is on stdout.</summary>
    public static int Run(string path, bool json)
    {
        var limits = new EngineLimits();
        using MarketDataSource source = CaptureSource.Open([path], CaptureOptions.Feed("auto", null, null, limits));
        using var buffer = new NativeBuffer<MarketEvent>(limits.EventsPerPacket);
        long first = long.MaxValue;
        long last = long.MinValue;
        var bySymbol = new long[limits.Instruments];
        using var stop = new StopSignal();
        int count = 0;
        while (!stop.IsSet && (count = source.Read(buffer.Span)) >= 0)
        {
            foreach (MarketEvent e in buffer.Span[..count])
            {
                first = Math.Min(first, e.ExchangeTime);
                last = Math.Max(last, e.ExchangeTime);
                if (e.Instrument >= 0)
                {
                    bySymbol[e.Instrument]++;
                }
            }
        }

        string sha = source.Captures[0].ComputeSha256();
        Write(Console.Out, source, first, last, bySymbol, sha);
        if (json)
        {
            Console.Out.WriteLine(Json(source, first, last, sha));
        }

        return SourceReport.Finish(source, count < 0);
    }

    private static void Write(TextWriter text, MarketDataSource source, long first, long last, long[] bySymbol, string sha)
    {
        CaptureIdentity capture = source.Captures[0];
        FeedStatistics s = source.Statistics;
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{capture.Path}: {source.Format}, {capture.SizeBytes:N0} bytes, sha256 {sha}"));
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  packets        {s.Packets:N0}"));
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  messages       {s.Messages:N0}"));
        foreach (int type in Enumerable.Range(0, 256).Where(t => s.MessagesByType[t] > 0).OrderByDescending(t => s.MessagesByType[t]))
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {source.TypeName(type),-12} {s.MessagesByType[type],12:N0}"));
        }

        if (last >= first)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  time           {first} to {last} ns, {(last - first) / 1e9:F3} s"));
        }

        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  instruments    {source.Instruments.Count:N0}"));
        foreach (int i in Enumerable.Range(0, source.Instruments.Count).OrderByDescending(i => bySymbol[i]).ThenBy(i => i).Take(MostSymbolsShown))
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {source.Instruments.Symbol(i) ?? "(unnamed)",-12} {bySymbol[i],12:N0}"));
        }

        if (source.Instruments.Count > MostSymbolsShown)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    … and {source.Instruments.Count - MostSymbolsShown:N0} more"));
        }
    }

    private static string Json(MarketDataSource source, long first, long last, string sha)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            FeedStatistics s = source.Statistics;
            json.WriteStartObject();
            json.WriteString("file", Path.GetFileName(source.Captures[0].Path));
            json.WriteString("kind", "capture");
            json.WriteString("format", source.Format);
            json.WriteString("sha256", sha);
            json.WriteNumber("packets", s.Packets);
            json.WriteNumber("messages", s.Messages);
            json.WriteNumber("gaps", s.Gaps);
            json.WriteNumber("lost", s.Lost);
            json.WriteNumber("instruments", source.Instruments.Count);
            json.WriteNumber("first_time_ns", last >= first ? first : 0);
            json.WriteNumber("last_time_ns", last >= first ? last : 0);
            json.WriteString("fault", source.Fault?.Sentence);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
