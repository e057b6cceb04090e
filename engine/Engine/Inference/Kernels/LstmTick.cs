using System.Runtime.CompilerServices;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// The last LSTM layer of a prepared step together with the head's first layer: for some units the sums and gates, then the
/// head's sums over the units before them, then their hidden state. The head's long chains of sums so run beside the gates;
/// each sum takes its inputs in the same order as when one layer follows the other.
/// </summary>
/// <remarks>SAFETY, for all of it: as for LstmBlocks and DenseBlocks; the head's stride is a multiple of the lanes.</remarks>
internal static unsafe class LstmTick<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    // Chains of operations that go side by side: enough to keep the processor busy, and no more than it looks ahead over.
    private const int UnitsTogether = 32;

    /// <summary>Runs both.</summary>
    /// <param name="layer">The LSTM layer.</param>
    /// <param name="prepared">Its prepared sums.</param>
    /// <param name="inputs">What goes into it on this tick.</param>
    /// <param name="cell">c.</param>
    /// <param name="nextCell">c'.</param>
    /// <param name="head">The head's first layer; its input is h'.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ref readonly PackedLstm layer, float* prepared, float* inputs, float* cell, float* nextCell, ref readonly PackedLayer head)
    {
        // SAFETY: as said above.
        int lanes = TLanes.Count;
        SiloSlot slot = *head.Slots;
        nint stride = head.Stride;
        for (nint j = 0; j < stride; j += lanes)
        {
            TLanes.Store(slot.Output + j, TLanes.Load(slot.Weights + j));
        }

        float* rows = layer.Weights + ((nint)(1 + layer.Units) * (4 * lanes));
        int taken = 0;
        int closed = 0;
        while (closed < layer.Units)
        {
            int end = Math.Min(closed + UnitsTogether, layer.Blocks * lanes);
            for (int at = closed; at < end; at += lanes)
            {
                Open(prepared + (4 * at), rows, inputs, layer.Inputs, cell + at, nextCell + at, slot.Input + at);
                rows += layer.BlockFloats;
            }

            Head(slot.Weights + ((1 + taken) * stride), stride, slot.Input + taken, closed - taken, slot.Output);
            for (int at = closed; at < end; at += lanes)
            {
                Close(nextCell + at, slot.Input + at);
            }

            taken = closed;
            closed = end;
        }

        Head(slot.Weights + ((1 + taken) * stride), stride, slot.Input + taken, layer.Units - taken, slot.Output);
        if (head.Activation != Activation.Identity)
        {
            Activations<TLanes, TVector>.ApplyInPlace(head.Activation, slot.Output, stride);
        }
    }

    // The sums and gates of one block: its cell state and its output gate.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Open(float* prepared, float* w, float* inputs, nint count, float* cell, float* nextCell, float* output)
    {
        // SAFETY: as said above.
        nint lanes = TLanes.Count;
        TVector i = TLanes.Load(prepared);
        TVector o = TLanes.Load(prepared + lanes);
        TVector f = TLanes.Load(prepared + (2 * lanes));
        TVector g = TLanes.Load(prepared + (3 * lanes));
        for (nint k = 0; k < count; k++)
        {
            TVector x = TLanes.BroadcastFrom(inputs + k);
            i = TLanes.FusedMultiplyAdd(x, TLanes.Load(w), i);
            o = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + lanes), o);
            f = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + (2 * lanes)), f);
            g = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + (3 * lanes)), g);
            w += 4 * lanes;
        }

        i = Activations<TLanes, TVector>.Sigmoid(i);
        f = Activations<TLanes, TVector>.Sigmoid(f);
        TLanes.Store(nextCell, TLanes.FusedMultiplyAdd(f, TLanes.Load(cell), TLanes.Multiply(i, Activations<TLanes, TVector>.Tanh(g))));
        TLanes.Store(output, Activations<TLanes, TVector>.Sigmoid(o));
    }

    // The hidden state from the cell state and the output gate, which lies where it goes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Close(float* nextCell, float* nextHidden) =>
        // SAFETY: as said above.
        TLanes.Store(nextHidden, TLanes.Multiply(TLanes.Load(nextHidden), Activations<TLanes, TVector>.Tanh(TLanes.Load(nextCell))));

    // The head's sums over some of its inputs, in registers as many as there are side by side.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Head(float* weights, nint stride, float* inputs, nint count, float* sums)
    {
        // SAFETY: as said above.
        nint lanes = TLanes.Count;
        nint j = 0;
        for (; j + (4 * lanes) <= stride; j += 4 * lanes)
        {
            float* to = sums + j;
            TVector a0 = TLanes.Load(to), a1 = TLanes.Load(to + lanes), a2 = TLanes.Load(to + (2 * lanes)), a3 = TLanes.Load(to + (3 * lanes));
            float* w = weights + j;
            for (nint k = 0; k < count; k++, w += stride)
            {
                TVector x = TLanes.BroadcastFrom(inputs + k);
                a0 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w), a0);
                a1 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + lanes), a1);
                a2 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + (2 * lanes)), a2);
                a3 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + (3 * lanes)), a3);
            }

            TLanes.Store(to, a0);
            TLanes.Store(to + lanes, a1);
            TLanes.Store(to + (2 * lanes), a2);
            TLanes.Store(to + (3 * lanes), a3);
        }

        for (; j + (2 * lanes) <= stride; j += 2 * lanes)
        {
            float* to = sums + j;
            TVector a0 = TLanes.Load(to), a1 = TLanes.Load(to + lanes);
            float* w = weights + j;
            for (nint k = 0; k < count; k++, w += stride)
            {
                TVector x = TLanes.BroadcastFrom(inputs + k);
                a0 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w), a0);
                a1 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + lanes), a1);
            }

            TLanes.Store(to, a0);
            TLanes.Store(to + lanes, a1);
        }

        for (; j < stride; j += lanes)
        {
            TVector a = TLanes.Load(sums + j);
            float* w = weights + j;
            for (nint k = 0; k < count; k++, w += stride)
            {
                a = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(inputs + k), TLanes.Load(w), a);
            }

            TLanes.Store(sums + j, a);
        }
    }
}
