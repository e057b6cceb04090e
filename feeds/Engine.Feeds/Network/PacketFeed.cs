using Engine.Core.Events;

namespace Engine.Feeds.Network;

/// <summary>Where a packet comes from.</summary>
internal enum PacketOrigin : byte
{
    /// <summary>A line of the feed.</summary>
    Line,

    /// <summary>The venue's answer to a request of ours.</summary>
    Reply,

    /// <summary>It came before its turn, and was held until now.</summary>
    Held,

    /// <summary>The same, and what is missing before it is not waited for any longer.</summary>
    GivenUp,
}

/// <summary>What is known of a packet besides its bytes.</summary>
/// <param name="Time">Receive time, ns since the Unix epoch.</param>
/// <param name="HasClock">The capture has given a time at all.</param>
/// <param name="Capture">Which capture it is from.</param>
/// <param name="IsTruncated">Only its beginning was captured.</param>
/// <param name="Flags">Flags of every event from it.</param>
/// <param name="Origin">Where it comes from.</param>
internal readonly record struct PacketInfo(long Time, bool HasClock, int Capture, bool IsTruncated, EventFlags Flags, PacketOrigin Origin)
{
    /// <summary>It has been accepted before: it is counted, and its line followed.</summary>
    public bool IsAgain => Origin >= PacketOrigin.Held;

    /// <summary>Of a packet that is accepted again: the session that it waited in.</summary>
    public int Session { get; init; }
}

/// <summary>
/// One venue's packets: what it knows of their heads, its streams and its messages. <see cref="PacketSource"/> drives it, a packet
/// at a time: <see cref="Accept"/>, then <see cref="Decode"/> until the plan's run is done.
/// </summary>
internal abstract unsafe class PacketFeed : IDisposable
{
    /// <param name="options">What the host asked for.</param>
    /// <param name="statistics">Counts what is seen.</param>
    /// <param name="isEnded">Whether a capture has no packet left.</param>
    /// <param name="framing">How messages are framed.</param>
    protected PacketFeed(FeedOptions options, FeedStatistics statistics, Func<int, bool> isEnded, MessageFraming framing)
    {
        Statistics = statistics;
        Framing = framing;
        Sessions = new SequenceSessions(options, statistics, isEnded);
        Messages = new MessageSlots(options.Limits.EventsPerPacket, framing);
    }

    /// <summary>The venue that the events name.</summary>
    public abstract Venue Venue { get; }

    /// <summary>The framing in words, outermost first.</summary>
    public abstract string Format { get; }

    /// <summary>The messages as text.</summary>
    public abstract MessageText Text { get; }

    /// <summary>How messages are framed.</summary>
    public MessageFraming Framing { get; }

    /// <summary>The streams and, in their plan, what the current packet asks for.</summary>
    public SequenceSessions Sessions { get; }

    /// <summary>Which message each event came from.</summary>
    public MessageSlots Messages { get; }

    /// <summary>The session's date on the US east coast, once a packet has told it.</summary>
    public DateOnly? Date { get; protected set; }

    /// <summary>Instruments that a clear or gap of the current stream concerns; −1 for every one of the venue.</summary>
    public virtual int ScopeCount => -1;

    /// <summary>The counters.</summary>
    protected FeedStatistics Statistics { get; }

    /// <summary>Takes a UDP payload and sets the plan. What is no packet of this venue is counted and plans nothing.</summary>
    public abstract void Accept(in UdpPayload payload, in PacketInfo info);

    /// <summary>No packet is left: plans the gap of a stream that lacks what its last packets announced; false when there is none left.</summary>
    public virtual bool SettleNext() => Sessions.SettleNext();

    // SAFETY: the caller keeps the events pinned, and limit within them and the message slots.
    /// <summary>Decodes messages until the run is done, the events are full, or the bytes end early: then the run says so.</summary>
    /// <param name="run">Where to read; moved on.</param>
    /// <param name="events">Receives the events, from <paramref name="written"/> on.</param>
    /// <param name="written">Events there already.</param>
    /// <param name="limit">Events there may be; at most the capacity of <see cref="Messages"/>.</param>
    /// <returns>Events there are now.</returns>
    public abstract int Decode(ref MessageRun run, MarketEvent* events, int written, int limit);

    /// <summary>The exchange time of what comes next in the current packet, ns since the Unix epoch.</summary>
    /// <returns>False where the packet does not tell.</returns>
    public abstract bool TryPeekTime(in MessageRun run, out long time);

    /// <summary>One of the instruments that a clear or gap concerns.</summary>
    /// <param name="index">Below <see cref="ScopeCount"/>.</param>
    public virtual int ScopeInstrument(int index) => MarketEvent.AllInstruments;

    /// <summary>A session's name for people.</summary>
    public virtual string StreamName(int session) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{session + 1}");

    /// <summary>Takes up what belongs to a session, so that messages of it can be decoded that come in no packet of its lines.</summary>
    /// <param name="session">The session.</param>
    /// <param name="info">Their receive time and flags.</param>
    public virtual void Enter(int session, in PacketInfo info)
    {
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        Messages.Dispose();
        Sessions.Gaps.Dispose();
    }
}
