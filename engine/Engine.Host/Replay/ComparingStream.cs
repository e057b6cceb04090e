using Engine.Recording;

namespace Engine.Host.Replay;

/// <summary>
/// A stream that holds what is written to it against the bytes of a file and keeps the first record that differs. Writes
/// are the head of a log, then whole records.
/// </summary>
internal sealed class ComparingStream(Stream expected) : Stream
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private long _position;
    private bool _headDone;
    private bool _disposed;

    /// <summary>Bytes of the head, known after the first write.</summary>
    public long HeadBytes { get; private set; }

    /// <summary>Where the first difference is, or −1.</summary>
    public long FirstDifference { get; private set; } = -1;

    /// <summary>Predictions that were equal, before any difference.</summary>
    public long EqualPredictions { get; private set; }

    /// <summary>The file's record where they differ; shorter than a record when the file ends there.</summary>
    public byte[] ExpectedRecord { get; private set; } = [];

    /// <summary>What was written where they differ.</summary>
    public byte[] WrittenRecord { get; private set; } = [];

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => _position;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>Whether the file has bytes beyond what was written; known once this is disposed.</summary>
    public bool HasMore { get; private set; }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!_headDone)
        {
            _headDone = true;
            HeadBytes = buffer.Length;
            Compare(buffer);
            return;
        }

        for (; !buffer.IsEmpty; buffer = buffer[LogRecords.Size..])
        {
            Compare(buffer[..LogRecords.Size]);
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            HasMore = FirstDifference < 0 && expected.ReadByte() >= 0;
            expected.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Compare(ReadOnlySpan<byte> written)
    {
        if (FirstDifference >= 0)
        {
            return;
        }

        for (int at = 0; at < written.Length;)
        {
            int wanted = Math.Min(_buffer.Length, written.Length - at);
            int got = expected.ReadAtLeast(_buffer.AsSpan(0, wanted), wanted, throwOnEndOfStream: false);
            int equal = written.Slice(at, wanted).CommonPrefixLength(_buffer.AsSpan(0, got));
            if (equal < wanted)
            {
                FirstDifference = _position + at + equal;
                ExpectedRecord = _buffer[..Math.Min(got, LogRecords.Size)];
                WrittenRecord = written[..Math.Min(written.Length, LogRecords.Size)].ToArray();
                return;
            }

            at += wanted;
        }

        _position += written.Length;
        EqualPredictions += written.Length == LogRecords.Size && written[0] == (byte)LogRecordKind.Prediction ? 1 : 0;
    }
}
