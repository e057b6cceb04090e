using System.Globalization;

namespace Engine.Features.Contracts;

/// <summary>What may be chosen of a family, and how much of it a contract may have.</summary>
internal static class ContractLimits
{
    /// <summary>Most windows of a family, most different exact windows of a contract, and most different bucketed ones.</summary>
    public const int MaxWindows = BlockLayout.MaxWindows;

    /// <summary>Longest window, milliseconds.</summary>
    public const long MaxWindowMillis = 3_600_000;

    /// <summary>Nanoseconds of a millisecond: windows are whole ones.</summary>
    public const long NanosPerMilli = 1_000_000;

    /// <summary>What is wrong with a choice, or null.</summary>
    public static string? Fault(FamilyKind kind, int levels, ReadOnlySpan<long> windowNanos)
    {
        if (kind.Levels > 0 && levels is < 1 or > TopLevels.Depth)
        {
            return string.Create(CultureInfo.InvariantCulture, $"levels is {levels}; it must be 1 to {TopLevels.Depth}");
        }

        if (kind.Windows != FamilyWindows.None && windowNanos.Length is < 1 or > MaxWindows)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it has {windowNanos.Length} windows; it must have 1 to {MaxWindows}");
        }

        for (int i = 0; i < windowNanos.Length; i++)
        {
            if (windowNanos[i] < NanosPerMilli || windowNanos[i] > MaxWindowMillis * NanosPerMilli || windowNanos[i] % NanosPerMilli != 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"a window is {windowNanos[i]} ns; windows are whole milliseconds, 1 to {MaxWindowMillis}");
            }

            if (i > 0 && windowNanos[i] <= windowNanos[i - 1])
            {
                return string.Create(CultureInfo.InvariantCulture, $"a window of {windowNanos[i] / NanosPerMilli} ms comes after one of {windowNanos[i - 1] / NanosPerMilli}; the shortest comes first, each once");
            }
        }

        return null;
    }

    /// <summary>What is wrong with the choices together, or null.</summary>
    public static string? Fault(IReadOnlyList<FamilyChoice> choices)
    {
        string? twice = choices.GroupBy(c => c.Kind).FirstOrDefault(g => g.Count() > 1)?.Key.Name;
        return twice is not null ? $"family {twice} occurs twice; name all its levels and windows in one"
            : Fault(choices, FamilyWindows.Exact, "exact") ?? Fault(choices, FamilyWindows.Bucketed, "bucketed");
    }

    private static string? Fault(IReadOnlyList<FamilyChoice> choices, FamilyWindows windows, string word)
    {
        int count = choices.Where(c => c.Kind.Windows == windows).SelectMany(c => c.WindowNanos).Distinct().Count();
        return count <= MaxWindows ? null
            : string.Create(CultureInfo.InvariantCulture, $"its families have {count} different {word} windows; there may be {MaxWindows}, so let families share them");
    }
}
