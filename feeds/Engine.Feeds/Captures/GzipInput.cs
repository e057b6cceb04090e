namespace Engine.Feeds.Captures;

/// <summary>
/// A gzip file as its decompressor reads it: in small portions, of which the last is remembered, since a decompressor does not
/// say how much of it was beyond the end of its data.
/// </summary>
internal sealed class GzipInput : Stream
{
    /// <summary>Most bytes of one read.</summary>
    public const int Portion = 8_192;

    private readonly Stream _file;
    private readonly byte[] _buffer = new byte[1 << 16];
    private long _bufferStart;
    private int _filled;
    private int _at;

    /// <param name="file">Seekable; stays open.</param>
    public GzipInput(Stream file)
    {
        _file = file;
        MoveTo(0);
    }

    /// <summary>From this position on a read gives a single byte.</summary>
    public long SingleFrom { get; set; } = long.MaxValue;

    /// <summary>Bytes that the last read gave.</summary>
    public int LastRead { get; private set; }

    /// <summary>Whether more was asked for than there is, since the last <see cref="MoveTo"/>.</summary>
    public bool RanOut { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => _file.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _bufferStart + _at;
        set => throw new NotSupportedException();
    }

    /// <summary>Goes on from another place.</summary>
    public void MoveTo(long position)
    {
        RanOut = false;
        LastRead = 0;
        if (position >= _bufferStart && position <= _bufferStart + _filled)
        {
            _at = (int)(position - _bufferStart);
            return;
        }

        _bufferStart = position;
        _at = _filled = 0;
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_at == _filled)
        {
            _bufferStart += _filled;
            _at = 0;
            _file.Position = _bufferStart;
            _filled = _file.Read(_buffer);
        }

        int count = Math.Min(Math.Min(buffer.Length, Portion), _filled - _at);
        count = (int)Math.Min(count, Math.Max(1, SingleFrom - Position));
        if (count <= 0 || _filled == _at)
        {
            RanOut |= buffer.Length > 0;
            return 0;
        }

        _buffer.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return LastRead = count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }
}
