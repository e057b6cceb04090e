using System.Globalization;

namespace Engine.Features;

/// <summary>When a row is taken; part of the contract.</summary>
public enum SamplingKind : byte
{
    /// <summary>After every event that changed the book of the instrument, and after every trade.</summary>
    EveryEvent,

    /// <summary>After every N-th of those, counted by instrument.</summary>
    EveryN,

    /// <summary>At multiples of a step since the Unix epoch, the state strictly before it, from the instrument's first event on;
    /// cells without an event give a row too.</summary>
    Grid,
}

/// <summary>A sampling rule: `every-event`, `every-N` or `grid-MS`.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="N">Events a row under <see cref="SamplingKind.EveryN"/>, else 1.</param>
/// <param name="StepNanos">The grid's step, ns, else 0.</param>
public readonly record struct Sampling(SamplingKind Kind, int N, long StepNanos)
{
    /// <summary>A row after every event.</summary>
    public static readonly Sampling EveryEvent = new(SamplingKind.EveryEvent, 1, 0);

    private const int MaxN = 1_000_000;
    private const int MaxStepMillis = 3_600_000;

    /// <summary>Reads the rule's text. False when it is none.</summary>
    public static bool TryParse(string text, out Sampling sampling)
    {
        sampling = EveryEvent;
        if (text == "every-event")
        {
            return true;
        }

        bool grid = text.StartsWith("grid-", StringComparison.Ordinal);
        if (!grid && !text.StartsWith("every-", StringComparison.Ordinal))
        {
            return false;
        }

        string digits = text[(grid ? 5 : 6)..];
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int n)
            || n < 1 || n > (grid ? MaxStepMillis : MaxN) || digits[0] == '0')
        {
            return false;
        }

        sampling = grid ? new(SamplingKind.Grid, 1, n * 1_000_000L) : new(SamplingKind.EveryN, n, 0);
        return true;
    }

    /// <summary>The rule's text.</summary>
    public override string ToString() => Kind switch
    {
        SamplingKind.EveryEvent => "every-event",
        SamplingKind.EveryN => string.Create(CultureInfo.InvariantCulture, $"every-{N}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"grid-{StepNanos / 1_000_000}"),
    };
}
