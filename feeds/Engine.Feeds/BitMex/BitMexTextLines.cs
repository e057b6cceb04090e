using Engine.Feeds.Captures;

namespace Engine.Feeds.BitMex;

/// <summary>The lines of text captures, merged by receive time; at equal times the one named first goes first.</summary>
internal sealed class BitMexTextLines : BitMexLines
{
    private readonly BitMexTextFile[] _files;
    private BitMexTextFile? _current;

    /// <param name="files">The mapped files; owned from here on.</param>
    /// <param name="format">The capture format in words.</param>
    /// <param name="statistics">Counts lines that are passed over.</param>
    public BitMexTextLines(IReadOnlyList<CaptureFile> files, string format, BitMexStatistics statistics)
    {
        _files = [.. files.Select(file => new BitMexTextFile(file, statistics))];
        Captures = [.. files.Select(file => new CaptureIdentity(file))];
        Format = format;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<CaptureIdentity> Captures { get; }

    /// <inheritdoc/>
    public override string Format { get; }

    /// <inheritdoc/>
    public override SourceFault? Fault => Array.TrueForAll(_files, file => !file.HasLine)
        ? _files.Select(file => file.Fault).FirstOrDefault(fault => fault is not null)
        : null;

    /// <inheritdoc/>
    public override unsafe BitMexNext Next()
    {
        _current?.Advance();
        _current = null;
        foreach (BitMexTextFile file in _files)
        {
            _current = file.HasLine && (_current is null || file.Time < _current.Time) ? file : _current;
        }

        if (_current is null)
        {
            return BitMexNext.End;
        }

        // SAFETY: the text lies in the mapped file.
        BitMexLineText line = _current.Line;
        Data = line.Data;
        Length = line.Length;
        Time = _current.Time;
        HasGoodTime = line.HasGoodTime;
        Kind = line.Kind;
        Bytes = _current.Bytes;
        Capture = Array.IndexOf(_files, _current);
        return BitMexNext.Line;
    }

    /// <inheritdoc/>
    public override void Dispose() => Array.ForEach(_files, file => file.File.Dispose());
}
