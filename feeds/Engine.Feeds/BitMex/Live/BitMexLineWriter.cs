using System.Globalization;
using System.Text;

namespace Engine.Feeds.BitMex.Live;

/// <summary>Writes lines in the text form of a capture; see <see cref="BitMexLines"/>.</summary>
internal sealed class BitMexLineWriter
{
    private const long NanosPerSecond = 1_000_000_000;
    private const int Decimals = 9;

    // A sign, 10 digits of seconds (11 beyond the year 2286), a point, and the decimals.
    private const int TimeBytesMax = 32;

    private readonly byte[] _sent;
    private readonly byte[] _opened;
    private readonly byte[] _closed;
    private readonly byte[] _refused;

    /// <param name="webSocket">The connection's address; refusals stand under the HTTP form of it.</param>
    public BitMexLineWriter(Uri webSocket)
    {
        string address = webSocket.AbsoluteUri;
        string http = "http" + address[2..];
        _sent = Encoding.UTF8.GetBytes(address + " <- ");
        _opened = Encoding.UTF8.GetBytes(address + " <-> ");
        _closed = Encoding.UTF8.GetBytes(address + " <!> ");
        _refused = Encoding.UTF8.GetBytes(http + " <!> ");
        OverheadBytesMax = _refused.Length + TimeBytesMax + 3;
    }

    /// <summary>Most bytes of a line apart from its text.</summary>
    public int OverheadBytesMax { get; }

    /// <summary>Bytes of a line, its end included.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="time">Its time, ns since the Unix epoch.</param>
    /// <param name="length">Bytes of its text.</param>
    public long Bytes(BitMexLineKind kind, long time, int length)
    {
        Span<byte> digits = stackalloc byte[TimeBytesMax];
        int rest = kind == BitMexLineKind.Opened ? 0 : 2 + length;
        return Before(kind).Length + WriteTime(time, digits) + rest + 1L;
    }

    /// <summary>Writes a line.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="time">Its time, ns since the Unix epoch.</param>
    /// <param name="text">Its text.</param>
    /// <param name="target">Room for it: <see cref="OverheadBytesMax"/> more than the text.</param>
    /// <returns>Bytes written.</returns>
    public int Write(BitMexLineKind kind, long time, ReadOnlySpan<byte> text, Span<byte> target)
    {
        ReadOnlySpan<byte> before = Before(kind);
        before.CopyTo(target);
        int at = before.Length;
        at += WriteTime(time, target[at..]);
        if (kind != BitMexLineKind.Opened)
        {
            ": "u8.CopyTo(target[at..]);
            at += 2;
            text.CopyTo(target[at..]);
            at += text.Length;
        }

        target[at++] = (byte)'\n';
        return at;
    }

    /// <summary>A reason on one line, of a bounded length.</summary>
    public static byte[] Reason(string text)
    {
        const int CharsMax = 240;
        char[] line = [.. text.Take(CharsMax).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)];
        return Encoding.UTF8.GetBytes(new string(line).Trim());
    }

    private ReadOnlySpan<byte> Before(BitMexLineKind kind) => kind switch
    {
        BitMexLineKind.Received => [],
        BitMexLineKind.Sent => _sent,
        BitMexLineKind.Opened => _opened,
        BitMexLineKind.Closed => _closed,
        _ => _refused,
    };

    private static int WriteTime(long time, Span<byte> target)
    {
        (long seconds, long nanos) = Math.DivRem(time, NanosPerSecond);
        int at = 0;
        if (time < 0)
        {
            target[at++] = (byte)'-';
            (seconds, nanos) = (-seconds, -nanos);
        }

        _ = seconds.TryFormat(target[at..], out int digits, default, CultureInfo.InvariantCulture);
        at += digits;
        target[at++] = (byte)'.';
        for (int i = Decimals - 1; i >= 0; i--)
        {
            (nanos, long digit) = Math.DivRem(nanos, 10);
            target[at + i] = (byte)('0' + digit);
        }

        return at + Decimals;
    }
}
