using System.Runtime.CompilerServices;

namespace Engine.Features;

/// <summary>One pattern for each value: every NaN becomes the same NaN and −0 becomes +0, so that equal rows have equal bits.</summary>
public static class CanonicalBits
{
    /// <summary>One value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(float value) => float.IsNaN(value) ? float.NaN : value + 0f;
}
