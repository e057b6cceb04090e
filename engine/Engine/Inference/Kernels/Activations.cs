using System.Runtime.CompilerServices;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// The activations, written once over <see cref="ILanes{TVector}"/>. NaN in gives NaN out.
/// </summary>
/// <remarks>
/// exp: x = n·ln 2 + r with |r| ≤ ½ ln 2 (ln 2 in two parts, Cody and Waite), then a sum of degree 6 (see
/// <see cref="ExpChain{TLanes, TVector}"/>), times 2^n through the exponent field. Within 2 ulp on [−87, 88], the range it is clamped to.
/// sigmoid: 1 / (1 + exp(−x)). tanh: below 0.625 the Padé approximant [5/4], whose error is below 1e-9 there; above,
/// 1 − 2 / (exp(2|x|) + 1) with the sign put back.
/// </remarks>
internal static class Activations<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const float Lowest = -87f;
    private const float Highest = 88f;
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
        TVector clamped = Clamp(x);
        ExpChain<TLanes, TVector> chain = default;
        chain.Begin(clamped);
        chain.AllRows();

        // In a NaN lane the exponent may be rubbish; the comparison is false there and NaN goes on.
        return TLanes.SelectLess(clamped, TLanes.Broadcast(float.PositiveInfinity), chain.End(), clamped);
    }

    /// <summary>What exp is taken of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Clamp(TVector x) => TLanes.Max(TLanes.Broadcast(Lowest), ClampAbove(x));

    /// <summary>The same of what is not negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ClampAbove(TVector x) => TLanes.Min(TLanes.Broadcast(Highest), x);

    /// <summary>1 / (1 + e^−x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid(TVector x) => SigmoidOf(Exp(TLanes.Subtract(TLanes.Broadcast(0f), x)));

    /// <summary>The sigmoid of x from <paramref name="e"/> = e^−x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector SigmoidOf(TVector e)
    {
        TVector one = TLanes.Broadcast(1f);
        return TLanes.Divide(one, TLanes.Add(one, e));
    }

    /// <summary>Hyperbolic tangent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh(TVector x)
    {
        TVector magnitude = TLanes.Abs(x);
        return TanhOf(x, magnitude, Exp(TLanes.Add(magnitude, magnitude)));
    }

    /// <summary>The hyperbolic tangent of x from |x| and <paramref name="e"/> = e^2|x|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector TanhOf(TVector x, TVector magnitude, TVector e)
    {
        TVector one = TLanes.Broadcast(1f);

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
