using Engine.Feeds.Captures;

namespace Engine.Feeds.BitMex;

/// <summary>Steps through the lines of one text capture in memory.</summary>
internal sealed unsafe class BitMexTextFile
{
    /// <summary>Longest line, bytes: the partial of the longest book takes about a hundredth of it. A longer one is counted and
    /// passed over.</summary>
    public const int MaxLineBytes = 16 << 20;

    private readonly BitMexStatistics _statistics;
    private readonly byte* _end;
    private byte* _at;
    private CaptureDamage _damage;

    /// <param name="file">The mapped content.</param>
    /// <param name="statistics">Counts lines that are passed over.</param>
    public BitMexTextFile(CaptureFile file, BitMexStatistics statistics)
    {
        File = file;
        _statistics = statistics;
        _at = file.Start;
        _end = file.Start + file.Length;
        Advance();
    }

    /// <summary>The file.</summary>
    public CaptureFile File { get; }

    /// <summary>Whether there is a current line.</summary>
    public bool HasLine { get; private set; }

    /// <summary>The current line.</summary>
    public BitMexLineText Line { get; private set; }

    /// <summary>The time at which it stands among other files' lines: its own, or that of the line before it.</summary>
    public long Time { get; private set; }

    /// <summary>Its bytes with its end, and those of the lines passed over before it.</summary>
    public long Bytes { get; private set; }

    /// <summary>Why there is no further line, when the file did not end as it should.</summary>
    public SourceFault? Fault => _damage.ToFault(File);

    /// <summary>Steps to the next line of a known form.</summary>
    public void Advance()
    {
        byte* from = _at;
        HasLine = false;
        while (_at < _end && !HasLine)
        {
            File.ReadAhead(_at);
            byte* line = _at;
            long length = LengthOf(line, out bool isEnded);
            _at = line + length + (isEnded ? 1 : 0);
            Take(line, length, isEnded);
        }

        Bytes = _at - from;
        if (!HasLine && _damage.Kind == DamageKind.None && File.Damage is not null)
        {
            _damage = new CaptureDamage(DamageKind.Gzip, _at - File.Start);
        }
    }

    private long LengthOf(byte* line, out bool isEnded)
    {
        // SAFETY: spans of at most int.MaxValue bytes that end before the end of the content.
        for (byte* at = line; at < _end;)
        {
            ReadOnlySpan<byte> part = new(at, (int)Math.Min(_end - at, 1 << 30));
            int end = part.IndexOf((byte)'\n');
            if (end >= 0)
            {
                isEnded = true;
                return at + end - line;
            }

            at += part.Length;
        }

        isEnded = false;
        return _end - line;
    }

    private void Take(byte* line, long length, bool isEnded)
    {
        // SAFETY: the last byte is read only where the line has one.
        long text = length > 0 && line[length - 1] == (byte)'\r' ? length - 1 : length;
        if (text == 0)
        {
            _statistics.BlankLines++;
            return;
        }

        BitMexLineText parts = default;
        bool isKnown = text <= MaxLineBytes && BitMexLineText.TryParse(line, (int)text, out parts);
        if (!isEnded && (!isKnown || IsCut(parts)))
        {
            _damage = new CaptureDamage(DamageKind.CutLine, line - File.Start);
        }
        else if (text > MaxLineBytes)
        {
            _statistics.LongLines++;
        }
        else if (!isKnown)
        {
            _statistics.MalformedLines++;
        }
        else
        {
            HasLine = true;
            Line = parts;
            Time = parts.HasGoodTime ? parts.Time : Time;
        }
    }

    /// <summary>Whether the JSON of a line without an end is not there to its end.</summary>
    private static bool IsCut(in BitMexLineText line)
    {
        NoTop top = default;
        return line.Kind is BitMexLineKind.Received or BitMexLineKind.Sent
            && JsonScan.Check(line.Data, line.Length, ref top) == JsonState.Cut;
    }

    private readonly struct NoTop : IJsonTop
    {
        public void OnProperty(ReadOnlySpan<byte> name, JsonPart value)
        {
        }
    }
}
