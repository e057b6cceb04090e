namespace Engine.Simulator.Live;

/// <summary>
/// What a line did with the packets offered to it. Offered = lost + silenced + discarded + waiting + those sent at least once;
/// datagrams = those sent + duplicated.
/// </summary>
public record struct LineCounts
{
    /// <summary>Packets with messages that the publisher handed over.</summary>
    public long Offered { get; set; }

    /// <summary>Messages in them.</summary>
    public long OfferedMessages { get; set; }

    /// <summary>Datagrams with messages that left, repetitions included.</summary>
    public long Datagrams { get; set; }

    /// <summary>Packets lost on purpose.</summary>
    public long Lost { get; set; }

    /// <summary>Messages in them.</summary>
    public long LostMessages { get; set; }

    /// <summary>Packets that a scripted silence kept back for good.</summary>
    public long Silenced { get; set; }

    /// <summary>Messages in them.</summary>
    public long SilencedMessages { get; set; }

    /// <summary>Packets sent a second time.</summary>
    public long Duplicated { get; set; }

    /// <summary>Packets that later ones overtook, or would have, had any come.</summary>
    public long Reordered { get; set; }

    /// <summary>Times that the line stalled.</summary>
    public long Delays { get; set; }

    /// <summary>Stalls cut short because the queue behind them was full.</summary>
    public long DelaysCut { get; set; }

    /// <summary>Packets that waited when the publisher was killed, and never left.</summary>
    public long Discarded { get; set; }

    /// <summary>Messages in them.</summary>
    public long DiscardedMessages { get; set; }

    /// <summary>Packets that wait: held back, or behind a stall.</summary>
    public long Waiting { get; set; }

    /// <summary>Heartbeats and ends that left.</summary>
    public long Controls { get; set; }

    /// <summary>Heartbeats and ends that a silence kept back.</summary>
    public long SilencedControls { get; set; }

    /// <summary>Datagrams that the socket refused; each is missing on the line.</summary>
    public long SendFailures { get; set; }
}
