using System.Globalization;
using System.Runtime.Intrinsics;

namespace Engine.Features.Families;

/// <summary>What families share: names of columns, and levels as vectors.</summary>
internal static class Columns
{
    /// <summary>`NAME_levelI` for each level.</summary>
    public static IEnumerable<string> ByLevel(string name, int levels) =>
        Enumerable.Range(0, levels).Select(i => string.Create(CultureInfo.InvariantCulture, $"{name}_level{i}"));

    /// <summary>`NAME_SECONDS`, the window in seconds with six decimals.</summary>
    public static string OfWindow(string name, long windowNanos) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}_{windowNanos / 1_000_000_000}.{windowNanos % 1_000_000_000 / 1_000:D6}");

    /// <summary>A column for each window.</summary>
    public static IEnumerable<FeatureSpec> ByWindow(string name, string family, IEnumerable<long> windows, string unit) =>
        windows.Select(w => new FeatureSpec(OfWindow(name, w), family, w, unit));

    /// <summary>Writes the first values of sixteen.</summary>
    /// <param name="low">The first eight.</param>
    /// <param name="high">The others.</param>
    /// <param name="output">At most sixteen columns.</param>
    public static void Store(Vector256<float> low, Vector256<float> high, Span<float> output)
    {
        int at = 0;
        if (output.Length >= Vector256<float>.Count)
        {
            low.CopyTo(output);
            low = high;
            at = Vector256<float>.Count;
        }

        for (int i = at; i < output.Length; i++)
        {
            output[i] = low.GetElement(i - at);
        }
    }
}
