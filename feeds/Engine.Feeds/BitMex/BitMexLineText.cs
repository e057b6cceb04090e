namespace Engine.Feeds.BitMex;

/// <summary>A line taken apart.</summary>
internal unsafe struct BitMexLineText
{
    /// <summary>The text behind the time.</summary>
    public byte* Data;

    /// <summary>How many bytes.</summary>
    public int Length;

    /// <summary>ns since the Unix epoch; only where <see cref="HasGoodTime"/>.</summary>
    public long Time;

    /// <summary>Whether the line's time fits into 64 bits of ns without a rest.</summary>
    public bool HasGoodTime;

    /// <summary>What it is.</summary>
    public BitMexLineKind Kind;

    private const long NanosPerSecond = 1_000_000_000;
    private const int MaxDecimals = 9;

    /// <summary>
    /// Takes a line apart.
    /// </summary>
    /// <remarks>
    /// <code>
    /// 1618677660.055011: {"info":…}                  received          wss://… &lt;- 1618677660.05: {"op":…}     sent
    /// https://… -> 1618677659.6: [{"symbol":…        received          wss://… &lt;-> 1618677659.6            opened
    /// wss://… &lt;!> 1618677690.1: reason              closed            https://… &lt;!> 1618677690.1: 503 …  refused
    /// </code>
    /// </remarks>
    /// <param name="line">Without its end.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="result">The parts.</param>
    /// <returns>False for a line of another form.</returns>
    public static bool TryParse(byte* line, int length, out BitMexLineText result)
    {
        // SAFETY: the text lies within [line, line + length); every slice is checked by the span.
        result = default;
        ReadOnlySpan<byte> text = new(line, length);
        result.Kind = BitMexLineKind.Received;
        bool hasText = true;
        if (!text.IsEmpty && (uint)(text[0] - '0') > 9)
        {
            int space = text.IndexOf((byte)' ');
            int arrow = space < 0 ? -1 : text[(space + 1)..].IndexOf((byte)' ');
            if (arrow < 0 || !TryKind(text[..space], text.Slice(space + 1, arrow), out result.Kind))
            {
                return false;
            }

            text = text[(space + arrow + 2)..];
            hasText = result.Kind != BitMexLineKind.Opened;
        }

        int colon = hasText ? text.IndexOf(": "u8) : text.Length;
        if (colon <= 0 || !IsSeconds(text[..colon], ref result))
        {
            return false;
        }

        int behind = hasText ? colon + 2 : colon;
        result.Length = text.Length - behind;
        result.Data = line + length - result.Length;
        return true;
    }

    private static bool TryKind(ReadOnlySpan<byte> address, ReadOnlySpan<byte> arrow, out BitMexLineKind kind)
    {
        bool isSocket = address.StartsWith("wss://"u8) || address.StartsWith("ws://"u8);
        bool isHttp = address.StartsWith("https://"u8) || address.StartsWith("http://"u8);
        kind = isHttp && arrow.SequenceEqual("->"u8) ? BitMexLineKind.Received
            : isHttp ? BitMexLineKind.Refused
            : arrow.SequenceEqual("<-"u8) ? BitMexLineKind.Sent
            : arrow.SequenceEqual("<->"u8) ? BitMexLineKind.Opened
            : BitMexLineKind.Closed;
        bool isBang = arrow.SequenceEqual("<!>"u8);
        return (isSocket || isHttp) && (isBang || kind is not (BitMexLineKind.Closed or BitMexLineKind.Refused));
    }

    /// <summary>Digits, perhaps a point and more digits.</summary>
    private static bool IsSeconds(ReadOnlySpan<byte> text, ref BitMexLineText result)
    {
        long seconds = 0, nanos = 0;
        int decimals = -1;
        bool fits = true;
        foreach (byte b in text)
        {
            if (b == (byte)'.' && decimals < 0)
            {
                decimals = 0;
                continue;
            }

            int digit = b - '0';
            if ((uint)digit > 9)
            {
                return false;
            }

            if (decimals < 0)
            {
                seconds = Math.Min((seconds * 10) + digit, long.MaxValue / 100);
            }
            else if (++decimals <= MaxDecimals)
            {
                nanos = (nanos * 10) + digit;
            }
            else
            {
                fits &= digit == 0;
            }
        }

        for (int i = Math.Max(decimals, 0); i < MaxDecimals; i++)
        {
            nanos *= 10;
        }

        result.HasGoodTime = fits && seconds < long.MaxValue / NanosPerSecond;
        result.Time = result.HasGoodTime ? (seconds * NanosPerSecond) + nanos : 0;
        return text[0] != (byte)'.' && decimals != 0;
    }
}
