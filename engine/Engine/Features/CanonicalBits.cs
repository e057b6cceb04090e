using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Features;

/// <summary>One pattern for each value: every NaN becomes the same NaN and −0 becomes +0, so that equal rows have equal bits.</summary>
public static class CanonicalBits
{
    /// <summary>One value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(float value) => float.IsNaN(value) ? float.NaN : value + 0f;

    /// <summary>A row, in place.</summary>
    public static void Apply(Span<float> row)
    {
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> wide = Vector512.Create(float.NaN);
            for (; i + Vector512<float>.Count <= row.Length; i += Vector512<float>.Count)
            {
                Vector512<float> x = Vector512.Create((ReadOnlySpan<float>)row[i..]);
                Vector512.ConditionalSelect(Vector512.Equals(x, x), x + Vector512<float>.Zero, wide).CopyTo(row[i..]);
            }
        }

        Vector256<float> nan = Vector256.Create(float.NaN);
        for (; i + Vector256<float>.Count <= row.Length; i += Vector256<float>.Count)
        {
            Vector256<float> x = Vector256.Create((ReadOnlySpan<float>)row[i..]);
            Vector256.ConditionalSelect(Vector256.Equals(x, x), x + Vector256<float>.Zero, nan).CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] = Of(row[i]);
        }
    }
}
