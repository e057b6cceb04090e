using System.Globalization;

namespace Engine.Feeds.Network.Recovery;

/// <summary>What is done about messages that are missing, before they are lost.</summary>
public sealed record GapPolicy
{
    /// <summary>Nothing: what is not there when the next packet comes is lost.</summary>
    public static readonly GapPolicy None = new();

    /// <summary>Captures of several lines: the lines are not exactly in step.</summary>
    public static readonly GapPolicy Merging = new() { WaitNanos = 1_000_000, OnlyWithSeveralLines = true };

    /// <summary>Longest wait, ns.</summary>
    public const long MaxWaitNanos = 60_000_000_000;

    /// <summary>Most requests for one hole.</summary>
    public const int MaxRequests = 1_000;

    /// <summary>How long another line, or a late packet, is waited for, ns; 0 for not at all.</summary>
    public long WaitNanos { get; init; }

    /// <summary>Wait only for streams that come on more than one line.</summary>
    public bool OnlyWithSeveralLines { get; init; }

    /// <summary>How often what is still missing then is requested from the venue; 0 for never.</summary>
    public int Requests { get; init; }

    /// <summary>How long an answer to a request is waited for, ns.</summary>
    public long RequestTimeoutNanos { get; init; }

    /// <summary>Whether a snapshot is asked for where messages were lost, or the stream was joined in the middle.</summary>
    public bool UsesSnapshots { get; init; }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <returns>False for anything else, and for values out of bounds.</returns>
    public static bool TryParse(string text, out GapPolicy policy)
    {
        policy = None;
        string[] parts = text.Split(',');
        if (parts.Length != 5 || !Number(parts[0], "wait_ns=", MaxWaitNanos, out long wait) || !Number(parts[1], "several_lines=", 1, out long several)
            || !Number(parts[2], "requests=", MaxRequests, out long requests) || !Number(parts[3], "timeout_ns=", MaxWaitNanos, out long timeout)
            || !Number(parts[4], "snapshots=", 1, out long snapshots))
        {
            return false;
        }

        policy = new GapPolicy
        {
            WaitNanos = wait,
            OnlyWithSeveralLines = several == 1,
            Requests = (int)requests,
            RequestTimeoutNanos = timeout,
            UsesSnapshots = snapshots == 1,
        };
        return true;
    }

    /// <summary>The policy in one word, the same for equal ones.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"wait_ns={WaitNanos},several_lines={(OnlyWithSeveralLines ? 1 : 0)},requests={Requests},timeout_ns={RequestTimeoutNanos},snapshots={(UsesSnapshots ? 1 : 0)}");

    private static bool Number(string part, string name, long most, out long value)
    {
        value = 0;
        return part.StartsWith(name, StringComparison.Ordinal)
            && long.TryParse(part.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= most;
    }
}
