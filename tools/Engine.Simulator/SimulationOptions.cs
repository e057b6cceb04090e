using Engine.Core.Events;
using Engine.Simulator.Market.Known;
using Engine.Simulator.Wire;

namespace Engine.Simulator;

/// <summary>Form of the output.</summary>
public enum OutputFormat
{
    /// <summary>pcap of the venue's packets over UDP, IPv4 and Ethernet.</summary>
    Pcap,

    /// <summary>Length-prefixed ITCH messages.</summary>
    BinaryFile,
}

/// <summary>Everything that decides the bytes of a simulated day; equal options give equal bytes.</summary>
public sealed record SimulationOptions
{
    /// <summary>Most instruments.</summary>
    public const int InstrumentLimit = 200;

    /// <summary>Events per second that a day has unless told otherwise.</summary>
    public const double UsualRatePerSecond = 250;

    /// <summary>Most events per second.</summary>
    public const double RateLimit = 1_000_000;

    /// <summary>Most episodes a minute and instrument: one takes about 1.2 s.</summary>
    public const double SpoofsPerMinuteLimit = 30;

    /// <summary>Time from the first message to the opening auction.</summary>
    public static readonly TimeSpan OpeningSpan = TimeSpan.FromSeconds(10);

    /// <summary>Time from the last order to the last message.</summary>
    public static readonly TimeSpan ClosingSpan = TimeSpan.FromSeconds(8);

    /// <summary>Seed of every random number.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The day, US Eastern.</summary>
    public DateOnly Date { get; init; } = new(2026, 1, 5);

    /// <summary>Time of the first message, US Eastern since midnight.</summary>
    public TimeSpan Start { get; init; } = new(9, 29, 50);

    /// <summary>Time of the last message; null: when <see cref="Messages"/> are written, at the latest at 20:00.</summary>
    public TimeSpan? End { get; init; }

    /// <summary>
    /// Messages, as ITCH counts them, after which the market closes; null: when <see cref="End"/> is reached. One of the two is
    /// needed. The other venues' days are the same and take more or fewer messages to tell.
    /// </summary>
    public long? Messages { get; init; }

    /// <summary>Instruments, 1 to <see cref="InstrumentLimit"/>.</summary>
    public int Instruments { get; init; } = 8;

    /// <summary>
    /// Mean messages per second over all instruments; null: <see cref="UsualRatePerSecond"/>, or what it takes for
    /// <see cref="Messages"/> to fit before <see cref="End"/> (else within six and a half hours).
    /// </summary>
    public double? RatePerSecond { get; init; }

    /// <summary>Strength of the planted signal: 0 none, 1 the usual one; at most 3.</summary>
    public double Signal { get; init; } = 1;

    /// <summary>Strength of the drift of a day whose best forecast is known in closed form (see <see cref="AlphaModel"/>); such a day has a
    /// market of its own, in which <see cref="Signal"/> and <see cref="RatePerSecond"/> mean nothing. Null: another day.</summary>
    public double? Alpha { get; init; }

    /// <summary>Episodes a minute and instrument of a spoofing tape (see <see cref="SpoofEpisode"/>), which has a market of its own like
    /// <see cref="Alpha"/>. Null: another day.</summary>
    public double? SpoofsPerMinute { get; init; }

    /// <summary>In whose messages and packets the day is told: ITCH 5.0, XDP or DEEP. The day itself does not depend on it.</summary>
    public Venue Venue { get; init; } = Venue.Itch50;

    /// <summary>The specification that XDP messages follow.</summary>
    public XdpVersion XdpVersion { get; init; }

    /// <summary>Channels that XDP spreads the instruments over, 1 or 2; the other venues have 1.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>Lines of a channel in the capture, 1 or 2.</summary>
    public int Lines { get; init; } = 1;

    /// <summary>Probability that a line loses a packet, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Probability that a packet arrives twice on a line, 0 to 1.</summary>
    public double Duplicate { get; init; }

    /// <summary>Probability that a packet takes a longer way on a line and is overtaken, 0 to 1.</summary>
    public double Reorder { get; init; }

    /// <summary>Probability that a line stands still for about a millisecond before a packet, 0 to 1.</summary>
    public double DelaySpike { get; init; }

    /// <summary>Form of the output.</summary>
    public OutputFormat Format { get; init; }

    private static readonly TimeSpan s_latestEnd = TimeSpan.FromHours(20);
    private static readonly TimeSpan s_longDay = TimeSpan.FromHours(6.5);

    /// <summary>What may happen to packets on each line.</summary>
    internal LineFaults Faults => new(Loss, Duplicate, Reorder, DelaySpike);

    /// <summary>Whether the day is one whose truth file tells everything that can be known.</summary>
    public bool HasKnownTruth => Alpha is not null || SpoofsPerMinute is not null;

    /// <summary>When trading must stop at the latest, US Eastern since midnight.</summary>
    internal TimeSpan ClosingBegins => (End ?? s_latestEnd) - ClosingSpan;

