namespace Engine.Core.Time;

/// <summary>
/// US Eastern time, the clock of NASDAQ and NYSE timestamps, by rule and not from the host's zone files: UTC-5 in winter,
/// UTC-4 under daylight saving time. Daylight saving runs from the second Sunday of March 02:00 to the first Sunday of
/// November 02:00 local (Energy Policy Act of 2005, in force since 2007); years up to 2006 use the rule of 1987, from the
/// first Sunday of April to the last Sunday of October, which is not exact before 1987.
/// </summary>
public static class UsEastern
{
    private const long NanosPerHour = 3_600_000_000_000L;
    private const long NanosPerDay = 24 * NanosPerHour;
    private const int FirstYear = 1678, LastYear = 2261;
    private const int FirstYearOfLongSummer = 2007;
    private const int March = 3, April = 4, October = 10, November = 11;
    private static readonly int s_epochDayNumber = new DateOnly(1970, 1, 1).DayNumber;

    /// <summary>Whether a day's beginning, and the days around it, are within the range of 64-bit nanoseconds.</summary>
    /// <param name="date">Any day.</param>
    public static bool HasMidnight(DateOnly date) => date.Year is >= FirstYear and <= LastYear;

    /// <summary>The instant at which a day begins in New York.</summary>
    /// <param name="date">A US Eastern calendar day from 1678 to 2261, the range of 64-bit nanoseconds.</param>
    /// <returns>Nanoseconds since the Unix epoch, UTC, of that day's local midnight.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The day is outside 1678 to 2261.</exception>
    public static long MidnightUtcNanos(DateOnly date)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(date.Year, FirstYear, nameof(date));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(date.Year, LastYear, nameof(date));

        // Both changes happen at 02:00, so the day that begins summer time still starts in winter time and the reverse.
        bool summer = date > SummerBegins(date.Year) && date <= SummerEnds(date.Year);
        return (DaysSinceEpoch(date) * NanosPerDay) + (summer ? 4 : 5) * NanosPerHour;
    }

    /// <summary>The calendar day in New York at an instant.</summary>
    /// <param name="unixNanos">Nanoseconds since the Unix epoch, UTC; any value.</param>
    public static DateOnly DateAt(long unixNanos)
    {
        long day = Math.DivRem(unixNanos, NanosPerDay, out long nanosOfDay);
        if (nanosOfDay < 0)
        {
            day--;
            nanosOfDay += NanosPerDay;
        }

        DateOnly utcDate = DateOnly.FromDayNumber((int)(s_epochDayNumber + day));
        long offset = IsSummer(utcDate, nanosOfDay) ? 4 * NanosPerHour : 5 * NanosPerHour;
        return nanosOfDay < offset ? utcDate.AddDays(-1) : utcDate;
    }

    // Summer time begins at 02:00 EST = 07:00 UTC and ends at 02:00 EDT = 06:00 UTC, on the same calendar days in both zones.
    private static bool IsSummer(DateOnly utcDate, long nanosOfDay)
    {
        DateOnly begins = SummerBegins(utcDate.Year);
        DateOnly ends = SummerEnds(utcDate.Year);
        return (utcDate > begins || (utcDate == begins && nanosOfDay >= 7 * NanosPerHour))
            && (utcDate < ends || (utcDate == ends && nanosOfDay < 6 * NanosPerHour));
    }

    private static DateOnly SummerBegins(int year) => year >= FirstYearOfLongSummer
        ? SundayOnOrAfter(new DateOnly(year, March, 8))
        : SundayOnOrAfter(new DateOnly(year, April, 1));

    private static DateOnly SummerEnds(int year) => year >= FirstYearOfLongSummer
        ? SundayOnOrAfter(new DateOnly(year, November, 1))
        : SundayOnOrAfter(new DateOnly(year, October, 25));

    private static DateOnly SundayOnOrAfter(DateOnly date) => date.AddDays((7 - (int)date.DayOfWeek) % 7);

    private static long DaysSinceEpoch(DateOnly date) => date.DayNumber - s_epochDayNumber;
}
