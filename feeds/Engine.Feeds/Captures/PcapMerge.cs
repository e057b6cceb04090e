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
        PacketReader[] readers = _readers;
        int best = -1;
        for (int i = 0; i < readers.Length; i++)
        {
            if (readers[i].HasRecord && (best < 0 || readers[i].Time < readers[best].Time))
            {
                best = i;
            }
        }

        if (best < 0)
        {
            return PacketNext.End;
        }

        PacketReader reader = readers[best];
        Capture = best;
        LinkType = reader.LinkType;
        Time = reader.Time;
        HasGoodTime = reader.HasGoodTime;
        // SAFETY: the reader checked that all Length bytes lie in its mapped file, which stays mapped until Dispose.
        _data = reader.Data;
        Length = reader.Length;
        IsTruncated = reader.IsTruncated;
        if (reader is PcapReader plain)
        {
            plain.Advance(); // A direct call for the ordinary format, in place of one through the method table.
        }
        else
        {
            reader.Advance();
        }

        return PacketNext.Packet;
    }

    /// <inheritdoc/>
    public override FrameContent Open(out UdpPayload payload) => FrameReader.Read(_data, Length, LinkType, out payload);

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
        foreach (PacketReader reader in _readers)
        {
            reader.Dispose();
        }
    }
}
