using System.Runtime.CompilerServices;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>The stages between dense layers, in the same operations on every instruction set.</summary>
/// <remarks>
/// SAFETY, for all of it: the runner packed every step. Count values are readable at its input, and input, output, scale and offset
/// are whole registers, so that what lies behind the last value may be read and written too; nothing sums over it.
/// </remarks>
internal static unsafe class DenseSteps<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Runs a step that is not a dense layer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ref readonly DenseStep step)
    {
        switch (step.Kind)
        {
            case DenseStepKind.Activate:
                Activate(in step);
                break;
            case DenseStepKind.LeakyRelu:
                LeakyRelu(in step);
                break;
            case DenseStepKind.LayerNorm:
                LayerNorm(in step);
                break;
            case DenseStepKind.Softmax:
                Softmax(in step);
                break;
            default:
                Pick(in step);
                break;
        }
    }

    private static void Activate(ref readonly DenseStep step)
    {
        // SAFETY: as said above.
        for (nint i = 0; i < step.Count; i += TLanes.Count)
        {
            TLanes.Store(step.Output + i, Activations<TLanes, TVector>.Apply(step.Activation, TLanes.Load(step.Input + i)));
        }
    }

    private static void LeakyRelu(ref readonly DenseStep step)
    {
        // SAFETY: as said above.
        TVector slope = TLanes.Broadcast(step.Number);
        TVector zero = TLanes.Broadcast(0f);
        for (nint i = 0; i < step.Count; i += TLanes.Count)
        {
            TVector x = TLanes.Load(step.Input + i);
            TLanes.Store(step.Output + i, TLanes.SelectLess(x, zero, TLanes.Multiply(slope, x), x));
        }
    }

    private static void LayerNorm(ref readonly DenseStep step)
    {
        // SAFETY: as said above.
        float* x = step.Input;
        float sum = 0;
        for (int i = 0; i < step.Count; i++)
        {
            sum += x[i];
        }

        float mean = sum / step.Count;
        float squares = 0;
        for (int i = 0; i < step.Count; i++)
        {
            float distance = x[i] - mean;
            squares = MathF.FusedMultiplyAdd(distance, distance, squares);
        }

        float inverse = 1f / MathF.Sqrt((squares / step.Count) + step.Number);
        for (nint i = 0; i < step.Count; i += TLanes.Count)
        {
            TVector distance = TLanes.Subtract(TLanes.Load(x + i), TLanes.Broadcast(mean));
            TVector normal = TLanes.Multiply(distance, TLanes.Broadcast(inverse));
            TLanes.Store(step.Output + i, TLanes.FusedMultiplyAdd(normal, TLanes.Load(step.Scale + i), TLanes.Load(step.Offset + i)));
        }
    }

    private static void Softmax(ref readonly DenseStep step)
    {
        // SAFETY: as said above.
        float* x = step.Input;
        float largest = x[0];
        for (int i = 1; i < step.Count; i++)
        {
            largest = x[i] > largest ? x[i] : largest;
        }

        for (nint i = 0; i < step.Count; i += TLanes.Count)
        {
            TVector below = TLanes.Subtract(TLanes.Load(x + i), TLanes.Broadcast(largest));
            TLanes.Store(step.Output + i, Activations<TLanes, TVector>.Exp(below));
        }

        float sum = 0;
        for (int i = 0; i < step.Count; i++)
        {
            sum += step.Output[i];
        }

        for (nint i = 0; i < step.Count; i += TLanes.Count)
        {
            TLanes.Store(step.Output + i, TLanes.Divide(TLanes.Load(step.Output + i), TLanes.Broadcast(sum)));
        }
    }

    private static void Pick(ref readonly DenseStep step)
    {
        // SAFETY: as said above; the network checked the indices.
        for (int i = 0; i < step.Count; i++)
        {
            step.Output[i] = step.Input[step.Indices[i]];
        }
    }
}
