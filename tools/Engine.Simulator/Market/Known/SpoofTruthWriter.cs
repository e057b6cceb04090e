using System.Globalization;

namespace Engine.Simulator.Market.Known;

/// <summary>
/// Writes the episodes of a spoofing tape, as csv with LF:
/// <code>
///   # {"truth":"spoof","per_minute":20}
///   time_ns,symbol,class,outcome,end_ns,wall_side,wall_ns,wall,standing
/// </code>
/// A row an episode, in the order in which they end. <c>time_ns</c> is the decision: the exchange time of the instrument's last message
/// before the outcome, Unix nanoseconds UTC. <c>class</c> is <c>spoof</c> or <c>honest</c>, <c>outcome</c> where the price goes until
/// <c>end_ns</c>: <c>up</c> or <c>down</c>. <c>wall_side</c> is <c>bid</c> or <c>ask</c>, <c>wall_ns</c> when the episode began,
/// <c>wall</c> what became of the wall that is gone by then: <c>cancelled</c>, <c>traded</c> or <c>none</c>; <c>standing</c> is 1 where
/// a wall stands at the decision, else 0.
/// </summary>
internal sealed class SpoofTruthWriter
{
    private readonly TextWriter _writer;
    private readonly long _midnightUnixNanos;

    /// <param name="writer">Where the rows go; the head is written at once.</param>
    /// <param name="perMinute">Episodes a minute of an instrument.</param>
    /// <param name="midnightUnixNanos">Unix time of the clock's midnight, ns.</param>
    public SpoofTruthWriter(TextWriter writer, double perMinute, long midnightUnixNanos)
    {
        _writer = writer;
        _midnightUnixNanos = midnightUnixNanos;
        string head = string.Create(CultureInfo.InvariantCulture, $"{{\"truth\":\"spoof\",\"per_minute\":{perMinute:R}}}");
        writer.Write($"{AlphaTruthWriter.HeadMark}{head}\ntime_ns,symbol,class,outcome,end_ns,wall_side,wall_ns,wall,standing\n");
    }

    /// <summary>Writes one episode.</summary>
    /// <param name="symbol">The instrument.</param>
    /// <param name="episode">The episode.</param>
    /// <param name="decisionNanos">When it was decided, nanoseconds since midnight US Eastern.</param>
    public void Write(string symbol, SpoofEpisode episode, long decisionNanos)
    {
        string kind = episode.IsSpoof ? "spoof" : "honest";
        string outcome = episode.GoesUp ? "up" : "down";
        string side = episode.WallIsBid ? "bid" : "ask";
        string wall = episode.IsSpoof ? "cancelled" : episode.HasGoingWall ? "traded" : "none";
        _writer.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{_midnightUnixNanos + decisionNanos},{symbol},{kind},{outcome},{_midnightUnixNanos + episode.EndNanos},{side}," +
            $"{_midnightUnixNanos + episode.StartNanos},{wall},{(episode.Stands ? 1 : 0)}\n"));
    }
}
