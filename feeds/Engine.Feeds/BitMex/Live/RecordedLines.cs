namespace Engine.Feeds.BitMex.Live;

/// <summary>Lines that are recorded as they are read.</summary>
/// <param name="inner">The lines; owned from here on.</param>
/// <param name="recorder">Gets each of them; null records nothing.</param>
internal sealed unsafe class RecordedLines(BitMexLines inner, BitMexLineRecorder? recorder) : BitMexLines
{
    /// <inheritdoc/>
    public override IReadOnlyList<CaptureIdentity> Captures => inner.Captures;

    /// <inheritdoc/>
    public override string Format => inner.Format;

    /// <inheritdoc/>
    public override SourceFault? Fault => inner.Fault ?? recorder?.Fault;

    /// <summary>Whether the last step found no line yet.</summary>
    public bool IsIdle { get; private set; }

    /// <inheritdoc/>
    public override BitMexNext Next()
    {
        BitMexNext next = inner.Next();
        IsIdle = next == BitMexNext.Idle;

        // SAFETY: the bytes stay the inner lines', which are stepped by this method alone.
        Data = inner.Data;
        Length = inner.Length;
        Time = inner.Time;
        HasGoodTime = inner.HasGoodTime;
        Kind = inner.Kind;
        Bytes = inner.Bytes;
        if (next == BitMexNext.Line)
        {
            recorder?.Append(inner);
        }
        else if (next == BitMexNext.End)
        {
            // The file is whole, and what went wrong with it is known, before the end is told.
            recorder?.Dispose();
        }

        return next;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        inner.Dispose();
        recorder?.Dispose();
    }
}
