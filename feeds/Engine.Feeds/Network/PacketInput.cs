using Engine.Feeds.Network.Recovery;

namespace Engine.Feeds.Network;

/// <summary>What an input gives next.</summary>
internal enum PacketNext
{
    /// <summary>A packet.</summary>
    Packet,

    /// <summary>Nothing but the time: what has waited for too long is to be given up.</summary>
    Mark,

    /// <summary>A whole snapshot.</summary>
    Snapshot,

    /// <summary>Nothing yet.</summary>
    Idle,

    /// <summary>There is nothing more.</summary>
    End,
}

/// <summary>Packets in the order in which they are to be processed: captures, or sockets. What it gives, with the times, decides
/// everything that <see cref="PacketSource"/> makes of it.</summary>
internal abstract unsafe class PacketInput : IDisposable
{
    /// <summary>Which capture or socket the packet is from.</summary>
    public int Capture { get; protected set; }

    /// <summary>Its time, ns since the Unix epoch. Also that of a mark or a snapshot.</summary>
    public long Time { get; protected set; }

    /// <summary>Whether that time was given, and is well formed.</summary>
    public bool HasGoodTime { get; protected set; }

    /// <summary>Whether the packet's capture has a clock; without, its times are 0.</summary>
    public abstract bool HasClock { get; }

    /// <summary>Bytes of the packet that there are, with its headers.</summary>
    public int Length { get; protected set; }

    /// <summary>Whether there is only its beginning.</summary>
    public bool IsTruncated { get; protected set; }

    /// <summary>Whether it came on a socket or interface of its own, in answer to a request of ours.</summary>
    public bool IsReply { get; protected set; }

    /// <summary>Link type of a captured packet.</summary>
    public int LinkType { get; protected set; }

    /// <summary>The snapshot, after <see cref="PacketNext.Snapshot"/>.</summary>
    public virtual SnapshotContent Snapshot => default;

    /// <summary>The captures, in the order given; none of a live input.</summary>
    public abstract IReadOnlyList<CaptureIdentity> Captures { get; }

    /// <summary>The first fault among the captures; final after <see cref="PacketNext.End"/>.</summary>
    public virtual SourceFault? Fault => null;

    /// <summary>Steps to what comes next.</summary>
    public abstract PacketNext Next();

    // SAFETY: the payload's bytes stay readable until the next Next(); those of captures until Dispose.
    /// <summary>Takes the headers off the packet.</summary>
    public abstract FrameContent Open(out UdpPayload payload);

    /// <summary>Whether a capture or socket has no packet left.</summary>
    public abstract bool IsEnded(int capture);

    /// <summary>An input that has nothing is told that something waits for a time: whether it has come; then a mark is current.</summary>
    /// <param name="deadline">ns since the Unix epoch.</param>
    public virtual bool TryMark(long deadline) => false;

    /// <summary>Messages of a stream are missing and no line has brought them: ask the venue for them again.</summary>
    /// <param name="packet">Its stream's name.</param>
    /// <param name="from">Sequence of the first.</param>
    /// <param name="count">How many.</param>
    public virtual void Request(in SequencedPacket packet, ulong from, ulong count)
    {
    }

    /// <summary>The books cannot be kept up without a snapshot: ask the venue for one.</summary>
    public virtual void RequestSnapshot()
    {
    }

    /// <summary>Adds what is counted apart from the packets; final after <see cref="PacketNext.End"/>.</summary>
    public virtual void AddCounts(FeedStatistics statistics)
    {
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
