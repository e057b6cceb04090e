using Engine.Simulator.Wire;

namespace Engine.Simulator.Live;

/// <summary>
/// All packets of a session, in order, made before the first is sent: publishing then costs no simulation, a re-request finds
/// every message, and a snapshot is built from the very bytes that were sent. Written once, then read by any thread.
/// Packets without messages are passed over: who publishes sends heartbeats and the end by its own clock.
/// </summary>
public sealed class PacketTape : IPacketSink
{
    /// <summary>Most packets of a session.</summary>
    public const int PacketLimit = 50_000_000;

    /// <summary>Most payload bytes of a session.</summary>
    public const long ByteLimit = 4L << 30;

    private const int ChunkBytes = 1 << 20;
    private readonly ISessionProtocol _protocol;
    private readonly List<byte[]> _chunks = [];
    private readonly List<Entry> _entries = [];
    private int _chunkUsed = ChunkBytes;
    private long _bytes;

    /// <param name="protocol">What tells the packets' sequences.</param>
    public PacketTape(ISessionProtocol protocol) => _protocol = protocol;

    /// <summary>Packets kept.</summary>
    public int Count => _entries.Count;

    /// <summary>Sequence after the last message; messages count from 1.</summary>
    public ulong NextSequence { get; private set; } = 1;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The session is too long, or its sequence has a hole.</exception>
    public void Packet(long timeNanos, ReadOnlySpan<byte> payload)
    {
        PacketExtent extent = _protocol.Extent(payload);
        if (extent.Count == 0)
        {
            return;
        }

        if (extent.First != NextSequence)
        {
            throw new InvalidOperationException($"a packet begins at message {extent.First}; {NextSequence} was to come");
        }

        if (_entries.Count == PacketLimit || _bytes + payload.Length > ByteLimit)
        {
            throw new InvalidOperationException($"a live session keeps {PacketLimit} packets and {ByteLimit} bytes at most; shorten the day");
        }

        if (_chunkUsed + payload.Length > ChunkBytes)
        {
            _chunks.Add(new byte[ChunkBytes]);
            _chunkUsed = 0;
        }

        payload.CopyTo(_chunks[^1].AsSpan(_chunkUsed));
        _entries.Add(new Entry(timeNanos, extent.First, _chunks.Count - 1, _chunkUsed, payload.Length));
        _chunkUsed += payload.Length;
        _bytes += payload.Length;
        NextSequence = extent.Next;
    }

    /// <inheritdoc/>
    public void Finish()
    {
    }

    /// <summary>When a packet is due, nanoseconds from the beginning.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public long TimeNanos(int index) => _entries[index].TimeNanos;

    /// <summary>Sequence of a packet's first message.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public ulong First(int index) => _entries[index].First;

    /// <summary>A packet's bytes.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public ReadOnlySpan<byte> Payload(int index)
    {
        Entry entry = _entries[index];
        return _chunks[entry.Chunk].AsSpan(entry.Offset, entry.Length);
    }

    /// <summary>The packet before a message, or the one that begins with it where none is before; the tape must hold one.</summary>
    /// <param name="nextSequence">Sequence of the message.</param>
    public ReadOnlySpan<byte> Neighbour(ulong nextSequence) => Payload(Math.Max(Find(nextSequence - 1), 0));

    /// <summary>The packet that holds a message.</summary>
    /// <param name="sequence">Sequence of the message.</param>
    /// <returns>Its index, or −1 where the session has no such message.</returns>
    public int Find(ulong sequence)
    {
        if (sequence == 0 || sequence >= NextSequence)
        {
            return -1;
        }

        int low = 0, high = _entries.Count - 1;
        while (low < high)
        {
            int middle = low + ((high - low + 1) / 2);
            if (_entries[middle].First <= sequence)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    private readonly record struct Entry(long TimeNanos, ulong First, int Chunk, int Offset, int Length);
}
