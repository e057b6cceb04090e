using System.Runtime.CompilerServices;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// The activations, written once over <see cref="ILanes{TVector}"/>. NaN in gives NaN out.
/// </summary>
/// <remarks>
/// exp: x = n·ln 2 + r with |r| ≤ ½ ln 2 (ln 2 in two parts, Cody and Waite), then the Taylor sum of degree 7, whose
/// remainder is below 6e-9, times 2^n through the exponent field. Within 2 ulp on [−87, 88], the range it is clamped to.
/// sigmoid: 1 / (1 + exp(−x)). tanh: below 0.625 the Padé approximant [5/4], whose error is below 1e-9 there; above,
/// 1 − 2 / (exp(2|x|) + 1) with the sign put back.
/// </remarks>
internal static class Activations<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    // 1.5 × 2^23: adding it leaves the nearest integer in the low bits of the pattern.
    private const float RoundingShift = 12_582_912f;
    private const float Log2OfE = 1.44269504f;

    // The high part has nine significant bits, so that n × high is exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    private const float TanhSwitch = 0.625f;

    /// <summary>Applies an activation to each lane.</summary>
    public static TVector Apply(Activation activation, TVector x) => activation switch
    {
        Activation.Relu => Relu(x),
        Activation.Sigmoid => Sigmoid(x),
        Activation.Tanh => Tanh(x),
        _ => x,
    };

    /// <summary>Applies an activation to numbers in memory.</summary>
    /// <param name="activation">Which.</param>
    /// <param name="values">Whole registers of values, replaced.</param>
    /// <param name="count">How many values: a multiple of the lanes.</param>
    // Out of line: no register of the caller's loop has to survive it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static unsafe void ApplyInPlace(Activation activation, float* values, nint count)
    {
        // SAFETY: the caller passes `count` writable floats.
        for (nint i = 0; i < count; i += TLanes.Count)
        {
            TLanes.Store(values + i, Apply(activation, TLanes.Load(values + i)));
        }
    }

    /// <summary>max(0, x); −0 stays −0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Relu(TVector x) => TLanes.Max(TLanes.Broadcast(0f), x);

    /// <summary>e^x; x beyond [−87, 88] gives the value at the end of the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp(TVector x)
    {
        TVector clamped = TLanes.Max(TLanes.Broadcast(-87f), TLanes.Min(TLanes.Broadcast(88f), x));
        TVector shift = TLanes.Broadcast(RoundingShift);
        TVector shifted = TLanes.FusedMultiplyAdd(clamped, TLanes.Broadcast(Log2OfE), shift);
        TVector n = TLanes.Subtract(shifted, shift);
        TVector r = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-Ln2High), clamped);
        r = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-Ln2Low), r);

        TVector p = TLanes.Broadcast(1f / 5040f);
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f / 720f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f / 120f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f / 24f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f / 6f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(0.5f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f));

        // In a NaN lane the exponent is rubbish; the comparison is false there and NaN goes on.
        TVector scaled = TLanes.AddToExponent(p, shifted);
        return TLanes.SelectLess(clamped, TLanes.Broadcast(float.PositiveInfinity), scaled, clamped);
    }

    /// <summary>1 / (1 + e^−x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid(TVector x)
    {
        TVector one = TLanes.Broadcast(1f);
        return TLanes.Divide(one, TLanes.Add(one, Exp(TLanes.Subtract(TLanes.Broadcast(0f), x))));
    }

    /// <summary>Hyperbolic tangent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh(TVector x)
    {
        TVector magnitude = TLanes.Abs(x);
        TVector one = TLanes.Broadcast(1f);
        TVector e = Exp(TLanes.Add(magnitude, magnitude));

        // x (945 + 105 z + z²) / (945 + 420 z + 15 z²), z = x².
        TVector z = TLanes.Multiply(magnitude, magnitude);
        TVector top = TLanes.FusedMultiplyAdd(TLanes.Add(z, TLanes.Broadcast(105f)), z, TLanes.Broadcast(945f));
        TVector bottom = TLanes.FusedMultiplyAdd(
            TLanes.FusedMultiplyAdd(TLanes.Broadcast(15f), z, TLanes.Broadcast(420f)), z, TLanes.Broadcast(945f));

        // Divided once, whichever of the two it is.
        TVector limit = TLanes.Broadcast(TanhSwitch);
        TVector quotient = TLanes.Divide(
            TLanes.SelectLess(magnitude, limit, TLanes.Multiply(magnitude, top), TLanes.Broadcast(2f)),
            TLanes.SelectLess(magnitude, limit, bottom, TLanes.Add(e, one)));
        return TLanes.CopySign(TLanes.SelectLess(magnitude, limit, quotient, TLanes.Subtract(one, quotient)), x);
    }
}
