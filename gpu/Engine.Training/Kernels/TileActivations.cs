using System.Runtime.CompilerServices;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;

namespace Engine.Training.Kernels;

/// <summary>What stands between two dense layers, on consecutive slots of a tile.</summary>
/// <remarks>SAFETY, for all of it: callers pass `count` floats, a multiple of 16.</remarks>
internal static unsafe class TileActivations<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>y = activation(y) × factors.</summary>
    /// <param name="activation">Which.</param>
    /// <param name="y">Sums, replaced.</param>
    /// <param name="factors">Of dropout; null for 1.</param>
    /// <param name="count">Floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(Activation activation, float* y, float* factors, nint count)
    {
        // SAFETY: as said above.
        if (activation is Activation.Sigmoid or Activation.Tanh)
        {
            Activations<TLanes, TVector>.ApplyInPlace(activation, y, count);
        }

        bool isRelu = activation == Activation.Relu;
        TVector zero = TLanes.Broadcast(0);
        if (factors != null)
        {
            for (nint i = 0; i < count; i += TLanes.Count)
            {
                TVector value = TLanes.Load(y + i);
                value = isRelu ? TLanes.Max(zero, value) : value;
                TLanes.Store(y + i, TLanes.Multiply(value, TLanes.Load(factors + i)));
            }
        }
        else if (isRelu)
        {
            for (nint i = 0; i < count; i += TLanes.Count)
            {
                TLanes.Store(y + i, TLanes.Max(zero, TLanes.Load(y + i)));
            }
        }
    }

    /// <summary>The gradient of the sums from that of the outputs, in place.</summary>
    /// <param name="activation">Which.</param>
    /// <param name="y">The outputs, behind dropout.</param>
    /// <param name="factors">Of dropout; null for 1.</param>
    /// <param name="kept">1 ÷ the factor of what was kept.</param>
    /// <param name="d">The gradient, replaced.</param>
    /// <param name="count">Floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(Activation activation, float* y, float* factors, float kept, float* d, nint count)
    {
        // SAFETY: as said above.
        if (factors != null)
        {
            for (nint i = 0; i < count; i += TLanes.Count)
            {
                TLanes.Store(d + i, TLanes.Multiply(TLanes.Load(d + i), TLanes.Load(factors + i)));
            }
        }

        TVector zero = TLanes.Broadcast(0), one = TLanes.Broadcast(1), scale = TLanes.Broadcast(kept);
        switch (activation)
        {
            case Activation.Relu:
                for (nint i = 0; i < count; i += TLanes.Count)
                {
                    TLanes.Store(d + i, TLanes.SelectLess(zero, TLanes.Load(y + i), TLanes.Load(d + i), zero));
                }

                break;
            case Activation.Tanh:
                for (nint i = 0; i < count; i += TLanes.Count)
                {
                    TVector a = TLanes.Multiply(TLanes.Load(y + i), scale);
                    TLanes.Store(d + i, TLanes.Multiply(TLanes.Load(d + i), TLanes.Subtract(one, TLanes.Multiply(a, a))));
                }

                break;
            case Activation.Sigmoid:
                for (nint i = 0; i < count; i += TLanes.Count)
                {
                    TVector a = TLanes.Multiply(TLanes.Load(y + i), scale);
                    TLanes.Store(d + i, TLanes.Multiply(TLanes.Load(d + i), TLanes.Multiply(a, TLanes.Subtract(one, a))));
                }

                break;
            default:
                break;
        }
    }
}
