using Engine.Core.Numerics;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>What goes wrong on the way.</summary>
internal sealed record LineFaults
{
    public double Loss { get; init; }

    public double Duplicates { get; init; }

    public double Reordered { get; init; }

    public int Lines { get; init; } = 2;

    /// <summary>Longest delay of a reordered or repeated packet, ns.</summary>
    public int DelayNanos { get; init; } = 200_000;

    /// <summary>Line B cuts the stream into packets of its own.</summary>
    public bool CutsAnew { get; init; }

    /// <summary>From this part of the stream on, nothing is lost.</summary>
    public double CleanFrom { get; init; } = 1;
}

/// <summary>
/// A true stream on lines A and B, each of which loses, repeats and delays packets. The first packet comes once on each line and
/// ends are announced by heartbeats that arrive: what is missing can be known.
/// </summary>
internal sealed class LossyLines
{
    public const long Start = 1_767_623_400_000_000_000;

    /// <summary>Heartbeats behind the stream, a millisecond apart.</summary>
    public const int Heartbeats = 60;

    public LossyLines(TrueStream stream, LineFaults faults, SeededRandom random)
    {
        Stream = stream;
        List<(ulong From, int Count)> cut = stream.Cut(random);
        for (int line = 1; line <= faults.Lines; line++)
        {
            List<(ulong From, int Count)> packets = line > 1 && faults.CutsAnew ? stream.Cut(random) : cut;
            long skew = line == 1 ? 0 : random.Next(30_000);
            foreach ((ulong from, int count) in packets)
            {
                Send((ulong)line, from, count, Start + ((long)from * 4_000) + skew + random.Next(2_000), faults, random);
            }

            long end = Start + ((long)stream.End * 4_000) + 1_000_000;
            for (int i = 0; i < Heartbeats; i++)
            {
                Arrivals.Add((end + (i * 1_000_000) + line, (ulong)line, stream.End, 0));
            }
        }

        Arrivals = [.. Arrivals.OrderBy(arrival => arrival.Time)];
    }

    public TrueStream Stream { get; }

    /// <summary>What arrives, by time.</summary>
    public List<(long Time, ulong Line, ulong From, int Count)> Arrivals { get; } = [];

    /// <summary>The same as steps of an input.</summary>
    public IEnumerable<Step> Steps => Arrivals.Select(arrival => Step.Packet(arrival.Time, Stream.Pack(arrival.From, arrival.Count), arrival.Line));

    /// <summary>The stream's next sequence at a time, as its venue has it.</summary>
    public ulong NextAt(long time) => Math.Clamp((ulong)Math.Max((time - Start) / 4_000, 1), 1, Stream.End);

    private void Send(ulong line, ulong from, int count, long time, LineFaults faults, SeededRandom random)
    {
        bool isFirst = from == 1;
        bool isClean = from >= Stream.End * faults.CleanFrom;
        if (isFirst || isClean || !random.Chance(faults.Loss))
        {
            long delay = !isFirst && random.Chance(faults.Reordered) ? random.Next(1, faults.DelayNanos) : 0;
            Arrivals.Add((time + delay, line, from, count));
        }

        if (!isFirst && random.Chance(faults.Duplicates) && !random.Chance(isClean ? 0 : faults.Loss))
        {
            Arrivals.Add((time + random.Next(1, faults.DelayNanos), line, from, count));
        }
    }
}
