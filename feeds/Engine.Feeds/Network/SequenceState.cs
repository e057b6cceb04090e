using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Feeds.Network;

/// <summary>A stream of numbered messages.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct Session
{
    /// <summary>Its name.</summary>
    public ulong Head;

    /// <summary>The rest of its name.</summary>
    public ulong Tail;

    /// <summary>Sequence of the next message wanted.</summary>
    public ulong Next;

    /// <summary>Up to which sequence packets have announced messages that they did not hold; 0 for none.</summary>
    public ulong Announced;

    /// <summary>How often it has begun again.</summary>
    public int Generation;

    /// <summary>A newer session has taken its place on a line.</summary>
    public bool Superseded;

    /// <summary>It is followed from its first message, which is still to come.</summary>
    public bool StartPending;

    /// <summary>Follows it from this packet on.</summary>
    public void Begin(in SequencedPacket packet)
    {
        Next = packet.Sequence;
        Announced = 0;
        StartPending = packet.Sequence == 1;
    }
}

/// <summary>A line: one multicast group in one capture.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct Line
{
    /// <summary>The group.</summary>
    public ulong Group;

    /// <summary>Hash of the packet that carried sequence 1.</summary>
    public ulong FirstHash;

    /// <summary>What this line should bring next.</summary>
    public ulong Next;

    /// <summary>What it should bring next if it began again below <see cref="Next"/>.</summary>
    public ulong NextBack;

    /// <summary>Packets in rising order below <see cref="Next"/>, since the last at or above it.</summary>
    public long PacketsBack;

    /// <summary>Packets since sequence 1.</summary>
    public long PacketsSinceFirst;

    /// <summary>The capture.</summary>
    public int Capture;

    /// <summary>The session it carries, or −1.</summary>
    public int Session;

    /// <summary>The session's generation that it has reached.</summary>
    public int Generation;

    /// <summary>Whether it has brought sequence 1.</summary>
    public bool SawFirst;

    /// <summary>The line carries the given session from here on.</summary>
    public void Begin(int session, int generation)
    {
        Session = session;
        Generation = generation;
        Next = 0;
        PacketsSinceFirst = 0;
        PacketsBack = 0;
        SawFirst = false;
    }

    /// <summary>Moves on by one packet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Note(in SequencedPacket packet)
    {
        PacketsSinceFirst++;
        if ((packet.Sequence == 1 || packet.IsReset) && packet.Count != 0 && !SawFirst)
        {
            SawFirst = true;
            PacketsSinceFirst = 0;
            FirstHash = Hash(packet);
        }

        Next = Math.Max(Next, packet.Sequence + (ulong)packet.Count);
    }

    /// <summary>64 bits over a packet's messages.</summary>
    public static unsafe ulong Hash(in SequencedPacket packet) => Hash(packet.Body, (int)(packet.End - packet.Body));

    /// <summary>A hash with more bytes chained into it.</summary>
    public static unsafe ulong Chain(ulong hash, byte* bytes, int length)
    {
        ulong high = Math.BigMul(hash ^ Hash(bytes, length), 0x9E3779B97F4A7C15, out ulong low);
        return (high ^ low) + 0xC2B2AE3D27D4EB4F;
    }

    /// <summary>64 bits over bytes: multiply and fold, eight at a time. Tells packets apart; not for secrets.</summary>
    public static unsafe ulong Hash(byte* bytes, int length)
    {
        // SAFETY: reads stay below length, which is what the caller's bytes hold.
        ulong hash = (ulong)length;
        int at = 0;
        for (; at + 8 <= length; at += 8)
        {
            hash = (hash ^ Unsafe.ReadUnaligned<ulong>(bytes + at)) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
        }

        if (at < length && length >= 8)
        {
            // The rest as one word that overlaps the one before: every packet's first message passes here.
            return (hash ^ Unsafe.ReadUnaligned<ulong>(bytes + length - 8)) * 0x9E3779B97F4A7C15;
        }

        for (; at < length; at++)
        {
            hash = (hash ^ bytes[at]) * 0x9E3779B97F4A7C15;
        }

        return hash;
    }
}
