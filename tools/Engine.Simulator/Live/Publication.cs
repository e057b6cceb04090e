namespace Engine.Simulator.Live;

/// <summary>One session: all its packets, and how far they have been published. The venue's parts share it.</summary>
public sealed class Publication
{
    private ulong _nextSequence = 1;

    /// <param name="protocol">The session.</param>
    /// <param name="tape">Its packets, complete.</param>
    public Publication(ISessionProtocol protocol, PacketTape tape)
    {
        Protocol = protocol;
        Tape = tape;
    }

    /// <summary>The session.</summary>
    public ISessionProtocol Protocol { get; }

    /// <summary>Its packets.</summary>
    public PacketTape Tape { get; }

    /// <summary>
    /// Sequence after the last published message. It counts a packet just before the packet leaves, so that whoever has received
    /// a message finds it published.
    /// </summary>
    public ulong NextSequence => Volatile.Read(ref _nextSequence);

    /// <summary>Whether every message has been published.</summary>
    public bool IsComplete => NextSequence == Tape.NextSequence;

    /// <summary>Says that messages are about to leave; called by the publisher alone.</summary>
    /// <param name="nextSequence">Sequence after the last of them.</param>
    internal void Advance(ulong nextSequence) => Volatile.Write(ref _nextSequence, nextSequence);
}
