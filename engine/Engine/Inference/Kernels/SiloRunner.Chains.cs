using System.Numerics;
using System.Runtime.CompilerServices;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

// Few silos, each from its inputs to its embedding in registers, and the fusion's sum beside them: up to the first embedding that
// changes it waits for none of them, and the processor works on both at once. Only what follows that embedding waits.
internal unsafe partial class SiloRunner<TLanes, TRows, TVector>
{
    // SAFETY: here and below, the packer sized everything; weights are whole rows of registers, one for the bias and one for each
    // input, there is an offset for each input of the fusion, and kept is the memory of an instrument.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float RunChains(float* kept)
    {
        // Bundles have begun the sum: the chain's rows are those of the fusion's first layer.
        var fusion = new FusionSum { Row = _fusionChain.Weights + ((nint)_summed * TLanes.Count), Offset = _fusionInputs + _summed };
        TVector sum = TLanes.Load(_summed == 0 ? fusion.Row : _fusion[0].Slots->Output);
        for (int word = 0; word < _siloWords; word++)
        {
            SiloChain* chains = _chains + (word * WordBits);
            ulong dirty = _dirty[word];
            while (dirty != 0)
            {
                SiloChain* chain = chains + BitOperations.TrailingZeroCount(dirty);
                dirty &= dirty - 1;
                if (dirty != 0 && _alike)
                {
                    sum = TwoChains(chain, chains + BitOperations.TrailingZeroCount(dirty), sum, ref fusion, kept);
                    dirty &= dirty - 1;
                    _silosComputed += 2;
                }
                else
                {
                    sum = OneChain(chain, sum, ref fusion, kept);
                    _silosComputed++;
                }
            }
        }

        return FusionEnd(sum, ref fusion, kept);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector OneChain(SiloChain* chain, TVector sum, ref FusionSum fusion, float* kept)
    {
        float* row = chain->Weights;
        TVector units = First(chain, ref row);
        for (int l = 1; l < chain->Depth; l++)
        {
            sum = Taken(sum, ref fusion, Earlier(fusion.Offset + _part, _fusionInputs + _direct), _arena);
            units = Next(units, chain->Layers[l], ref row);
        }

        sum = Taken(sum, ref fusion, _fusionInputs + _direct, _arena);
        return WithEmbedding(chain, units, sum, ref fusion, kept);
    }

    // Two side by side: each is a chain of operations that wait for one another.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector TwoChains(SiloChain* chain, SiloChain* other, TVector sum, ref FusionSum fusion, float* kept)
    {
        float* row = chain->Weights;
        float* otherRow = other->Weights;
        TVector units = First(chain, ref row);
        TVector otherUnits = First(other, ref otherRow);
        for (int l = 1; l < chain->Depth; l++)
        {
            sum = Taken(sum, ref fusion, Earlier(fusion.Offset + _part, _fusionInputs + _direct), _arena);
            ChainLayer layer = chain->Layers[l];
            row += TLanes.Count;
            otherRow += TLanes.Count;
            TVector next = TLanes.Load(row);
            TVector otherNext = TLanes.Load(otherRow);
            for (int i = 0; i < layer.Inputs; i++)
            {
                row += TLanes.Count;
                otherRow += TLanes.Count;
                next = TLanes.FusedMultiplyAdd(TLanes.Lane(units, i), TLanes.Load(row), next);
                otherNext = TLanes.FusedMultiplyAdd(TLanes.Lane(otherUnits, i), TLanes.Load(otherRow), otherNext);
            }

            bool relu = layer.Activation == Activation.Relu;
            units = relu ? Activations<TLanes, TVector>.Relu(next) : next;
            otherUnits = relu ? Activations<TLanes, TVector>.Relu(otherNext) : otherNext;
        }

        sum = Taken(sum, ref fusion, _fusionInputs + _direct, _arena);
        sum = WithEmbedding(chain, units, sum, ref fusion, kept);
        return WithEmbedding(other, otherUnits, sum, ref fusion, kept);
    }

    // Keeps an embedding and takes it into the fusion, behind those before it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector WithEmbedding(SiloChain* chain, TVector units, TVector sum, ref FusionSum fusion, float* kept)
    {
        sum = Taken(sum, ref fusion, _fusionInputs + chain->FusionAt, kept);
        for (int o = 0; o < chain->Outputs; o++)
        {
            TVector unit = TLanes.Lane(units, o);
            kept[*fusion.Offset++] = TLanes.Lowest(unit);
            fusion.Row += TLanes.Count;
            sum = TLanes.FusedMultiplyAdd(unit, TLanes.Load(fusion.Row), sum);
        }

        return sum;
    }

    // What the fusion has not taken yet, and its other layers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float FusionEnd(TVector sum, ref FusionSum fusion, float* kept)
    {
        sum = Taken(sum, ref fusion, _fusionInputs + _direct, _arena);
        sum = Taken(sum, ref fusion, _fusionInputs + _fusionChain.Layers->Inputs, kept);
        float* row = fusion.Row;
        ChainLayer* layers = _fusionChain.Layers;
        TVector units = layers->Activation == Activation.Relu ? Activations<TLanes, TVector>.Relu(sum) : sum;
        for (int l = 1; l < _fusionChain.Depth; l++)
        {
            units = Next(units, layers[l], ref row);
        }

        return Canonical(_outputActivation > Activation.Relu ? Activated(units) : TLanes.Lowest(units));
    }

    // A layer whose inputs lie in memory; row goes from its bias to the weights of its last input.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector First(SiloChain* chain, ref float* row)
    {
        ChainLayer* layer = chain->Layers;
        TVector units = TLanes.Load(row);
        float* input = chain->Input;
        for (float* end = input + layer->Inputs; input != end; input++)
        {
            row += TLanes.Count;
            units = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(input), TLanes.Load(row), units);
        }

        return layer->Activation == Activation.Relu ? Activations<TLanes, TVector>.Relu(units) : units;
    }

    // A layer whose inputs are the units of the one before; row goes from that one's last to its own.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Next(TVector inputs, ChainLayer layer, ref float* row)
    {
        row += TLanes.Count;
        TVector units = TLanes.Load(row);
        for (int i = 0; i < layer.Inputs; i++)
        {
            row += TLanes.Count;
            units = TLanes.FusedMultiplyAdd(TLanes.Lane(inputs, i), TLanes.Load(row), units);
        }

        return layer.Activation == Activation.Relu ? Activations<TLanes, TVector>.Relu(units) : units;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Taken(TVector sum, ref FusionSum fusion, int* until, float* from)
    {
        while (fusion.Offset < until)
        {
            fusion.Row += TLanes.Count;
            sum = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(from + *fusion.Offset), TLanes.Load(fusion.Row), sum);
            fusion.Offset++;
        }

        return sum;
    }

    // An activation that does not stay in registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private float Activated(TVector units)
    {
        TLanes.Store(_work, units);
        Activations<TLanes, TVector>.ApplyInPlace(_outputActivation, _work, TLanes.Count);
        return *_work;
    }

    private static int* Earlier(int* a, int* b) => a < b ? a : b;

    // How far the fusion's first layer is summed.
    private struct FusionSum
    {
        // The weights of the input that was taken last; before any the bias.
        public float* Row;

        // Where the next input lies.
        public int* Offset;
    }
}
