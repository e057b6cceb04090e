namespace Engine.Feeds.BitMex;

/// <summary>What a line of a BitMEX session is.</summary>
internal enum BitMexLineKind : byte
{
    /// <summary>A message from the server.</summary>
    Received,

    /// <summary>A message to the server.</summary>
    Sent,

    /// <summary>The connection was opened.</summary>
    Opened,

    /// <summary>The connection was closed, or broke.</summary>
    Closed,

    /// <summary>The server answered 503 or another HTTP error.</summary>
    Refused,
}

/// <summary>What a step to the next line found.</summary>
internal enum BitMexNext : byte
{
    /// <summary>A line.</summary>
    Line,

    /// <summary>None has come yet: only where lines come live.</summary>
    Idle,

    /// <summary>There will be no further one.</summary>
    End,
}

/// <summary>The lines of a BitMEX session, one at a time: from text captures, or live.</summary>
internal abstract unsafe class BitMexLines : IDisposable
{
    /// <summary>Steps to the next line.</summary>
    public abstract BitMexNext Next();

    /// <summary>The text behind the time: UTF-8 JSON of a message received or sent, the reason of a connection closed or refused.
    /// Valid until the next <see cref="Next"/>.</summary>
    // SAFETY: whoever sets it vouches for Length bytes behind it.
    public byte* Data { get; protected set; }

    /// <summary>How many bytes.</summary>
    public int Length { get; protected set; }

    /// <summary>Receive time, ns since the Unix epoch.</summary>
    public long Time { get; protected set; }

    /// <summary>Whether <see cref="Time"/> is one.</summary>
    public bool HasGoodTime { get; protected set; }

    /// <summary>What the line is.</summary>
    public BitMexLineKind Kind { get; protected set; }

    /// <summary>Which of the captures it stands in.</summary>
    public int Capture { get; protected set; }

    /// <summary>Bytes of the line as it stands in a text capture, the end of the line included.</summary>
    public long Bytes { get; protected set; }

    /// <summary>The files read, in the order given; none where lines come live.</summary>
    public abstract IReadOnlyList<CaptureIdentity> Captures { get; }

    /// <summary>The framing in words.</summary>
    public abstract string Format { get; }

    /// <summary>Why the end was not a clean one.</summary>
    public virtual SourceFault? Fault => null;

    /// <summary>Frees what the lines hold.</summary>
    public abstract void Dispose();
}
