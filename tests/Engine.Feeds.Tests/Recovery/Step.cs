using Engine.Feeds.Network;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>One thing that a scripted input gives: a UDP payload, a mark or a snapshot.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Time">Its time, ns since the Unix epoch.</param>
/// <param name="Bytes">The payload or the snapshot's messages.</param>
internal sealed record Step(PacketNext Kind, long Time, byte[] Bytes)
{
    /// <summary>The line: its multicast group.</summary>
    public ulong Group { get; init; } = 1;

    /// <summary>It answers a request.</summary>
    public bool IsReply { get; init; }

    /// <summary>Messages of a snapshot.</summary>
    public long Messages { get; init; }

    /// <summary>The first sequence that a snapshot does not contain.</summary>
    public ulong NextSequence { get; init; }

    /// <summary>A packet on a line.</summary>
    public static Step Packet(long time, byte[] bytes, ulong group = 1) => new(PacketNext.Packet, time, bytes) { Group = group };

    /// <summary>A packet in answer to a request.</summary>
    public static Step Reply(long time, byte[] bytes) => new(PacketNext.Packet, time, bytes) { IsReply = true, Group = 99 };

    /// <summary>Nothing but the time.</summary>
    public static Step Mark(long time) => new(PacketNext.Mark, time, []);

    /// <summary>A snapshot of these messages.</summary>
    public static Step Snapshot(long time, ulong nextSequence, params byte[][] messages) =>
        new(PacketNext.Snapshot, time, ItchBytes.BinaryFile(messages)) { Messages = messages.Length, NextSequence = nextSequence };
}
