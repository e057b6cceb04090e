namespace Engine.Feeds.Network;

/// <summary>A packet of numbered messages, whatever protocol it came in.</summary>
internal unsafe struct SequencedPacket
{
    // SAFETY: Body <= End, and all bytes between them are readable for as long as the capture they are from stays open.
    /// <summary>The first message's size prefix.</summary>
    public byte* Body;

    /// <summary>One past the last byte captured.</summary>
    public byte* End;

    /// <summary>Which stream of numbers it belongs to, with <see cref="StreamTail"/>: a MoldUDP64 session, an XDP channel, an
    /// IEX session and channel.</summary>
    public ulong Stream;

    /// <summary>The rest of the stream's name.</summary>
    public ulong StreamTail;

    /// <summary>Sequence of the first message; of the next one where there is none.</summary>
    public ulong Sequence;

    /// <summary>Messages; 0 for a heartbeat.</summary>
    public int Count;

    /// <summary>It ends the stream.</summary>
    public bool EndsStream;

    /// <summary>The venue says that the numbers begin again with this packet.</summary>
    public bool IsReset;

    /// <summary>The venue says that it sends the packet again, for those who lack it.</summary>
    public bool IsRepeat;

    /// <summary>How its messages are framed.</summary>
    public MessageFraming Framing;

    /// <summary>One past the last message that its bytes hold, whatever it announces.</summary>
    public readonly ulong WholeEnd => Sequence + (ulong)Framing.Whole(Body, End, Count, out _);
}
