namespace Engine.Feeds.Captures;

/// <summary>One file of a <see cref="RecordSource"/>: where its reading stands, and why it ended.</summary>
/// <param name="file">The mapped content.</param>
/// <param name="index">Its place in the order given.</param>
internal abstract unsafe class RecordStream(CaptureFile file, int index)
{
    private CaptureDamage _damage;

    /// <summary>The file.</summary>
    public CaptureFile File => file;

    /// <summary>Its place in the order given.</summary>
    public int Index => index;

    /// <summary>The next record's first byte.</summary>
    public byte* At { get; set; } = file.Start;

    /// <summary>Behind the last byte.</summary>
    // SAFETY: both pointers stay within the mapped content, the file's bytes and the place behind them; the mapping outlives the stream.
    public byte* End { get; } = file.Start + file.Length;

    /// <summary>Bytes of the content before <see cref="At"/>.</summary>
    public long Offset => At - File.Start;

    /// <summary>Nothing is left to read.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Why it ended, when not properly. Not for the reading thread: it makes strings.</summary>
    public virtual SourceFault? Fault => _damage.ToFault(File);

    /// <summary>The next record's time, by which files are merged.</summary>
    public abstract long NextTime { get; }

    /// <summary>Ends the reading at <see cref="At"/>.</summary>
    /// <param name="statistics">Counts the bytes that are not read.</param>
    /// <param name="damage">Why, where the file ends otherwise than it should.</param>
    /// <param name="first">The damage's first number.</param>
    public void Finish(FeedStatistics statistics, DamageKind damage = DamageKind.None, long first = 0)
    {
        IsEnded = true;
        statistics.TrailingBytes += End - At;
        if (damage != DamageKind.None)
        {
            _damage = new CaptureDamage(damage, Offset, first);
        }
        else if (File.Damage is not null)
        {
            _damage = new CaptureDamage(DamageKind.Gzip, Offset);
        }
    }
}
