using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Engine.Inference.Kernels;

namespace Engine.Training.Kernels;

/// <summary>The numbers of one step of Adam, rounded once to float32.</summary>
/// <param name="Beta1">Decay of the mean.</param>
/// <param name="Beta2">Decay of the mean of squares.</param>
/// <param name="Epsilon">Added to the root.</param>
/// <param name="StepSize">Rate ÷ (1 − β₁^t).</param>
/// <param name="RootScale">1 ÷ √(1 − β₂^t).</param>
/// <param name="Shrink">Rate × decay of AdamW; 0 for none.</param>
/// <param name="Decay">What of a weight is added to its gradient; 0 for none.</param>
/// <param name="GradientScale">What the gradient is multiplied by first: below 1 where it is bounded.</param>
internal readonly record struct AdamStep(
    float Beta1, float Beta2, float Epsilon, float StepSize, float RootScale, float Shrink, float Decay, float GradientScale)
{
    /// <summary>The numbers of a step.</summary>
    /// <param name="adam">The optimiser.</param>
    /// <param name="step">Which, from 1.</param>
    /// <param name="learningRate">Its rate.</param>
    /// <param name="gradientScale">What the gradient is multiplied by.</param>
    public static AdamStep Of(Optimisation.OptimiserSpec adam, long step, double learningRate, float gradientScale)
    {
        double rest1 = 1 - Power(adam.Beta1, step), rest2 = 1 - Power(adam.Beta2, step);
        return new AdamStep(
            (float)adam.Beta1, (float)adam.Beta2, (float)adam.Epsilon, (float)(learningRate / rest1), (float)(1 / Math.Sqrt(rest2)),
            adam.IsDecoupled ? (float)(learningRate * adam.WeightDecay) : 0, adam.IsDecoupled ? 0 : (float)adam.WeightDecay, gradientScale);
    }

    // By squaring: the same bits wherever a training goes on from.
    private static double Power(double x, long n)
    {
        double result = 1;
        for (; n > 0; n >>= 1, x *= x)
        {
            result *= (n & 1) != 0 ? x : 1;
        }

        return result;
    }
}

/// <summary>What happens to parameters once the chunks' gradients are there.</summary>
/// <remarks>SAFETY, for all of it: callers pass `count` floats of each, a multiple of 16.</remarks>
internal static unsafe class ParameterUpdate<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Sums gradients in chunk order.</summary>
    /// <param name="chunks">One behind the other.</param>
    /// <param name="chunkCount">At least 1.</param>
    /// <param name="stride">Floats from chunk to chunk.</param>
    /// <param name="sum">Overwritten.</param>
    /// <param name="count">Floats of a gradient.</param>
    public static void Sum(float* chunks, int chunkCount, nint stride, float* sum, nint count)
    {
        // SAFETY: as said above.
        for (nint i = 0; i < count; i += TLanes.Count)
        {
            TVector s = TLanes.Load(chunks + i);
            for (nint c = 1; c < chunkCount; c++)
            {
                s = TLanes.Add(s, TLanes.Load(chunks + (c * stride) + i));
            }

            TLanes.Store(sum + i, s);
        }
    }

    /// <summary>The sum of squares in float64, in one order: four sums, each of every fourth number.</summary>
    public static double Squares(float* values, nint count)
    {
        // SAFETY: as said above.
        double a = 0, b = 0, c = 0, d = 0;
        for (nint i = 0; i < count; i += 4)
        {
            a += (double)values[i] * values[i];
            b += (double)values[i + 1] * values[i + 1];
            c += (double)values[i + 2] * values[i + 2];
            d += (double)values[i + 3] * values[i + 3];
        }

        return (a + b) + (c + d);
    }

    /// <summary>m and v follow the gradient; the parameter goes StepSize × m ÷ (√v × RootScale + ε) against it.</summary>
    /// <param name="step">The numbers.</param>
    /// <param name="parameters">Changed.</param>
    /// <param name="gradient">Of the loss.</param>
    /// <param name="first">m.</param>
    /// <param name="second">v.</param>
    /// <param name="decays">1 where weight decay applies, else 0.</param>
    /// <param name="count">Floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Adam(in AdamStep step, float* parameters, float* gradient, float* first, float* second, float* decays, nint count)
    {
        // SAFETY: as said above.
        TVector beta1 = TLanes.Broadcast(step.Beta1), beta2 = TLanes.Broadcast(step.Beta2);
        TVector rest1 = TLanes.Broadcast(1 - step.Beta1), rest2 = TLanes.Broadcast(1 - step.Beta2);
        TVector epsilon = TLanes.Broadcast(step.Epsilon), size = TLanes.Broadcast(-step.StepSize), root = TLanes.Broadcast(step.RootScale);
        TVector shrink = TLanes.Broadcast(-step.Shrink), decay = TLanes.Broadcast(step.Decay), scale = TLanes.Broadcast(step.GradientScale);
        for (nint i = 0; i < count; i += TLanes.Count)
        {
            TVector p = TLanes.Load(parameters + i);
            TVector decayed = TLanes.Multiply(p, TLanes.Load(decays + i));
            TVector g = TLanes.FusedMultiplyAdd(decay, decayed, TLanes.Multiply(scale, TLanes.Load(gradient + i)));
            TVector m = TLanes.FusedMultiplyAdd(rest1, g, TLanes.Multiply(beta1, TLanes.Load(first + i)));
            TVector v = TLanes.FusedMultiplyAdd(TLanes.Multiply(rest2, g), g, TLanes.Multiply(beta2, TLanes.Load(second + i)));
            TLanes.Store(first + i, m);
            TLanes.Store(second + i, v);
            p = TLanes.FusedMultiplyAdd(shrink, decayed, p);
            TVector down = TLanes.FusedMultiplyAdd(Root(v), root, epsilon);
            TLanes.Store(parameters + i, TLanes.Add(p, TLanes.Divide(TLanes.Multiply(size, m), down)));
        }
    }

    // Correctly rounded on each of them; the other branches vanish when it is compiled.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Root(TVector v)
    {
        if (typeof(TVector) == typeof(Vector512<float>))
        {
            return (TVector)(object)Vector512.Sqrt((Vector512<float>)(object)v);
        }

        if (typeof(TVector) == typeof(Vector256<float>))
        {
            return (TVector)(object)Vector256.Sqrt((Vector256<float>)(object)v);
        }

        return (TVector)(object)MathF.Sqrt((float)(object)v);
    }
}
