using System.Runtime.InteropServices;

namespace Engine.Feeds.Lobster;

/// <summary>A line of a LOBSTER message file.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct LobsterMessage
{
    /// <summary>Since midnight, ns.</summary>
    public long Time;

    /// <summary>1 to 7.</summary>
    public long Type;

    /// <summary>The order.</summary>
    public long Order;

    /// <summary>Shares.</summary>
    public long Size;

    /// <summary>1e-4; of a halt: −1 halted, 0 quoting again, 1 trading again.</summary>
    public long Price;

    /// <summary>1 for a buy order, −1 for a sell order.</summary>
    public long Direction;
}

/// <summary>
/// Reads the lines of LOBSTER files. Nothing is allocated, and no number is rounded.
/// </summary>
/// <remarks>
/// <code>
/// message:    34713.685155243,1,206833312,100,118600,-1         time (s), type, order, size, price (1e-4), direction
/// order book: 1186600,9484,118500,8800,118700,22700,118400,14930,…     ask price, ask size, bid price, bid size, by level
/// </code>
/// A level that is not there has the price 9999999999 or −9999999999. Further columns of a message are not looked into. Layout:
/// LOBSTER, output structure.
/// </remarks>
internal static unsafe class LobsterLine
{
    /// <summary>The prices of a level that is not there.</summary>
    public const long NoAsk = 9_999_999_999, NoBid = -9_999_999_999;

    private const int LinesToLookAt = 8;
    private const int MostDigits = 18;
    private const int TimeDecimals = 9;
    private const long NanosPerSecond = 1_000_000_000;
    private const long MostSeconds = 172_800;

    /// <summary>Whether one of the first lines is a message.</summary>
    public static bool IsMessages(ReadOnlySpan<byte> head) => Any(head, false);

    /// <summary>Whether one of the first lines is a row of an order-book file.</summary>
    public static bool IsRows(ReadOnlySpan<byte> head) => Any(head, true);

    /// <summary>Where a line ends: at its line feed, or at the end.</summary>
    public static byte* EndOf(byte* at, byte* end)
    {
        // SAFETY: looks at [at, end) only.
        for (long left = end - at; left > 0; left = end - at)
        {
            int window = (int)Math.Min(left, 1 << 20);
            int found = new ReadOnlySpan<byte>(at, window).IndexOf((byte)'\n');
            if (found >= 0)
            {
                return at + found;
            }

            at += window;
        }

        return end;
    }

    /// <summary>Reads a message.</summary>
    /// <param name="at">The line.</param>
    /// <param name="end">Behind its last character, line feed excluded.</param>
    /// <param name="message">What it says.</param>
    public static bool TryRead(byte* at, byte* end, out LobsterMessage message)
    {
        message = default;
        end = end > at && end[-1] == '\r' ? end - 1 : end;
        return TryTime(ref at, end, out message.Time) && TryComma(ref at, end)
            && TryInteger(ref at, end, out message.Type) && TryComma(ref at, end)
            && TryInteger(ref at, end, out message.Order) && TryComma(ref at, end)
            && TryInteger(ref at, end, out message.Size) && message.Size >= 0 && TryComma(ref at, end)
            && TryInteger(ref at, end, out message.Price) && TryComma(ref at, end)
            && TryInteger(ref at, end, out message.Direction) && (at == end || *at == ',');
    }

    /// <summary>Reads the time that a line begins with, ns since midnight.</summary>
    public static bool TryTime(ref byte* at, byte* end, out long nanos)
    {
        nanos = 0;
        if (at == end || *at is < (byte)'0' or > (byte)'9' || !TryInteger(ref at, end, out long seconds) || seconds >= MostSeconds)
        {
            return false;
        }

        nanos = seconds * NanosPerSecond;
        if (at == end || *at != '.')
        {
            return true;
        }

        byte* first = ++at;
        long unit = NanosPerSecond;
        for (; at < end && *at is >= (byte)'0' and <= (byte)'9'; at++)
        {
            unit /= 10;
            if (unit == 0 && *at != '0')
            {
                // Finer than a nanosecond.
                return false;
            }

            nanos += (*at - '0') * unit;
        }

        return at > first;
    }

    /// <summary>Reads a whole number of at most 18 digits.</summary>
    public static bool TryInteger(ref byte* at, byte* end, out long value)
    {
        // SAFETY: callers give at <= end; nothing at or behind end is read.
        value = 0;
        bool isNegative = at < end && *at == '-';
        at += isNegative ? 1 : 0;
        byte* first = at;
        for (; at < end && (uint)(*at - '0') <= 9; at++)
        {
            value = (value * 10) + (*at - '0');
            if (at - first >= MostDigits)
            {
                return false;
            }
        }

        value = isNegative ? -value : value;
        return at > first;
    }

    /// <summary>Steps over a comma.</summary>
    public static bool TryComma(ref byte* at, byte* end)
    {
        bool isThere = at < end && *at == ',';
        at += isThere ? 1 : 0;
        return isThere;
    }

    /// <summary>Numbers in a row of whole numbers; 0 when it is none.</summary>
    public static int CountNumbers(byte* at, byte* end)
    {
        end = end > at && end[-1] == '\r' ? end - 1 : end;
        int count = 0;
        do
        {
            if (!TryInteger(ref at, end, out _))
            {
                return 0;
            }

            count++;
        }
        while (TryComma(ref at, end));
        return at == end ? count : 0;
    }

    private static bool Any(ReadOnlySpan<byte> head, bool rows)
    {
        // SAFETY: the head stays pinned while its lines are looked at.
        fixed (byte* start = head)
        {
            byte* at = start;
            byte* end = start + head.Length;
            for (int i = 0; i < LinesToLookAt && at < end; i++)
            {
                byte* behind = EndOf(at, end);
                int numbers = rows ? CountNumbers(at, behind) : 0;
                if (rows ? numbers > 0 && numbers % 4 == 0 : TryRead(at, behind, out LobsterMessage message) && message.Type is >= 1 and <= 7)
                {
                    return true;
                }

                at = behind + 1;
            }
        }

        return false;
    }
}
