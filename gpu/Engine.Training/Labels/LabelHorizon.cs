using System.Globalization;

namespace Engine.Training.Labels;

/// <summary>How far a label looks: a time, or a number of changes of the instrument's best prices.</summary>
/// <param name="Nanos">The time, ns; 0 for one in events.</param>
/// <param name="Events">Changes of the best bid or ask; 0 for one in time.</param>
public readonly record struct LabelHorizon(long Nanos, int Events)
{
    /// <summary>Longest time: a week.</summary>
    public const long MaxNanos = 7 * 86_400_000_000_000;

    /// <summary>Most events.</summary>
    public const int MaxEvents = 100_000_000;

    private const string EventsUnit = "events";
    private const long LargestPrinted = 1_000_000_000;

    private static readonly (string Unit, long Nanos)[] s_units =
        [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1)];

    /// <summary>Whether it is a time.</summary>
    public bool IsTime => Nanos > 0;

    /// <summary>Reads `60s`, `250ms`, `5m`, `1h`, `500events`.</summary>
    /// <returns>False for anything else, for nothing, and for more than there may be.</returns>
    public static bool TryParse(string text, out LabelHorizon horizon)
    {
        horizon = default;
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number < 1)
        {
            return false;
        }

        string unit = text[digits..];
        if (unit == EventsUnit)
        {
            horizon = new LabelHorizon(0, (int)Math.Min(number, int.MaxValue));
            return number <= MaxEvents;
        }

        long nanos = s_units.FirstOrDefault(u => u.Unit == unit).Nanos;
        horizon = new LabelHorizon(number * nanos, 0);
        return nanos > 0 && number <= MaxNanos / nanos;
    }

    /// <summary>Its text, in the largest unit up to seconds that it is a whole number of: equal horizons have equal texts.</summary>
    public override string ToString()
    {
        long nanos = Nanos;
        (string unit, long size) = IsTime ? s_units.First(u => u.Nanos <= LargestPrinted && nanos % u.Nanos == 0) : (EventsUnit, 1);
        return string.Create(CultureInfo.InvariantCulture, $"{(IsTime ? nanos / size : Events)}{unit}");
    }
}
