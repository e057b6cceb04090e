using Engine.Feeds.Network;

namespace Engine.Feeds.Xdp;

/// <summary>
/// Tells which multicast groups carry the same channel. An XDP packet does not name its channel, so a channel is known by the
/// group it was first seen on; a line whose packets turn out to be twins of another line's (same sequence, same first bytes)
/// joins that one's channel. Symbol index, symbol sequence and nanoseconds are among those bytes: two channels do not agree in
/// them by chance.
/// </summary>
internal sealed unsafe class XdpLines
{
    /// <summary>Packets of a line that are compared with the others' before its channel stands.</summary>
    public const int Comparisons = 64;

    /// <summary>Packets that are remembered.</summary>
    public const int Remembered = 1_024;

    private const int BytesCompared = 64;
    private readonly ulong[] _groups = new ulong[SequenceSessions.MaxLines];
    private readonly ulong[] _channels = new ulong[SequenceSessions.MaxLines];
    private readonly int[] _compared = new int[SequenceSessions.MaxLines];
    private readonly ulong[] _prints = new ulong[Remembered];
    private readonly ulong[] _printGroups = new ulong[Remembered];
    private int _count;
    private int _next;

    /// <summary>Whether packets of the running feed have come on a group.</summary>
    public bool Knows(ulong group) => Find(group) >= 0;

    /// <summary>The channel that a group carries, as far as this packet and those before it tell.</summary>
    public ulong Channel(ulong group, in SequencedPacket packet)
    {
        int line = Find(group);
        if (line < 0)
        {
            if (_count == _groups.Length)
            {
                return group;
            }

            line = _count++;
            _groups[line] = _channels[line] = group;
        }

        if (packet.Count > 0)
        {
            Compare(line, packet);
        }

        return _channels[line];
    }

    /// <summary>The channel that a group carries, as far as is known; a packet that is taken again is not compared again.</summary>
    public ulong Channel(ulong group)
    {
        int line = Find(group);
        return line < 0 ? group : _channels[line];
    }

    /// <summary>The channel that all lines carry, as far as is known; false where there are several, or none.</summary>
    public bool TryGetOnly(out ulong channel)
    {
        channel = _channels[0];
        for (int i = 1; i < _count; i++)
        {
            if (_channels[i] != channel)
            {
                return false;
            }
        }

        return _count > 0;
    }

    /// <summary>Whether a packet is a twin of one that came on another group; it is remembered in any case.</summary>
    public bool IsTwin(ulong group, in SequencedPacket packet)
    {
        ulong print = Print(packet);
        int twin = Twin(group, print);
        Remember(group, print);
        return twin >= 0;
    }

    private void Compare(int line, in SequencedPacket packet)
    {
        ulong print = Print(packet);
        if (_compared[line] < Comparisons)
        {
            _compared[line]++;
            int twin = Twin(_groups[line], print);
            int other = twin < 0 ? -1 : Find(_printGroups[twin]);
            if (other >= 0 && _channels[other] != _channels[line])
            {
                _channels[line] = _channels[other];
                _compared[line] = Comparisons;
            }
        }

        Remember(_groups[line], print);
    }

    private int Twin(ulong group, ulong print)
    {
        for (int i = 0; i < Remembered; i++)
        {
            if (_prints[i] == print && _printGroups[i] != group)
            {
                return i;
            }
        }

        return -1;
    }

    private void Remember(ulong group, ulong print)
    {
        _prints[_next] = print;
        _printGroups[_next] = group;
        _next = (_next + 1) % Remembered;
    }

    private int Find(ulong group)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_groups[i] == group)
            {
                return i;
            }
        }

        return -1;
    }

    private static ulong Print(in SequencedPacket packet)
    {
        // SAFETY: the packet's bytes are readable from Body to End.
        int length = (int)Math.Min(packet.End - packet.Body, BytesCompared);
        return (Line.Hash(packet.Body, length) ^ packet.Sequence) + ((ulong)packet.Count << 56);
    }
}
