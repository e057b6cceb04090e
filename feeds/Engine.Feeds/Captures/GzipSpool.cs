using System.Buffers.Binary;
using System.IO.Compression;

namespace Engine.Feeds.Captures;

/// <summary>
/// Decompresses gzip member by member, as <c>cat</c>, pigz and bgzip put them behind each other, and notices where it is cut,
/// damaged, or followed by something else.
/// </summary>
/// <remarks>
/// <code>
/// 0       2    3    4      8    9    10
/// +-------+----+----+------+----+----+--------+-------+---------+--------+-------------+--------+--------+
/// | 1f 8b | 08 | fl | time | xf | os | extra  | name  | comment | crc-16 | deflate ... | crc-32 | length |
/// +-------+----+----+------+----+----+--------+-------+---------+--------+-------------+--------+--------+
///                                     fl bit 2  bit 3   bit 4     bit 1
/// </code>
/// Little-endian; extra has a u16 length before it, name and comment end with a zero, length is modulo 2^32. Zeros behind the
/// last member are padding. Layout: RFC 1952.
/// </remarks>
internal sealed class GzipSpool
{
    private const int Head = 10, Trailer = 8, BufferSize = 1 << 16;
    private const byte Deflate = 8, HasHeadCrc = 2, HasExtra = 4, HasName = 8, HasComment = 16, Reserved = 0xE0;
    private const string Cut = "cut", Damaged = "damaged";

    private readonly GzipInput _input;
    private readonly Stream _content;
    private readonly byte[] _buffer = new byte[BufferSize];
    private uint _crc;
    private uint _length;

    private GzipSpool(GzipInput input, Stream content)
    {
        _input = input;
        _content = content;
    }

    /// <summary>Copies the decompressed content; what comes before damage is kept.</summary>
    /// <param name="compressed">The gzip file, which begins with the magic; seekable.</param>
    /// <param name="content">Receives the content.</param>
    /// <returns>Null when all of it was there, else words that follow "the gzip is".</returns>
    public static string? Decompress(Stream compressed, Stream content)
    {
        using GzipInput input = new(compressed);
        GzipSpool spool = new(input, content);
        string? wrong;
        do
        {
            wrong = spool.Member();
        }
        while (wrong is null && spool.HasMember());
        return wrong ?? spool.Behind();
    }

    /// <summary>One member, from its magic; null when it is whole.</summary>
    private string? Member()
    {
        if (SkipHead() is { } wrong)
        {
            return wrong;
        }

        long start = _input.Position;
        (_crc, _length) = (0, 0);
        if (!Inflate(true))
        {
            return _input.RanOut ? Cut : Damaged;
        }

        int read = _input.LastRead;
        long last = _input.Position - read;
        long end = FindEnd(last, read + Trailer);
        if (end < 0)
        {
            // The decompressor reads ahead. Where its surplus does not show one end, the end is found byte by byte.
            _input.MoveTo(start);
            _input.SingleFrom = last;
            _ = Inflate(false);
            _input.SingleFrom = long.MaxValue;
            end = _input.Position;
        }

        if (_input.Length - end < Trailer)
        {
            return Cut;
        }

        _input.MoveTo(end);
        return IsTrailer(Take(Trailer)) ? null : Damaged;
    }

    private string? SkipHead()
    {
        ReadOnlySpan<byte> head = Take(Head);
        if (head.Length < Head)
        {
            return Cut;
        }

        byte flags = head[3];
        if (head[2] != Deflate || (flags & Reserved) != 0)
        {
            return Damaged;
        }

        if ((flags & HasExtra) != 0)
        {
            ReadOnlySpan<byte> extra = Take(2);
            if (extra.Length == 2)
            {
                _ = Take(BinaryPrimitives.ReadUInt16LittleEndian(extra));
            }
        }

        SkipText((flags & HasName) != 0);
        SkipText((flags & HasComment) != 0);
        _ = Take((flags & HasHeadCrc) != 0 ? 2 : 0);
        return _input.RanOut ? Cut : null;
    }

    private void SkipText(bool isThere)
    {
        while (isThere && _input.ReadByte() > 0)
        {
        }
    }

    /// <summary>Decompresses up to the end of the deflate data; false when it is cut or damaged.</summary>
    private bool Inflate(bool keeps)
    {
        try
        {
            using DeflateStream deflate = new(_input, CompressionMode.Decompress, leaveOpen: true);
            int count;
            while ((count = deflate.Read(_buffer)) > 0)
            {
                if (keeps)
                {
                    ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, count);
                    _content.Write(bytes);
                    _crc = GzipChecksum.Add(_crc, bytes);
                    _length += (uint)count;
                }
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }

        return !_input.RanOut;
    }

    /// <summary>Where the trailer begins, if one place among those bytes, and only one, holds it; else −1.</summary>
    private long FindEnd(long from, int count)
    {
        _input.MoveTo(from);
        ReadOnlySpan<byte> window = Take(count);
        long found = -1;
        for (int i = 0; i + Trailer <= window.Length; i++)
        {
            if (IsTrailer(window[i..]))
            {
                if (found >= 0)
                {
                    return -1;
                }

                found = from + i;
            }
        }

        return found;
    }

    private bool IsTrailer(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes) == _crc && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == _length;

    private bool HasMember()
    {
        long at = _input.Position;
        bool has = Take(2) is [0x1F, 0x8B];
        _input.MoveTo(at);
        return has;
    }

    /// <summary>What is behind the last member, unless zeros.</summary>
    private string? Behind()
    {
        int next;
        do
        {
            next = _input.ReadByte();
        }
        while (next == 0);
        return next < 0 ? null : FormattableString.Invariant($"followed by something else at byte {_input.Position - 1:N0} of the file");
    }

    /// <summary>The next bytes, fewer where the file ends.</summary>
    private ReadOnlySpan<byte> Take(int count)
    {
        int taken = 0;
        for (int read; taken < count && (read = _input.Read(_buffer.AsSpan(taken, count - taken))) > 0;)
        {
            taken += read;
        }

        return _buffer.AsSpan(0, taken);
    }
}
