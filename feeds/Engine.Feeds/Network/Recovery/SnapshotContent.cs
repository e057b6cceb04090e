using System.Buffers.Binary;

namespace Engine.Feeds.Network.Recovery;

/// <summary>A whole snapshot: messages behind their sizes, as in a run.</summary>
/// <remarks>
/// <code>
/// 0            10              18          26        34
/// +------------+---------------+-----------+---------+------------------------------------+
/// | session    | next sequence | messages  | length  | length bytes: { u16 | message } … |
/// | 10 letters | u64           | u64       | u64     |                                    |
/// +------------+---------------+-----------+---------+------------------------------------+
/// </code>
/// Big-endian: the form in which it stands in a recording.
/// </remarks>
internal unsafe struct SnapshotContent
{
    /// <summary>Bytes before the messages.</summary>
    public const int HeadBytes = 34;

    /// <summary>Letters of a session's name.</summary>
    public const int SessionBytes = 10;

    // SAFETY: HeadBytes bytes are readable at Head (where it is not null) and Length bytes at Data, until the input's next Next().
    /// <summary>The head; null, or blank where the name stands, if the input does not name the session.</summary>
    public byte* Head;

    /// <summary>The first message's size prefix.</summary>
    public byte* Data;

    /// <summary>Bytes of the messages.</summary>
    public long Length;

    /// <summary>Messages.</summary>
    public long Messages;

    /// <summary>The first sequence of the stream that the snapshot does not contain.</summary>
    public ulong NextSequence;

    /// <summary>Reads a head.</summary>
    /// <param name="head"><see cref="HeadBytes"/> bytes.</param>
    /// <param name="data">The messages; as many bytes as the head says.</param>
    public static SnapshotContent Read(byte* head, byte* data)
    {
        ReadOnlySpan<byte> bytes = new(head, HeadBytes);
        return new SnapshotContent
        {
            Head = head,
            Data = data,
            NextSequence = BinaryPrimitives.ReadUInt64BigEndian(bytes[10..]),
            Messages = (long)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(bytes[18..]), long.MaxValue),
            Length = (long)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(bytes[26..]), long.MaxValue),
        };
    }

    /// <summary>Whether its bytes have room for the sizes of all its messages: a count beyond that is not believed.</summary>
    public readonly bool MayHold => Messages <= Length / sizeof(ushort);

    /// <summary>Whether it can be one of a stream. Names are compared without the blanks around them.</summary>
    public readonly bool IsOf(in SequencedPacket stream)
    {
        if (Head == null || new ReadOnlySpan<byte>(Head, SessionBytes).Trim((byte)' ').IsEmpty)
        {
            return true;
        }

        Span<byte> letters = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(letters, stream.Stream);
        BinaryPrimitives.WriteUInt64LittleEndian(letters[8..], stream.StreamTail);
        return new ReadOnlySpan<byte>(Head, SessionBytes).Trim((byte)' ').SequenceEqual(letters[..SessionBytes].Trim((byte)' '));
    }
}
