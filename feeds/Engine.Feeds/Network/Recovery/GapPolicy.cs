namespace Engine.Feeds.Network;

/// <summary>What is done about messages that are missing, before they are lost.</summary>
public sealed record GapPolicy
{
    /// <summary>Nothing: what is not there when the next packet comes is lost.</summary>
    public static readonly GapPolicy None = new();

    /// <summary>Longest wait, ns.</summary>
    public const long MaxWaitNanos = 60_000_000_000;

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
}
