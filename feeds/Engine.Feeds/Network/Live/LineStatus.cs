namespace Engine.Feeds.Network.Live;

/// <summary>How a live line does.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Packets">Packets received.</param>
/// <param name="Bytes">Bytes of them.</param>
/// <param name="Drops">Packets that the kernel dropped because its buffer was full.</param>
/// <param name="Truncated">Packets longer than a slot.</param>
/// <param name="LastTime">When the last one came, ns since the Unix epoch; 0 for none yet.</param>
public readonly record struct LineStatus(string Name, long Packets, long Bytes, long Drops, long Truncated, long LastTime);

/// <summary>Tells how live lines do; may be asked on any thread, for a moment's view.</summary>
public interface ILineStatus
{
    /// <summary>How many lines.</summary>
    int LineCount { get; }

    /// <summary>One of them.</summary>
    LineStatus Line(int index);

    /// <summary>Things that went wrong beside the lines (a snapshot server): how many, and the last in one sentence.</summary>
    (long Count, string Last) Faults { get; }

    /// <summary>Why nothing more is recorded, in one sentence with the file and the byte; null while all is well or nothing is recorded.</summary>
    string? RecordFault => null;

    /// <summary>
    /// Writes what is left of the recording and closes it; <see cref="RecordFault"/> is final then. For the host, when the thread
    /// that reads the feed has ended.
    /// </summary>
    void EndRecording()
    {
    }
}
