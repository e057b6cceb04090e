using System.Runtime.InteropServices;

namespace Engine.Feeds.Network;

/// <summary>What an accepted packet asks for, in this order: a clear, a gap, the beginning of a snapshot, the messages of a run, the
/// end of a snapshot.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct PacketPlan
{
    /// <summary>Index of the packet's session.</summary>
    public int Session;

    /// <summary>The session begins or begins again: what was learnt of it (locates, its midnight) is to be set up anew.</summary>
    public bool Fresh;

    /// <summary>The books are to be emptied: the stream begins again somewhere else than at its first message.</summary>
    public bool Clear;

    /// <summary>First missing sequence.</summary>
    public ulong GapFrom;

    /// <summary>How many messages are missing; 0 for none.</summary>
    public long GapLost;

    /// <summary>A snapshot begins.</summary>
    public bool BeginsSnapshot;

    /// <summary>A snapshot is complete once the run is done.</summary>
    public bool EndsSnapshot;

    /// <summary>The sequence with which the stream goes on behind a snapshot that was asked for; 0 for one that the lines bring.</summary>
    public ulong SnapshotNext;

    /// <summary>The messages belong to no sequence that is followed: a snapshot's, or an answer to a request.</summary>
    public bool IsOutside;

    /// <summary>The messages that are new.</summary>
    public MessageRun Run;
}
