using System.Globalization;
using Engine.Feeds;
using Engine.Feeds.Network.Live;
using Engine.Host.Replay;

namespace Engine.Host.Live;

/// <summary>The counters of a live feed for people: on a signal, and at the end of a recording.</summary>
internal static class LiveCounters
{
    private const int MostSymbols = 50;

    /// <summary>Writes them.</summary>
    public static void Write(RunView view, TextWriter output)
    {
        FeedStatistics s = view.Source.Statistics;
        Line(output, "messages", $"{s.Messages:N0} in {s.Packets:N0} packets, {s.Events:N0} events, {view.Source.Instruments.Count:N0} instruments");
        Line(output, "loss", $"{s.Gaps:N0} gaps, {s.Lost:N0} lost, {s.Recovered:N0} recovered of {s.Missing:N0} missing in {s.Holes:N0} holes, {s.Requests:N0} requests");
        Line(output, "repair", $"{s.Duplicates:N0} duplicates, {s.Restarts:N0} restarts, {s.Snapshots:N0} snapshots of {s.SnapshotMessages:N0} messages");
        for (int i = 0; i < (view.Source.Lines?.LineCount ?? 0); i++)
        {
            LineStatus line = view.Source.Lines!.Line(i);
            Line(output, $"line {line.Name}", $"{line.Packets:N0} packets, {line.Bytes:N0} bytes, {line.Drops:N0} dropped by the kernel, {line.Truncated:N0} truncated");
        }

        BitMexConnectionText.Write(view.Source, (name, text) => Line(output, name, $"{text}"));
        BitMexSummary.Write(view.Source, (name, text) => Line(output, name, $"{text}"));
        if (view.Books is { } books)
        {
            Line(output, "trust", $"{TrustList.Words(TrustList.Of(view.Source.Instruments, books), MostSymbols)}");
        }

        string irregular = string.Join(", ", s.Irregularities().Select(i => string.Create(CultureInfo.InvariantCulture, $"{i.Key} {i.Value:N0}")));
        Line(output, "irregular", $"{(irregular.Length == 0 ? "nothing" : irregular)}");
    }

    private static void Line(TextWriter output, string name, FormattableString text) =>
        output.WriteLine($"  {name,-14} {FormattableString.Invariant(text)}");
}
