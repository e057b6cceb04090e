using Engine.Feeds.Network.Recovery;

namespace Engine.Feeds.Network.Live;

/// <summary>
/// Asks one venue for missing messages, and tells on which lines its answers come. <see cref="GapKeeper"/> decides when, and asks
/// again; so a question may be lost. What the hot thread calls neither blocks nor allocates.
/// </summary>
/// <param name="firstReplyLine">The receiver's line from which on all are lines of answers.</param>
internal abstract class MessageRequester(int firstReplyLine) : IDisposable
{
    /// <summary>The receiver's line from which on all are lines of answers.</summary>
    public int FirstReplyLine { get; } = firstReplyLine;

    /// <summary>What went wrong: how often, and the last in one sentence. May be asked on any thread.</summary>
    public virtual (long Count, string Last) Faults => (0, "");

    /// <summary>Asks for messages.</summary>
    /// <param name="stream">A packet without content that names their stream.</param>
    /// <param name="from">Sequence of the first.</param>
    /// <param name="count">How many.</param>
    public abstract void Request(in SequencedPacket stream, ulong from, ulong count);

    /// <summary>Whether a datagram on a line of answers is from the venue.</summary>
    /// <param name="sourceAddress">Its sender: 127.0.0.1 is 0x7F000001.</param>
    /// <param name="sourcePort">The sender's UDP port.</param>
    public abstract bool IsAnswer(uint sourceAddress, ushort sourcePort);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