    /// <summary>The mean messages per second in force.</summary>
    internal double EffectiveRate
    {
        get
        {
            if (RatePerSecond is double rate)
            {
                return rate;
            }

            // A twentieth above the need, so that a quiet day reaches its number before its end.
            TimeSpan trading = (End is null ? s_longDay : ClosingBegins - Start) - OpeningSpan;
            double needed = Messages is long messages ? 1.05 * messages / trading.TotalSeconds : 0;
            return Math.Max(UsualRatePerSecond, needed);
        }
    }

    /// <summary>What is wrong with the options, as "what, where, what to do" in one line; null when nothing is.</summary>
    public string? Problem()
    {
        TimeSpan least = OpeningSpan + ClosingSpan + TimeSpan.FromSeconds(1);
        if (Messages is null && End is null)
        {
            return "no end, neither --messages nor --end; give one of them";
        }

        if (Messages is <= 0)
        {
            return $"--messages {Messages} is not positive; give 1 or more";
        }

        if (Instruments is < 1 or > InstrumentLimit)
        {
            return $"--instruments {Instruments} is outside 1 to {InstrumentLimit}; choose a number in that range";
        }

        TimeSpan end = End ?? s_latestEnd;
        if (Start < TimeSpan.Zero || end > s_latestEnd || end - Start < least)
        {
            return $"--start {Start:c} and --end {end:c} leave under {least.TotalSeconds} s or pass 20:00:00; move them apart";
        }

        return NumberProblem();
    }

    private string? NumberProblem()
    {
        if (!(Signal is >= 0 and <= 3))
        {
            return $"--signal {Signal} is outside 0 to 3; 0 plants nothing, 1 is usual";
        }

        if (!(EffectiveRate is > 0 and <= RateLimit))
        {
            return $"--rate {EffectiveRate} is outside 0 to {RateLimit} messages a second; choose a rate in that range";
        }

        return Date.Year is < 1970 or > 2105 ? $"--date {Date:yyyy-MM-dd} does not fit a pcap; choose 1970 to 2105"
            : KnownProblem() ?? VenueProblem() ?? LineProblem();
    }

    private string? KnownProblem()
    {
        if (Alpha is not null && SpoofsPerMinute is not null)
        {
            return "--alpha and --spoof are two different days; drop one of them";
        }

        if (Alpha is double alpha && !(alpha is >= 0 and <= AlphaModel.StrengthLimit))
        {
            return $"--alpha {alpha} is outside 0 to {AlphaModel.StrengthLimit}; 0 plants nothing, 1 is usual";
        }

        if (SpoofsPerMinute is double rate && !(rate is > 0 and <= SpoofsPerMinuteLimit))
        {
            return $"--spoof {rate} is outside 0 to {SpoofsPerMinuteLimit} episodes a minute and instrument; 20 is usual";
        }

        return HasKnownTruth && RatePerSecond is not null
            ? "--rate and a day of known truth do not go together: its market has rates of its own; drop --rate"
            : null;
    }

    private string? VenueProblem()
    {
        if (Venue is not (Venue.Itch50 or Venue.Xdp or Venue.IexDeep))
        {
            return $"--venue {EventNames.Of(Venue)} is not simulated; use itch50, xdp or iex-deep";
        }

        if (Venue != Venue.Xdp && (Channels != 1 || XdpVersion != XdpVersion.Pillar25))
        {
            return $"--channels and --xdp-version describe xdp, and --venue is {EventNames.Of(Venue)}; drop them or use --venue xdp";
        }

        int most = Math.Min(XdpWriter.ChannelLimit, Instruments);
        return Channels < 1 || Channels > most ? $"--channels {Channels} is outside 1 to {most}; each has an instrument at least" : null;
    }

    private string? LineProblem()
    {
        (string Name, double Value)[] faults =
            [("--loss", Loss), ("--duplicate", Duplicate), ("--reorder", Reorder), ("--delay-spike", DelaySpike)];
        foreach ((string name, double value) in faults)
        {
            if (!(value is >= 0 and <= 1))
            {
                return $"{name} {value} is outside 0 to 1; give a probability such as 0.001";
            }
        }

        if (Lines is < 1 or > ChannelGroups.LineLimit)
        {
            return $"--lines {Lines} is outside 1 to {ChannelGroups.LineLimit}; 1 is line A, 2 is A and B";
        }

        if (Format != OutputFormat.BinaryFile)
        {
            return null;
        }

        if (Venue != Venue.Itch50)
        {
            return $"--format binaryfile holds itch50, and --venue is {EventNames.Of(Venue)}; use --format pcap";
        }

        return Lines != 1 || faults.Any(fault => fault.Value != 0)
            ? "--lines, --loss and the other faults describe packets, and --format binaryfile has none; drop them or use --format pcap"
            : null;
    }
}
