using System.Globalization;
using System.Runtime.CompilerServices;
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> low, Vector256<float> high, Span<float> output)
    {
        if (output.Length >= Vector256<float>.Count)
        {
            low.CopyTo(output);
            low = high;
            output = output[Vector256<float>.Count..];
        }

        Store(low, output);
    }

    /// <summary>Writes the first values of four.</summary>
    /// <param name="values">The values, as doubles.</param>
    /// <param name="output">The columns; what lies behind the fourth is left alone.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<double> values, Span<float> output)
    {
        Vector128<float> floats = Singles(values);
        if (output.Length >= Vector128<float>.Count)
        {
            floats.CopyTo(output);
            return;
        }

        for (int i = 0; i < output.Length; i++)
        {
            output[i] = floats.ToScalar();
            floats = Vector128.Shuffle(floats, Vector128.Create(1, 2, 3, 3));
        }
    }

    /// <summary>Two doubles as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float First, float Second) Two(Vector128<double> values)
    {
        Vector128<float> floats = Vector128.Narrow(values, values);
        return (floats.ToScalar(), floats.GetElement(1));
    }

    /// <summary>Four doubles as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Singles(Vector256<double> values) => Vector128.Narrow(values.GetLower(), values.GetUpper());

    /// <summary>Writes the first values of eight.</summary>
    /// <param name="values">The values.</param>
    /// <param name="output">The columns; what lies behind the eighth is left alone.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> values, Span<float> output)
    {
        if (output.Length >= Vector256<float>.Count)
        {
            values.CopyTo(output);
            return;
        }

        Vector128<float> rest = values.GetLower();
        if ((output.Length & 4) != 0)
        {
            rest.CopyTo(output);
            rest = values.GetUpper();
            output = output[4..];
        }

        if ((output.Length & 2) != 0)
        {
            Unsafe.WriteUnaligned(ref Unsafe.As<float, byte>(ref output[0]), rest.AsInt64().ToScalar());
            rest = Vector128.Shuffle(rest, Vector128.Create(2, 3, 2, 3));
            output = output[2..];
        }

        if (output.Length != 0)
        {
            output[0] = rest.ToScalar();
        }
    }
}
