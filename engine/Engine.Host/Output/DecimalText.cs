using System.Buffers.Text;

namespace Engine.Host.Output;

/// <summary>Prices as the shortest exact decimals.</summary>
internal static class DecimalText
{
    /// <summary>Longest text of a price, bytes.</summary>
    public const int MaxBytes = 24;

    private const ulong Scale = 1_000_000_000;
    private const int ScaleDigits = 9;

    /// <summary>Writes an integer of 1e-9 units, e.g. 1500000000 as `1.5`.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(long scaled, Span<byte> output)
    {
        int length = 0;
        ulong magnitude = (ulong)scaled;
        if (scaled < 0)
        {
            output[length++] = (byte)'-';
            magnitude = 0 - magnitude;
        }

        (ulong whole, ulong fraction) = Math.DivRem(magnitude, Scale);
        Utf8Formatter.TryFormat(whole, output[length..], out int written);
        length += written;
        if (fraction == 0)
        {
            return length;
        }

        output[length++] = (byte)'.';
        int digits = ScaleDigits;
        for (; fraction % 10 == 0; fraction /= 10)
        {
            digits--;
        }

        for (int i = digits - 1; i >= 0; i--, fraction /= 10)
        {
            output[length + i] = (byte)('0' + (fraction % 10));
        }

        return length + digits;
    }
}
