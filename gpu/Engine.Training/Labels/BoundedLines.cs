namespace Engine.Training.Labels;

/// <summary>The lines of a text, one after the other, in memory that the longest one allowed bounds: what goes on for longer is not read to its end.</summary>
/// <param name="reader">The text; lines end with \n, \r or both.</param>
/// <param name="most">Most characters of a line.</param>
internal sealed class BoundedLines(TextReader reader, int most)
{
    private const int BlockSize = 1 << 14;

    private readonly char[] _block = new char[BlockSize];
    private readonly char[] _line = new char[most];
    private int _at;
    private int _filled;
    private bool _followsReturn;

    /// <summary>The next line.</summary>
    /// <param name="isTooLong">Whether it is longer than it may be; then there is no further one to read.</param>
    /// <returns>It; null at the end, or where it is too long.</returns>
    public string? Read(out bool isTooLong)
    {
        isTooLong = false;
        for (int length = 0; ;)
        {
            if (_at == _filled && !Fill())
            {
                return length > 0 ? new string(_line, 0, length) : null;
            }

            // The \n of a \r\n ends no line of its own.
            _at += _followsReturn && _block[_at] == '\n' ? 1 : 0;
            _followsReturn = false;
            ReadOnlySpan<char> rest = _block.AsSpan(_at, _filled - _at);
            int end = rest.IndexOfAny('\r', '\n');
            ReadOnlySpan<char> part = end < 0 ? rest : rest[..end];
            if (part.Length > most - length)
            {
                isTooLong = true;
                return null;
            }

            part.CopyTo(_line.AsSpan(length));
            length += part.Length;
            _at += part.Length;
            if (end >= 0)
            {
                _followsReturn = _block[_at++] == '\r';
                return new string(_line, 0, length);
            }
        }
    }

    private bool Fill()
    {
        (_at, _filled) = (0, reader.Read(_block, 0, _block.Length));
        return _filled > 0;
    }
}
