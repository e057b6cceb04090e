using Engine.Core.Events;

namespace Engine.Simulator.Live;

/// <summary>Which messages a packet holds.</summary>
/// <param name="First">Sequence of its first message; that of the next message where it holds none.</param>
/// <param name="Count">Its messages; 0 for heartbeats and the like.</param>
public readonly record struct PacketExtent(ulong First, int Count)
{
    /// <summary>Sequence after its last message.</summary>
    public ulong Next => First + (ulong)Count;
}

/// <summary>What publishing needs to know about a venue's packets; their contents stay opaque.</summary>
public interface ISessionProtocol
{
    /// <summary>The venue whose packets they are.</summary>
    Venue Venue { get; }

    /// <summary>Name of the session, as its packets carry it; empty where they carry none.</summary>
    string Session { get; }

    /// <summary>Bytes of the longest heartbeat or end packet.</summary>
    int ControlLength { get; }

    /// <summary>Reads which messages a packet holds.</summary>
    /// <param name="payload">A packet that the simulator wrote.</param>
    PacketExtent Extent(ReadOnlySpan<byte> payload);

    /// <summary>Writes a heartbeat.</summary>
    /// <param name="payload">At least <see cref="ControlLength"/> bytes.</param>
    /// <param name="tape">The session's packets.</param>
    /// <param name="nextSequence">Sequence of the message to come.</param>
    /// <returns>Bytes written.</returns>
    int WriteHeartbeat(Span<byte> payload, PacketTape tape, ulong nextSequence);

    /// <summary>Writes the packet that ends the session.</summary>
    /// <param name="payload">At least <see cref="ControlLength"/> bytes.</param>
    /// <param name="nextSequence">Sequence after the last message.</param>
    /// <returns>Bytes written; 0 where the protocol has no such packet.</returns>
    int WriteEnd(Span<byte> payload, ulong nextSequence);
}
