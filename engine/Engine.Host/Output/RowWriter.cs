using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Engine.Host.Output;

/// <summary>Rows of named columns to a stream, as CSV with a header or as one JSON object a line. Columns are written in order.</summary>
internal sealed class RowWriter : IDisposable
{
    private const int BufferBytes = 1 << 16;
    private const int LongestNumber = 64;

    private readonly Stream _stream;
    private readonly byte[][] _keys;
    private readonly bool _json;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _used;
    private int _column;

    /// <param name="stream">Where rows go; closed by <see cref="Dispose"/>.</param>
    /// <param name="columns">Column names.</param>
    /// <param name="json">JSON lines; otherwise CSV, whose header is written now.</param>
    public RowWriter(Stream stream, IReadOnlyList<string> columns, bool json)
    {
        _stream = stream;
        _json = json;
        _keys = [.. columns.Select((name, i) => Encoding.UTF8.GetBytes(json ? $"{(i == 0 ? "{" : ",")}\"{System.Text.Json.JsonEncodedText.Encode(name)}\":" : i == 0 ? "" : ","))];
        if (!json)
        {
            Put(Encoding.UTF8.GetBytes(string.Join(',', columns.Select(Quoted)) + "\n"));
        }
    }

    /// <summary>Rows written.</summary>
    public long Rows { get; private set; }

    /// <summary>A whole number.</summary>
    public void Integer(long value)
    {
        Key();
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_used), out int written);
        _used += written;
    }

    /// <summary>A whole number without sign.</summary>
    public void Integer(ulong value)
    {
        Key();
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_used), out int written);
        _used += written;
    }

    /// <summary>A price in 1e-9 units.</summary>
    public void Price(long scaled)
    {
        Key();
        _used += DecimalText.Write(scaled, _buffer.AsSpan(_used));
    }

    /// <summary>A float in its shortest form that reads back to the same bits; NaN and infinity are empty (JSON: null).</summary>
    public void Float(float value)
    {
        if (!float.IsFinite(value))
        {
            Empty();
            return;
        }

        Key();
        value.TryFormat(_buffer.AsSpan(_used), out int written, default, CultureInfo.InvariantCulture);
        _used += written;
    }

    /// <summary>The same for a double.</summary>
    public void Float(double value)
    {
        if (!double.IsFinite(value))
        {
            Empty();
            return;
        }

        Key();
        value.TryFormat(_buffer.AsSpan(_used), out int written, default, CultureInfo.InvariantCulture);
        _used += written;
    }

    /// <summary>Text; quoted where CSV needs it.</summary>
    public void Text(string value)
    {
        if (value.Length == 0)
        {
            Empty();
            return;
        }

        Key();
        if (_json)
        {
            Put("\""u8);
            Put(System.Text.Json.JsonEncodedText.Encode(value).EncodedUtf8Bytes);
            Put("\""u8);
        }
        else
        {
            Put(Encoding.UTF8.GetBytes(Quoted(value)));
        }
    }

    /// <summary>No value.</summary>
    public void Empty()
    {
        Key();
        if (_json)
        {
            Put("null"u8);
        }
    }

    /// <summary>Ends the row.</summary>
    public void EndRow()
    {
        if (_column != _keys.Length)
        {
            throw new InvalidOperationException($"A row has {_column} of {_keys.Length} columns.");
        }

        Put(_json ? "}\n"u8 : "\n"u8);
        _column = 0;
        Rows++;
    }

    /// <summary>Hands everything to the stream.</summary>
    public void Flush()
    {
        _stream.Write(_buffer, 0, _used);
        _used = 0;
        _stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flush();
        _stream.Dispose();
    }

    private static string Quoted(string value) =>
        value.AsSpan().IndexOfAny(",\"\r\n") < 0 ? value : "\"" + value.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private void Key()
    {
        Put(_keys[_column++]);
        if (_used > BufferBytes - LongestNumber)
        {
            Flush();
        }
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _used)
        {
            Flush();
        }

        if (bytes.Length > _buffer.Length)
        {
            _stream.Write(bytes);
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }
}
