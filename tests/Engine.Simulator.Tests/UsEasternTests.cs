using System.Globalization;
using Engine.Core.Time;

namespace Engine.Simulator.Tests;

public class UsEasternTests
{
    private const long NanosPerSecond = 1_000_000_000;

    // Seconds from `date -u -d '… 05:00:00' +%s` or 04:00:00 in summer.
    [TestCase("2019-12-30", 1_577_682_000)]
    [TestCase("2026-01-05", 1_767_589_200)]
    [TestCase("2026-07-01", 1_782_878_400)]
    [TestCase("2026-03-08", 1_772_946_000)] // summer time begins two hours into this day
    [TestCase("2026-03-09", 1_773_028_800)]
    [TestCase("2026-11-01", 1_793_505_600)] // and ends two hours into this one
    [TestCase("2026-11-02", 1_793_595_600)]
    [TestCase("2006-03-20", 1_142_830_800)] // before 2007 it was still winter then
    [TestCase("2006-04-03", 1_144_036_800)]
    public void Midnight_is_the_known_second(string date, long seconds) =>
        Assert.That(UsEastern.MidnightUtcNanos(Day(date)), Is.EqualTo(seconds * NanosPerSecond));

    [Test]
    public void Every_day_holds_the_instants_from_its_midnight_to_the_next()
    {
        for (DateOnly day = new(1999, 1, 1); day < new DateOnly(2040, 1, 1); day = day.AddDays(1))
        {
            long begins = UsEastern.MidnightUtcNanos(day);
            long next = UsEastern.MidnightUtcNanos(day.AddDays(1));
            Assert.That(UsEastern.DateAt(begins), Is.EqualTo(day));
            Assert.That(UsEastern.DateAt(begins - 1), Is.EqualTo(day.AddDays(-1)));
            Assert.That(UsEastern.DateAt(next - 1), Is.EqualTo(day));
            Assert.That((next - begins) / (3_600 * NanosPerSecond), Is.InRange(23, 25));
        }
    }

    [Test]
    public void A_year_has_one_short_and_one_long_day([Values(2005, 2007, 2024, 2026)] int year)
    {
        var hours = new List<long>();
        for (DateOnly day = new(year, 1, 1); day.Year == year; day = day.AddDays(1))
        {
            hours.Add((UsEastern.MidnightUtcNanos(day.AddDays(1)) - UsEastern.MidnightUtcNanos(day)) / (3_600 * NanosPerSecond));
        }

        Assert.That(hours.Count(h => h == 23), Is.EqualTo(1));
        Assert.That(hours.Count(h => h == 25), Is.EqualTo(1));
    }

    [TestCase(0, "1969-12-31")]
    [TestCase(-1, "1969-12-31")]
    [TestCase(long.MinValue, "1677-09-20")]
    [TestCase(long.MaxValue, "2262-04-11")]
    public void DateAt_takes_any_value(long nanos, string date) => Assert.That(UsEastern.DateAt(nanos), Is.EqualTo(Day(date)));

    [Test]
    public void A_year_outside_the_range_is_refused() =>
        Assert.That(() => UsEastern.MidnightUtcNanos(new DateOnly(1600, 1, 1)), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
