using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Inference.Kernels;

/// <summary>The tick: what is left of a prepared step, and the head.</summary>
internal unsafe partial class LstmRunner<TLanes, TVector>
{
    // 24 KiB: what a first-level cache can hold of a tick beside everything else.
    private const int FetchedFloats = 6_144;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override float Finish(float* window, float* prepared, float* tick)
    {
        // SAFETY: as LstmKernel says.
        float* inputs = tick;
        PackedLstm[] layers = _layers;
        for (int i = 0; i < layers.Length - 1; i++)
        {
            Rest(in layers[i], prepared + layers[i].PreparedAt, inputs, window, _last);
            inputs = _last + layers[i].HiddenAt;
        }

        int begun = Top(in layers[^1], prepared, inputs, window);
        PackedLayer[] head = _head;
        for (int i = begun; i < head.Length - 1; i++)
        {
            Dense(in head[i]);
        }

        float output = OneOutput(in head[^1]);
        GC.KeepAlive(this);
        return float.IsNaN(output) ? float.NaN : output + 0f;
    }

    /// <inheritdoc/>
    public sealed override void Fetch(float* window, float* prepared)
    {
        // SAFETY: as LstmKernel says; an address that is only fetched need not even be readable.
        int row = LstmBlocks<TLanes, TVector>.RowFloats;
        int left = FetchedFloats;
        foreach (ref readonly PackedLstm layer in _layers.AsSpan())
        {
            Fetch(prepared + layer.PreparedAt, layer.Blocks * row, ref left);
            Fetch(window + layer.CellAt, layer.Blocks * TLanes.Count, ref left);
            for (int b = 0; b < layer.Blocks; b++)
            {
                Fetch(layer.Weights + ((nint)b * layer.BlockFloats) + ((nint)(1 + layer.Units) * row), layer.Inputs * row, ref left);
            }
        }

        foreach (ref readonly PackedLayer layer in _head.AsSpan())
        {
            Fetch(layer.Slots->Weights, (layer.Inputs + 1) * layer.Stride, ref left);
        }

        GC.KeepAlive(this);
    }

    // Of a head's first layer whose sums stay in registers while the LSTM's are made; 0 of one whose do not.
    private static int HeadRegisters(ref readonly PackedLayer layer) =>
        TLanes.Count > 1 && layer.Stride % TLanes.Count == 0 && layer.Stride / TLanes.Count is 1 or 2 or 4 ? layer.Stride / TLanes.Count : 0;

    private static void Fetch(float* from, int count, ref int left)
    {
        // SAFETY: as above.
        count = Math.Min(count, left);
        left -= count;
        for (int i = 0; i < count && Sse.IsSupported; i += 16)
        {
            Sse.Prefetch0(from + i);
        }
    }

    // The last LSTM layer, with the head's first if that fits in registers beside it; how many of the head's layers are done.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Top(ref readonly PackedLstm layer, float* prepared, float* inputs, float* window)
    {
        // SAFETY: as LstmKernel says.
        ref readonly PackedLayer head = ref _head[0];
        float* cell = window + layer.CellAt;
        float* nextCell = _last + layer.CellAt;
        prepared += layer.PreparedAt;
        switch (_headRegisters)
        {
            case 1:
                LstmTick<TLanes, TVector, OneSum<TLanes, TVector>>.Run(in layer, prepared, inputs, cell, nextCell, in head);
                return 1;
            case 2:
                LstmTick<TLanes, TVector, TwoSums<TLanes, TVector>>.Run(in layer, prepared, inputs, cell, nextCell, in head);
                return 1;
            case 4:
                LstmTick<TLanes, TVector, FourSums<TLanes, TVector>>.Run(in layer, prepared, inputs, cell, nextCell, in head);
                return 1;
            default:
                Rest(in layer, prepared, inputs, window, _last);
                return 0;
        }
    }

    // The last layer: one sum after the other, in a register until it is the output.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float OneOutput(ref readonly PackedLayer layer)
    {
        // SAFETY: the last layer has one slot; its rows are one register of four, or one float.
        SiloSlot slot = *layer.Slots;
        if (TLanes.Count == 1)
        {
            DenseBlocks<TLanes, TVector>.OneSilo(in layer, 0);
            return *slot.Output;
        }

        Vector128<float> sum = LanesFma128.Load(slot.Weights);
        for (nint i = 0; i < layer.Inputs; i++)
        {
            sum = LanesFma128.FusedMultiplyAdd(LanesFma128.BroadcastFrom(slot.Input + i), LanesFma128.Load(slot.Weights + (4 * (i + 1))), sum);
        }

        return Activations<LanesFma128, Vector128<float>>.Apply(layer.Activation, sum).ToScalar();
    }

    // A layer that fits a narrower register than the kernel's goes there: the same operations a lane, with less to load.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dense(ref readonly PackedLayer layer)
    {
        if (TLanes.Count > 4 && layer.Stride == 4)
        {
            DenseBlocks<LanesFma128, Vector128<float>>.OneSilo(in layer, 0);
        }
        else if (TLanes.Count > 8 && layer.Stride == 8)
        {
            DenseBlocks<LanesAvx2, Vector256<float>>.OneSilo(in layer, 0);
        }
        else
        {
            DenseBlocks<TLanes, TVector>.OneSilo(in layer, 0);
        }
    }
}
