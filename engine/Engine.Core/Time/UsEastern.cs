namespace Engine.Core.Time;

/// <summary>
/// US Eastern time by rule, not by the host's zone files: UTC−5, and UTC−4 from the second Sunday of March 02:00 to the first
/// Sunday of November 02:00 (Energy Policy Act of 2005, in force since 2007).
/// </summary>
public static class UsEastern
{
    private const long NanosPerSecond = 1_000_000_000;
    private const long NanosPerDay = 86_400 * NanosPerSecond;
    private const long StandardOffset = 5 * 3_600 * NanosPerSecond;
    private const long DaylightOffset = 4 * 3_600 * NanosPerSecond;
    private static readonly int s_epochDay = new DateOnly(1970, 1, 1).DayNumber;

    /// <summary>When a date begins on the US east coast, ns since the Unix epoch.</summary>
    public static long MidnightUtcNanos(DateOnly date)
    {
        // Both changes happen at 02:00, so the days of the change themselves still begin under the old rule.
        bool daylight = date > NthSunday(date.Year, 3, 2) && date <= NthSunday(date.Year, 11, 1);
        return ((date.DayNumber - s_epochDay) * NanosPerDay) + (daylight ? DaylightOffset : StandardOffset);
    }

    /// <summary>The date on the US east coast at a moment given in ns since the Unix epoch.</summary>
    public static DateOnly DateAt(long unixNanos)
    {
        DateOnly date = DateOnly.FromDayNumber(s_epochDay + (int)FloorDiv(unixNanos - StandardOffset, NanosPerDay));
        DateOnly next = date.AddDays(1);
        return unixNanos >= MidnightUtcNanos(next) ? next : date;
    }

    private static DateOnly NthSunday(int year, int month, int n)
    {
        DateOnly first = new(year, month, 1);
        return first.AddDays(((7 - (int)first.DayOfWeek) % 7) + (7 * (n - 1)));
    }

    private static long FloorDiv(long value, long divisor) =>
        (value / divisor) - (value % divisor < 0 ? 1 : 0);
}
