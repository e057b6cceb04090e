using System.Runtime.CompilerServices;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// Dense layers over packed weights. A lane is an output unit; its sum starts from the bias and takes the inputs in order,
/// each by a fused multiply-add, whatever the block around it.
/// </summary>
/// <remarks>
/// SAFETY, for all of it: the packer made every offset and stride. Inputs floats are readable at an input offset of the arena,
/// Stride floats are writable at an output offset, Stride is a multiple of the lanes, and a silo's weights are Inputs + 1 rows
/// of Stride floats.
/// </remarks>
internal static unsafe class DenseBlocks<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>One layer of four silos side by side.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="arena">What the offsets count from.</param>
    /// <param name="silos">Four positions in the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourSilos(ref readonly PackedLayer layer, float* arena, int* silos)
    {
        // SAFETY: as said above.
        float* y0 = arena + layer.OutputAt[silos[0]];
        float* y1 = arena + layer.OutputAt[silos[1]];
        float* y2 = arena + layer.OutputAt[silos[2]];
        float* y3 = arena + layer.OutputAt[silos[3]];
        for (nint j = 0; j < layer.Stride; j += TLanes.Count)
        {
            FourSums(in layer, arena, silos, j, out TVector a0, out TVector a1, out TVector a2, out TVector a3);
            TLanes.Store(y0 + j, a0);
            TLanes.Store(y1 + j, a1);
            TLanes.Store(y2 + j, a2);
            TLanes.Store(y3 + j, a3);
        }

        if (layer.Activation > Activation.Relu)
        {
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, y0, layer.Stride);
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, y1, layer.Stride);
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, y2, layer.Stride);
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, y3, layer.Stride);
        }
    }

    /// <summary>One layer of one silo, four registers of outputs side by side where there are as many.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="arena">What the offsets count from.</param>
    /// <param name="silo">Position in the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OneSilo(ref readonly PackedLayer layer, float* arena, int silo)
    {
        // SAFETY: as said above.
        float* weights = layer.Weights + (silo * layer.SiloFloats);
        float* x = arena + layer.InputAt[silo];
        float* y = arena + layer.OutputAt[silo];
        nint stride = layer.Stride;
        bool relu = layer.Activation == Activation.Relu;
        nint j = 0;
        for (; j + (4 * TLanes.Count) <= stride; j += 4 * TLanes.Count)
        {
            FourRegisters(weights + j, x, layer.Inputs, stride, y + j, relu);
        }

        for (; j < stride; j += TLanes.Count)
        {
            float* w = weights + j;
            TVector a = TLanes.Load(w);
            float* end = x + layer.Inputs;
            for (float* input = x; input != end; input++)
            {
                w += stride;
                a = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(input), TLanes.Load(w), a);
            }

            TLanes.Store(y + j, relu ? Activations<TLanes, TVector>.Relu(a) : a);
        }

        if (layer.Activation > Activation.Relu)
        {
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, y, stride);
        }
    }

    /// <summary>One layer whose inputs lie about in the arena.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="arena">What the offsets count from.</param>
    /// <param name="offsets">One for each input.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gathered(ref readonly PackedLayer layer, float* arena, int* offsets)
    {
        // SAFETY: as said above, and there are Inputs offsets, each inside the arena.
        float* y = arena + layer.OutputAt[0];
        nint stride = layer.Stride;
        bool relu = layer.Activation == Activation.Relu;
        for (nint j = 0; j < stride; j += TLanes.Count)
        {
            float* w = layer.Weights + j;
            TVector a = TLanes.Load(w);
            for (nint i = 0; i < layer.Inputs; i++)
            {
                w += stride;
                a = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(arena + offsets[i]), TLanes.Load(w), a);
            }

            TLanes.Store(y + j, relu ? Activations<TLanes, TVector>.Relu(a) : a);
        }

        if (layer.Activation > Activation.Relu)
        {
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, y, stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourSums(
        ref readonly PackedLayer layer, float* arena, int* silos, nint j, out TVector a0, out TVector a1, out TVector a2, out TVector a3)
    {
        // SAFETY: as said above.
        nint stride = layer.Stride;
        nint piece = layer.SiloFloats;
        float* w0 = layer.Weights + (silos[0] * piece) + j;
        float* w1 = layer.Weights + (silos[1] * piece) + j;
        float* w2 = layer.Weights + (silos[2] * piece) + j;
        float* w3 = layer.Weights + (silos[3] * piece) + j;
        float* x0 = arena + layer.InputAt[silos[0]];
        float* x1 = arena + layer.InputAt[silos[1]];
        float* x2 = arena + layer.InputAt[silos[2]];
        float* x3 = arena + layer.InputAt[silos[3]];
        TVector s0 = TLanes.Load(w0);
        TVector s1 = TLanes.Load(w1);
        TVector s2 = TLanes.Load(w2);
        TVector s3 = TLanes.Load(w3);
        nint at = stride;
        nint inputs = layer.Inputs;
        for (nint i = 0; i < inputs; i++)
        {
            s0 = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(x0 + i), TLanes.Load(w0 + at), s0);
            s1 = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(x1 + i), TLanes.Load(w1 + at), s1);
            s2 = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(x2 + i), TLanes.Load(w2 + at), s2);
            s3 = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(x3 + i), TLanes.Load(w3 + at), s3);
            at += stride;
        }

        bool relu = layer.Activation == Activation.Relu;
        a0 = relu ? Activations<TLanes, TVector>.Relu(s0) : s0;
        a1 = relu ? Activations<TLanes, TVector>.Relu(s1) : s1;
        a2 = relu ? Activations<TLanes, TVector>.Relu(s2) : s2;
        a3 = relu ? Activations<TLanes, TVector>.Relu(s3) : s3;
    }

    private static void FourRegisters(float* w, float* x, nint inputs, nint stride, float* y, bool relu)
    {
        // SAFETY: as said above, with four registers inside the stride.
        int lanes = TLanes.Count;
        TVector a0 = TLanes.Load(w);
        TVector a1 = TLanes.Load(w + lanes);
        TVector a2 = TLanes.Load(w + (2 * lanes));
        TVector a3 = TLanes.Load(w + (3 * lanes));
        for (nint i = 0; i < inputs; i++)
        {
            w += stride;
            TVector value = TLanes.BroadcastFrom(x + i);
            a0 = TLanes.FusedMultiplyAdd(value, TLanes.Load(w), a0);
            a1 = TLanes.FusedMultiplyAdd(value, TLanes.Load(w + lanes), a1);
            a2 = TLanes.FusedMultiplyAdd(value, TLanes.Load(w + (2 * lanes)), a2);
            a3 = TLanes.FusedMultiplyAdd(value, TLanes.Load(w + (3 * lanes)), a3);
        }

        TLanes.Store(y, relu ? Activations<TLanes, TVector>.Relu(a0) : a0);
        TLanes.Store(y + lanes, relu ? Activations<TLanes, TVector>.Relu(a1) : a1);
        TLanes.Store(y + (2 * lanes), relu ? Activations<TLanes, TVector>.Relu(a2) : a2);
        TLanes.Store(y + (3 * lanes), relu ? Activations<TLanes, TVector>.Relu(a3) : a3);
    }
}
