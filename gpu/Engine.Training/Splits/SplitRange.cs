using System.Globalization;

namespace Engine.Training.Splits;

/// <summary>A stretch of rows: a day, or a time.</summary>
/// <param name="Day">Id of the day; null for a time.</param>
/// <param name="From">First exchange time, ns since the Unix epoch; of a time.</param>
/// <param name="To">The time behind the last one.</param>
public sealed record SplitRange(string? Day, long From, long To)
{
    /// <summary>A whole day.</summary>
    public static SplitRange Of(string day) => new(day, 0, 0);

    /// <summary>A time.</summary>
    public static SplitRange Of(long from, long to) => new(null, from, to);

    /// <summary>Whether a row lies in it.</summary>
    public bool Has(string day, long time) => Day is null ? time >= From && time < To : Day == day;

    /// <summary>For people.</summary>
    public override string ToString() => Day ?? $"{Text(From)}..{Text(To)}";

    /// <summary>A time in UTC, to the nanosecond where that matters.</summary>
    public static string Text(long nanos)
    {
        long seconds = Math.DivRem(nanos, 1_000_000_000, out long rest);
        (seconds, rest) = rest < 0 ? (seconds - 1, rest + 1_000_000_000) : (seconds, rest);
        string whole = DateTime.UnixEpoch.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        return rest == 0 ? whole : FormattableString.Invariant($"{whole}.{rest:000000000}").TrimEnd('0');
    }

    /// <summary>Reads what <see cref="Text(long)"/> writes, with or without a Z behind it, and dates alone.</summary>
    public static bool TryParseTime(string text, out long nanos)
    {
        nanos = 0;
        string plain = text.TrimEnd('Z');
        int point = plain.IndexOf('.', StringComparison.Ordinal);
        string whole = point < 0 ? plain : plain[..point];
        string digits = point < 0 ? "" : plain[(point + 1)..];
        if (!DateTime.TryParseExact(
                whole, ["yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd"], CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time)
            || digits.Length > 9 || digits.AsSpan().ContainsAnyExceptInRange('0', '9') || (point >= 0 && digits.Length == 0)
            || time.Year is < 1970 or > 2261)
        {
            return false;
        }

        nanos = ((time - DateTime.UnixEpoch).Ticks * 100) + (digits.Length == 0 ? 0 : long.Parse(digits.PadRight(9, '0'), CultureInfo.InvariantCulture));
        return true;
    }
}
