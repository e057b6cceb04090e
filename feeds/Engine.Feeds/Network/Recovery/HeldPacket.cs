using System.Runtime.InteropServices;
using Engine.Core.Events;

namespace Engine.Feeds.Network.Recovery;

/// <summary>A packet that came before its turn, and what was known of it then.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct HeldPacket
{
    /// <summary>Sequence of its first message.</summary>
    public ulong Sequence;

    /// <summary>One past that of the last message which its bytes hold.</summary>
    public ulong End;

    /// <summary>The group it came on.</summary>
    public ulong Group;

    /// <summary>When it came, ns since the Unix epoch.</summary>
    public long Time;

    /// <summary>Bytes of its payload.</summary>
    public int Length;

    /// <summary>The capture or socket it came from.</summary>
    public int Capture;

    /// <summary>The one before it in its session, by sequence; −1 for none.</summary>
    public int Previous;

    /// <summary>The one behind it; −1 for none. In a free slot, the next free one.</summary>
    public int Next;

    /// <summary>Flags of every event from it.</summary>
    public EventFlags Flags;

    /// <summary>Its capture has a clock.</summary>
    public bool HasClock;

    /// <summary>Only its beginning was captured.</summary>
    public bool IsTruncated;
}

/// <summary>What a session with held packets waits for.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct HeldQueue
{
    /// <summary>The held packet with the lowest sequence; −1 for none.</summary>
    public int First;

    /// <summary>The one with the highest.</summary>
    public int Last;

    /// <summary>One past the highest sequence seen, held or announced.</summary>
    public ulong Top;

    /// <summary>The first missing sequence that the deadline is for.</summary>
    public ulong Missing;

    /// <summary>When the wait is over, ns since the Unix epoch.</summary>
    public long Deadline;

    /// <summary>Requests made for it since anything of it came.</summary>
    public int Requests;

    /// <summary>The hole that was told of when it was requested: its first sequence.</summary>
    public ulong ToldFrom;

    /// <summary>One past its last; 0 where none was.</summary>
    public ulong ToldEnd;

    /// <summary>What is missing before this sequence is not waited for: a packet there found no room.</summary>
    public ulong GiveUpTo;
}
