namespace Engine.Feeds.Captures;

/// <summary>Several captures as one, by receive time; at equal times the one named first goes first.</summary>
internal sealed unsafe class PcapMerge : IDisposable
{
    private readonly PacketReader[] _readers;

    /// <param name="readers">In the order in which the user named them; owned from here on.</param>
    public PcapMerge(PacketReader[] readers)
    {
        _readers = readers;
    }

    /// <summary>Which capture the current packet is from.</summary>
    public int Capture { get; private set; }

    /// <summary>Its link type, or <see cref="PacketReader.NoInterface"/>.</summary>
    public int LinkType { get; private set; }

    /// <summary>Its time, ns since the Unix epoch.</summary>
    public long Time { get; private set; }

    /// <summary>Whether the capture gives that time, and it is well formed.</summary>
    public bool HasGoodTime { get; private set; }

    // SAFETY: the reader checked that all Length bytes lie in its mapped file, which stays mapped until Dispose.
    /// <summary>Its bytes.</summary>
    public byte* Data { get; private set; }

    /// <summary>How many.</summary>
    public int Length { get; private set; }

    /// <summary>Whether the capture holds only its beginning.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Whether the current packet's capture has a clock; without, its times are 0.</summary>
    public bool HasClock => _readers[Capture].HasClock;

    /// <summary>Whether a capture has no packet left.</summary>
    public bool IsEnded(int capture) => !_readers[capture].HasRecord;

    /// <summary>The first fault among the captures, in the order given; final once <see cref="Next"/> answered false.</summary>
    public SourceFault? Fault
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

    /// <summary>The files, in the order given.</summary>
    public IEnumerable<CaptureFile> Files => _readers.Select(reader => reader.File);

    /// <summary>Takes the earliest packet left.</summary>
    public bool Next()
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
            return false;
        }

        PacketReader reader = readers[best];
        Capture = best;
        LinkType = reader.LinkType;
        Time = reader.Time;
        HasGoodTime = reader.HasGoodTime;
        Data = reader.Data;
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

        return true;
    }

    /// <summary>Adds what the captures count apart from their packets; final once <see cref="Next"/> answered false.</summary>
    public void AddCounts(FeedStatistics statistics)
    {
        foreach (PacketReader reader in _readers)
        {
            reader.AddCounts(statistics);
        }
    }

    /// <summary>Closes all captures.</summary>
    public void Dispose()
    {
        foreach (PacketReader reader in _readers)
        {
            reader.Dispose();
        }
    }
}
