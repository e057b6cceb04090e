using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;

namespace Engine.Feeds.Captures;

/// <summary>Several captures as one, by receive time; at equal times the one named first goes first.</summary>
internal sealed unsafe class PcapMerge : PacketInput
{
    private readonly PacketReader[] _readers;

    /// <param name="readers">In the order in which the user named them; owned from here on.</param>
    public PcapMerge(PacketReader[] readers)
    {
        _readers = readers;
        Captures = [.. readers.Select(reader => new CaptureIdentity(reader.File))];
    }

    /// <summary>The current packet's bytes.</summary>
    private byte* _data;
    private int _recordedLine;
    private RecordedSnapshot? _snapshot;

    /// <inheritdoc/>
    public override bool HasClock => _readers[Capture].HasClock;

    /// <inheritdoc/>
    public override bool IsEnded(int capture) => !_readers[capture].HasRecord;

    /// <inheritdoc/>
    public override SourceFault? Fault
    {
        get
        {
            SourceFault? fault = null;
            foreach (PacketReader reader in _readers)
            {
                fault ??= reader.Fault;
            }

            return fault;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<CaptureIdentity> Captures { get; }

    /// <summary>Takes the earliest packet left.</summary>
    public override PacketNext Next()
    {
        while (true)
        {
            int best = Earliest();
            if (best < 0)
            {
                return PacketNext.End;
            }

            PacketReader reader = _readers[best];
            Capture = best;
            LinkType = reader.LinkType;
            Time = reader.Time;
            HasGoodTime = reader.HasGoodTime;

            // SAFETY: the reader checked that all Length bytes lie in its mapped file, which stays mapped until Dispose.
            _data = reader.Data;
            Length = reader.Length;
            IsTruncated = reader.IsTruncated;
            InterfaceRole role = reader.Role;
            _recordedLine = reader.RecordedLine;
            if (reader is PcapReader plain)
            {
                plain.Advance(); // A direct call for the ordinary format, in place of one through the method table.
            }
            else
            {
                reader.Advance();
            }

            IsReply = role == InterfaceRole.Replies;
            if (role < InterfaceRole.Clock)
            {
                return PacketNext.Packet;
            }

            if (role == InterfaceRole.Clock)
            {
                return PacketNext.Mark;
            }

            _snapshot ??= new RecordedSnapshot();
            if (_snapshot.Add(_data, Length))
            {
                return PacketNext.Snapshot;
            }
        }
    }

    /// <inheritdoc/>
    public override SnapshotContent Snapshot => _snapshot?.Content ?? default;

    /// <inheritdoc/>
    public override FrameContent Open(out UdpPayload payload)
    {
        FrameContent content = FrameReader.Read(_data, Length, LinkType, out payload);
        payload.Group = RecordedInterface.GroupOf(payload.Group, _recordedLine);
        return content;
    }

    /// <inheritdoc/>
    public override void AddCounts(FeedStatistics statistics)
    {
        foreach (PacketReader reader in _readers)
        {
            reader.AddCounts(statistics);
        }
    }

    /// <summary>Closes all captures.</summary>
    public override void Dispose()
    {
        _snapshot?.Dispose();
        foreach (PacketReader reader in _readers)
        {
            reader.Dispose();
        }
    }

    /// <summary>The capture whose packet is the earliest; −1 when none is left.</summary>
    private int Earliest()
    {
        PacketReader[] readers = _readers;
        int best = -1;
        for (int i = 0; i < readers.Length; i++)
        {
            if (readers[i].HasRecord && (best < 0 || readers[i].Time < readers[best].Time))
            {
                best = i;
            }
        }

        return best;
    }
}
