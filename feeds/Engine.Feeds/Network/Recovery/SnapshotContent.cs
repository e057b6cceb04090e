namespace Engine.Feeds.Network;

/// <summary>A whole snapshot: messages behind their sizes, as in a run.</summary>
internal unsafe struct SnapshotContent
{
    // SAFETY: Length bytes are readable at Data until the input's next Next().
    /// <summary>The first message's size prefix.</summary>
    public byte* Data;

    /// <summary>Bytes.</summary>
    public long Length;

    /// <summary>Messages.</summary>
    public long Messages;

    /// <summary>The first sequence of the stream that the snapshot does not contain.</summary>
    public ulong NextSequence;
}
