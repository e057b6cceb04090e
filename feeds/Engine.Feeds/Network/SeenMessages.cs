using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Feeds.Network;

/// <summary>How a packet compares with what is remembered.</summary>
internal enum SeenAnswer
{
    /// <summary>Nothing is remembered of its sequences.</summary>
    Unknown,

    /// <summary>The same bytes came under the same sequence.</summary>
    Same,

    /// <summary>Other bytes came under the same sequence.</summary>
    Other,
}

/// <summary>
/// Remembers of each session the first messages of its last <see cref="Window"/> packets or so, by sequence, as hashes. It tells
/// a repetition, however it is packed, from a stream that began again.
/// </summary>
internal sealed unsafe class SeenMessages
{
    /// <summary>Entries of a session, a power of two: an entry's place is its sequence modulo this.</summary>
    public const int Window = 1_024;

    private readonly Entry[] _entries = new Entry[SequenceSessions.MaxSessions * Window];

    /// <summary>Remembers the first message of a packet that brought it first.</summary>
    public void Note(int session, int generation, in SequencedPacket packet)
    {
        if (TryHash(packet.Framing, packet.Body, packet.End, out ulong hash, out _))
        {
            At(session, packet.Sequence) = new Entry { Sequence = packet.Sequence, Hash = hash, Generation = generation };
        }
    }

    /// <summary>Compares a packet's messages with those remembered, up to the first that is.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public SeenAnswer Compare(int session, int generation, in SequencedPacket packet)
    {
        // SAFETY: a walk over messages that lie whole before the packet's end, as TryHash checks.
        byte* at = packet.Body;
        for (int i = 0; i < packet.Count && TryHash(packet.Framing, at, packet.End, out ulong hash, out int size); i++)
        {
            ulong sequence = packet.Sequence + (ulong)i;
            ref Entry entry = ref At(session, sequence);
            if (entry.Sequence == sequence && entry.Generation == generation)
            {
                return entry.Hash == hash ? SeenAnswer.Same : SeenAnswer.Other;
            }

            at += size;
        }

        return SeenAnswer.Unknown;
    }

    private ref Entry At(int session, ulong sequence) => ref _entries[(session * Window) + (int)(sequence % Window)];

    /// <summary>Hashes a message with its size prefix; false where it does not lie whole before the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryHash(MessageFraming framing, byte* at, byte* end, out ulong hash, out int size)
    {
        // SAFETY: the size prefix is read only where two bytes are left, the message only where it is whole.
        hash = 0;
        size = 0;
        if (end - at < 2)
        {
            return false;
        }

        size = framing.Step(at);
        if (size == 0 || end - at < size)
        {
            return false;
        }

        hash = Line.Hash(at, size);
        return true;
    }

    /// <summary>A message; sequence 0 is none.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct Entry
    {
        /// <summary>Its sequence.</summary>
        public ulong Sequence;

        /// <summary>Hash of its bytes.</summary>
        public ulong Hash;

        /// <summary>The session's generation that brought it.</summary>
        public int Generation;
    }
}
