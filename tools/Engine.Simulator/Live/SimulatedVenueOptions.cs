using System.Net;
using Engine.Core.Events;

namespace Engine.Simulator.Live;

/// <summary>Everything that a live venue is.</summary>
public sealed record SimulatedVenueOptions
{
    /// <summary>Most lines.</summary>
    public const int LineLimit = 4;

    /// <summary>Highest even rate, messages a second.</summary>
    public const double RateLimit = 10_000_000;

    /// <summary>Highest speed.</summary>
    public const double SpeedLimit = 1_000_000;

    /// <summary>What is published; its lines, loss and format do not matter.</summary>
    public SimulationOptions Day { get; init; } = new() { Messages = 100_000 };

    /// <summary>Name of the session, ten characters; null for the day's own.</summary>
    public string? Session { get; init; }

    /// <summary>Seed of all faults.</summary>
    public ulong FaultSeed { get; init; } = 1;

    /// <summary>The lines, in order.</summary>
    public IReadOnlyList<LineOptions> Lines { get; init; } =
    [
        new("A", IPAddress.Parse("239.192.1.1"), 0),
        new("B", IPAddress.Parse("239.192.1.2"), 0),
    ];

    /// <summary>Address of the interface of everything.</summary>
    public IPAddress Interface { get; init; } = IPAddress.Loopback;

    /// <summary>Where XDP answers re-requests: a line of its own, whose faults do not matter.</summary>
    public LineOptions Retransmission { get; init; } = new("R", IPAddress.Parse("239.192.1.3"), 0);

    /// <summary>Port of the re-request server, UDP for ITCH and TCP for XDP; 0 picks a free one.</summary>
    public int RequestPort { get; init; }

    /// <summary>Probability that a re-request is lost.</summary>
    public double RequestLoss { get; init; }

    /// <summary>Probability that the reply to one is lost.</summary>
    public double ReplyLoss { get; init; }

    /// <summary>TCP port of the snapshot server; 0 picks a free one.</summary>
    public int SnapshotPort { get; init; }

    /// <summary>How the snapshot server behaves.</summary>
    public SoupBinOptions Snapshot { get; init; } = new();

    /// <summary>Even rate in real time, messages a second; null for the day's own times.</summary>
    public double? MessagesPerSecond { get; init; }

    /// <summary>Seconds of the day in one real second, without a rate.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>
    /// Messages due within this time of a packet's first share it; null: a tenth of a millisecond at an even rate, else the usual
    /// 5 µs. ITCH only: the packets of the others are those of the day.
    /// </summary>
    public TimeSpan? Hold { get; init; }

    /// <summary>Silence after which a heartbeat goes out.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with the options, as "what, where, what to do" in one line; null when nothing is.</summary>
    public string? Problem()
    {
        if (Day.Problem() is string day)
        {
            return day;
        }

        if (Day.Channels != 1 || Day.Venue is not (Venue.Itch50 or Venue.Xdp or Venue.IexDeep))
        {
            return $"{Day.Channels} channels of {EventNames.Of(Day.Venue)} cannot be published live; use one channel of itch50, xdp or iex-deep";
        }

        if (Lines.Count is < 1 or > LineLimit)
        {
            return $"{Lines.Count} lines are outside 1 to {LineLimit}; two is usual";
        }

        foreach (LineOptions line in Lines)
        {
            if (line.Group.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork || line.Group.GetAddressBytes()[0] is < 224 or > 239)
            {
                return $"'{line.Group}' of line {line.Name} is no multicast group; use 224.0.0.0 to 239.255.255.255";
            }

            if (line.Faults.Problem() is string faults)
            {
                return $"line {line.Name}: {faults}";
            }
        }

        return NumberProblem() ?? Snapshot.Problem();
    }

    private string? NumberProblem()
    {
        if (MessagesPerSecond is double rate && !(rate is > 0 and <= RateLimit))
        {
            return $"a pace of {rate} messages a second is outside 0 to {RateLimit}; choose one in that range";
        }

        if (!(Speed is > 0 and <= SpeedLimit))
        {
            return $"a speed of {Speed} is outside 0 to {SpeedLimit}; 1 is real time";
        }

        if (!(RequestLoss is >= 0 and <= 1) || !(ReplyLoss is >= 0 and <= 1))
        {
            return $"a loss of {RequestLoss} of requests or {ReplyLoss} of replies is no probability; choose 0 to 1";
        }

        if (Session is not null && Session.Length != SoupBinTcp.SessionLength)
        {
            return $"session '{Session}' has {Session.Length} characters; MoldUDP64 wants {SoupBinTcp.SessionLength}";
        }

        return Heartbeat < TimeSpan.FromMilliseconds(1) ? $"a heartbeat of {Heartbeat} is too short; a millisecond is the least" : null;
    }
}
