namespace Engine.Feeds.Network;

/// <summary>Messages still to be decoded, each behind its u16 size, and where the decoding stands.</summary>
internal unsafe struct MessageRun
{
    // SAFETY: At <= End always, and all bytes between them are readable for as long as the capture they are from stays open.
    /// <summary>The next message's size prefix.</summary>
    public byte* At;

    /// <summary>One past the last byte that may be read.</summary>
    public byte* End;

    /// <summary>Messages left.</summary>
    public long Remaining;

    /// <summary>Sequence of the next message.</summary>
    public ulong Sequence;

    /// <summary>Set by the decoder when the bytes ended, or a size came that cannot be, before <see cref="Remaining"/> was 0:
    /// <see cref="At"/> stands at the message concerned.</summary>
    public bool Stopped;
}
