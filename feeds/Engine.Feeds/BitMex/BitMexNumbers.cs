using Engine.Core.Events;

namespace Engine.Feeds.BitMex;

/// <summary>What became of a number's text.</summary>
internal enum NumberState : byte
{
    /// <summary>Its value, exactly.</summary>
    Exact,

    /// <summary>It has digits beyond the last that is kept.</summary>
    TooFine,

    /// <summary>It does not fit into 64 bits.</summary>
    TooLarge,
}

/// <summary>JSON numbers and the venue's times as integers, exactly or not at all: no floating point comes near them.</summary>
internal static class BitMexNumbers
{
    /// <summary>Decimals of a price: units of 1e-9.</summary>
    public const int PriceDecimals = 9;

    private const int FarExponent = 10_000;
    private const long NanosPerSecond = 1_000_000_000;
    private const int LastYear = 2261;

    /// <summary>A JSON number times a power of ten, as an integer.</summary>
    /// <param name="text">A well-formed JSON number.</param>
    /// <param name="decimals">The power: 9 for prices, 0 for whole numbers.</param>
    /// <param name="value"><see cref="MarketEvent.Absent"/> unless the answer is <see cref="NumberState.Exact"/>.</param>
    public static NumberState Parse(ReadOnlySpan<byte> text, int decimals, out long value)
    {
        // The mantissa takes a digit that is not zero together with the zeros before it, so it never ends in one.
        ulong mantissa = 0;
        int exponent = 0, zeros = 0, behindPoint = 0;
        bool negative = text[0] == (byte)'-', point = false, overflow = false;
        int i = negative ? 1 : 0;
        for (; i < text.Length && text[i] is not ((byte)'e' or (byte)'E'); i++)
        {
            if (text[i] == (byte)'.')
            {
                point = true;
                continue;
            }

            behindPoint += point ? 1 : 0;
            zeros++;
            if (text[i] != (byte)'0')
            {
                overflow |= !Append(ref mantissa, zeros, (uint)(text[i] - '0'));
                zeros = 0;
            }
        }

        exponent = zeros - behindPoint + (i < text.Length ? Exponent(text[(i + 1)..]) : 0) + decimals;
        value = MarketEvent.Absent;
        if (mantissa == 0 && !overflow)
        {
            value = 0;
            return NumberState.Exact;
        }

        if (exponent < 0)
        {
            return NumberState.TooFine;
        }

        if (overflow || !Append(ref mantissa, exponent, 0) || mantissa > long.MaxValue)
        {
            return NumberState.TooLarge;
        }

        value = negative ? -(long)mantissa : (long)mantissa;
        return NumberState.Exact;
    }

    /// <summary>A whole number without sign, as an order book's ids are.</summary>
    public static bool TryParseId(ReadOnlySpan<byte> text, out ulong id)
    {
        id = 0;
        foreach (byte digit in text)
        {
            if ((uint)(digit - '0') > 9 || !Append(ref id, 1, (uint)(digit - '0')))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary><c>2021-04-17T16:41:02.073Z</c> as ns since the Unix epoch: UTC, up to nine decimals.</summary>
    public static bool TryParseTime(ReadOnlySpan<byte> text, out long nanos)
    {
        nanos = 0;
        if (text.Length < 20 || text[^1] != (byte)'Z' || text[4] != (byte)'-' || text[7] != (byte)'-' || text[10] != (byte)'T'
            || text[13] != (byte)':' || text[16] != (byte)':' || (text.Length > 20 && text[19] != (byte)'.') || text.Length is 21 or > 30)
        {
            return false;
        }

        if (!Digits(text, 0, 4, out int year) || !Digits(text, 5, 2, out int month) || !Digits(text, 8, 2, out int day)
            || !Digits(text, 11, 2, out int hour) || !Digits(text, 14, 2, out int minute) || !Digits(text, 17, 2, out int second)
            || year is < 1970 or > LastYear || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        int fraction = 0;
        int places = Math.Max(0, text.Length - 21);
        if (places > 0 && !Digits(text, 20, places, out fraction))
        {
            return false;
        }

        for (; places < PriceDecimals; places++)
        {
            fraction *= 10;
        }

        long days = new DateOnly(year, month, day).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        nanos = ((((((days * 24) + hour) * 60) + minute) * 60) + second) * NanosPerSecond + fraction;
        return true;
    }

    /// <summary>The first 16 hexadecimal digits of an id such as <c>6cfc8b9c-1b2f-…</c>, hyphens passed over.</summary>
    public static bool TryParseMatch(ReadOnlySpan<byte> text, out ulong id)
    {
        id = 0;
        int digits = 0;
        for (int i = 0; i < text.Length && digits < 16; i++)
        {
            if (text[i] == (byte)'-')
            {
                continue;
            }

            if (!char.IsAsciiHexDigit((char)text[i]))
            {
                return false;
            }

            id = (id << 4) | (uint)(text[i] <= (byte)'9' ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
            digits++;
        }

        return digits == 16;
    }

    private static int Exponent(ReadOnlySpan<byte> text)
    {
        int sign = text[0] == (byte)'-' ? -1 : 1;
        int value = 0;
        foreach (byte digit in text)
        {
            value = digit is (byte)'-' or (byte)'+' ? value : Math.Min((value * 10) + digit - '0', FarExponent);
        }

        return sign * value;
    }

    /// <summary>value × 10^power + digit, if it fits.</summary>
    private static bool Append(ref ulong value, int power, uint digit)
    {
        for (; power > 0 && value != 0; power--)
        {
            if (value > ulong.MaxValue / 10)
            {
                return false;
            }

            value *= 10;
        }

        if (value > ulong.MaxValue - digit)
        {
            return false;
        }

        value += digit;
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, int at, int count, out int value)
    {
        value = 0;
        foreach (byte digit in text.Slice(at, count))
        {
            if ((uint)(digit - '0') > 9)
            {
                return false;
            }

            value = (value * 10) + digit - '0';
        }

        return true;
    }
}
