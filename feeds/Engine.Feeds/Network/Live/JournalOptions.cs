namespace Engine.Feeds.Network.Live;

/// <summary>A line whose packets are kept.</summary>
/// <param name="Name">if_name; not one that begins with <c>engine:</c>.</param>
/// <param name="Description">if_description.</param>
/// <param name="Address">Where its datagrams were sent to, as a number: the group, or the address of this host.</param>
/// <param name="Port">The port they were sent to.</param>
internal sealed record JournalLine(string Name, string Description, uint Address, ushort Port);

/// <summary>How a <see cref="PacketJournal"/> writes.</summary>
internal sealed record JournalOptions
{
    /// <summary>Least bytes of the ring: several of the longest blocks.</summary>
    public const int MinRingBytes = 1 << 18;

    /// <summary>Bytes between the receiving thread and the file; a power of two.</summary>
    public int RingBytes { get; init; } = 1 << 25;

    /// <summary>Whether an existing file is overwritten.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Whether what is written is forced to the disk (fsync). Without it, it survives the process but not the host.</summary>
    public bool Sync { get; init; }

    /// <summary>With <see cref="Sync"/>: bytes after which it is forced at the latest.</summary>
    public long SyncBytes { get; init; } = 64 << 20;

    /// <summary>With <see cref="Sync"/>: time after which it is forced at the latest.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <exception cref="LiveFeedException">A value outside its range.</exception>
    public void Check()
    {
        if (!int.IsPow2(RingBytes) || RingBytes < MinRingBytes)
        {
            throw new LiveFeedException($"a journal's ring of {RingBytes:N0} bytes: give a power of two from {MinRingBytes:N0} on");
        }

        if (SyncBytes <= 0 || SyncInterval <= TimeSpan.Zero)
        {
            throw new LiveFeedException("a journal is forced to the disk after some bytes and some time: both must be above 0");
        }
    }
}
