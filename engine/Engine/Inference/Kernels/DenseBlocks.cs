using System.Runtime.CompilerServices;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// Dense layers over packed weights. A lane is an output unit; its sum starts from the bias and takes the inputs in order,
/// each by a fused multiply-add, whatever the block around it.
/// </summary>
/// <remarks>
/// SAFETY, for all of it: the packer made every slot. Inputs floats are readable at a slot's input, Stride floats are writable
/// at its output, Stride is a multiple of the lanes, and the weights are Inputs + 1 rows of Stride floats.
/// </remarks>
internal static unsafe class DenseBlocks<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>One layer of four silos side by side.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="silos">Four positions in the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourSilos(ref readonly PackedLayer layer, int* silos)
    {
        // SAFETY: as said above.
        SiloSlot* slots = layer.Slots;
        SiloSlot* t0 = slots + silos[0];
        SiloSlot* t1 = slots + silos[1];
        SiloSlot* t2 = slots + silos[2];
        SiloSlot* t3 = slots + silos[3];
        nint stride = layer.Stride;
        nint inputs = layer.Inputs;
        bool relu = layer.Activation == Activation.Relu;
        for (nint j = 0; j < stride; j += TLanes.Count)
        {
            float* w0 = t0->Weights + j;
            float* w1 = t1->Weights + j;
            float* w2 = t2->Weights + j;
            float* w3 = t3->Weights + j;
            float* x0 = t0->Input;
            float* x1 = t1->Input;
            float* x2 = t2->Input;
            float* x3 = t3->Input;
            TVector a0 = TLanes.Load(w0);
            TVector a1 = TLanes.Load(w1);
            TVector a2 = TLanes.Load(w2);
            TVector a3 = TLanes.Load(w3);
            nint at = stride;
            for (nint i = 0; i < inputs; i++)
            {
                a0 = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(x0 + i), TLanes.Load(w0 + at), a0);
                a1 = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(x1 + i), TLanes.Load(w1 + at), a1);
                a2 = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(x2 + i), TLanes.Load(w2 + at), a2);
                a3 = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(x3 + i), TLanes.Load(w3 + at), a3);
                at += stride;
            }

            if (relu)
            {
                a0 = Activations<TLanes, TVector>.Relu(a0);
                a1 = Activations<TLanes, TVector>.Relu(a1);
                a2 = Activations<TLanes, TVector>.Relu(a2);
                a3 = Activations<TLanes, TVector>.Relu(a3);
            }

            TLanes.Store(t0->Output + j, a0);
            TLanes.Store(t1->Output + j, a1);
            TLanes.Store(t2->Output + j, a2);
            TLanes.Store(t3->Output + j, a3);
        }

        if (layer.Activation > Activation.Relu)
        {
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, t0->Output, stride);
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, t1->Output, stride);
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, t2->Output, stride);
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, t3->Output, stride);
        }
    }

    /// <summary>One layer of one silo, four registers of outputs side by side where there are as many.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="silo">Position in the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OneSilo(ref readonly PackedLayer layer, int silo)
    {
        // SAFETY: as said above.
        SiloSlot slot = layer.Slots[silo];
        float* end = slot.Input + layer.Inputs;
        nint stride = layer.Stride;
        bool relu = layer.Activation == Activation.Relu;
        nint j = 0;
        for (; j + (4 * TLanes.Count) <= stride; j += 4 * TLanes.Count)
        {
            FourRegisters(slot.Weights + j, slot.Input, layer.Inputs, stride, slot.Output + j, relu);
        }

        for (; j < stride; j += TLanes.Count)
        {
            float* w = slot.Weights + j;
            TVector a = TLanes.Load(w);
            for (float* x = slot.Input; x != end; x++)
            {
                w += stride;
                a = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(x), TLanes.Load(w), a);
            }

            TLanes.Store(slot.Output + j, relu ? Activations<TLanes, TVector>.Relu(a) : a);
        }

        if (layer.Activation > Activation.Relu)
        {
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, slot.Output, stride);
        }
    }

    /// <summary>A part of a layer whose inputs lie about in memory: some inputs, before the first of them the bias, no activation.</summary>
    /// <param name="layer">The layer, of one slot.</param>
    /// <param name="start">What the offsets count from.</param>
    /// <param name="offsets">One for each input.</param>
    /// <param name="from">Inputs that were taken already.</param>
    /// <param name="to">Inputs that are taken then.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GatheredPart(ref readonly PackedLayer layer, float* start, int* offsets, int from, int to)
    {
        // SAFETY: as said above, and there are Inputs offsets, those from..to of readable floats; to is at most Inputs.
        SiloSlot* slot = layer.Slots;
        for (nint j = 0; j < layer.Stride; j += TLanes.Count)
        {
            TVector begun = TLanes.Load((from == 0 ? slot->Weights : slot->Output) + j);
            TLanes.Store(slot->Output + j, GatheredSum(begun, slot->Weights + j, layer.Stride, start, offsets, from, to));
        }
    }

    /// <summary>The last part of such a layer, with the activation.</summary>
    /// <inheritdoc cref="GatheredPart"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GatheredEnd(ref readonly PackedLayer layer, float* start, int* offsets, int from)
    {
        // SAFETY: as for GatheredPart.
        SiloSlot* slot = layer.Slots;
        bool relu = layer.Activation == Activation.Relu;
        for (nint j = 0; j < layer.Stride; j += TLanes.Count)
        {
            TVector begun = TLanes.Load((from == 0 ? slot->Weights : slot->Output) + j);
            TVector a = GatheredSum(begun, slot->Weights + j, layer.Stride, start, offsets, from, layer.Inputs);
            TLanes.Store(slot->Output + j, relu ? Activations<TLanes, TVector>.Relu(a) : a);
        }

        if (layer.Activation > Activation.Relu)
        {
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, slot->Output, layer.Stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector GatheredSum(TVector sum, float* weights, nint stride, float* start, int* offsets, nint from, nint to)
    {
        // SAFETY: as for GatheredPart; row i + 1 has the weights of input i.
        float* w = weights + (from * stride);
        for (nint i = from; i < to; i++)
        {
            w += stride;
            sum = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(start + offsets[i]), TLanes.Load(w), sum);
        }

        return sum;
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
