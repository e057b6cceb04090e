using System.Numerics;
using System.Runtime.CompilerServices;

namespace Engine.Inference.Kernels;

// The parts of a network: bundles, groups and the fusion.
internal unsafe partial class SiloRunner<TLanes, TRows, TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int DirtyOf(SiloBundle bundle)
    {
        // SAFETY: both have a bit for each silo.
        int count = 0;
        for (int w = 0; w < _siloWords; w++)
        {
            count += BitOperations.PopCount(_dirty[w] & bundle.MemberBits[w]);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBundle(SiloBundle bundle, float* kept)
    {
        // SAFETY: as above.
        SumDirect();
        for (int w = 0; w < _siloWords; w++)
        {
            _dirty[w] &= ~bundle.MemberBits[w];
        }

        BundledLayer[] layers = bundle.Layers;
        float* from = _work;
        float* to = _work + _workFloats;
        BundleBlocks<TLanes, TRows, TVector>.Turn(bundle, _arena, from);
        for (int l = 0; l < layers.Length; l++)
        {
            SumDirect();
            float* target = l == layers.Length - 1 ? kept + bundle.EmbeddingAt : to;
            BundleBlocks<TLanes, TRows, TVector>.Layer(in layers[l], from, target);
            to = from;
            from = target;
        }

        _silosComputed += bundle.Members.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float RunGroups(float* kept)
    {
        SumDirect();
        foreach (SiloGroup group in _groups)
        {
            RunGroup(group, kept);
        }

        return RunFusion(kept);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunGroup(SiloGroup group, float* kept)
    {
        // SAFETY: one entry for each silo of the network was allocated, and a group has no more; dirty has a bit for each silo.
        int* active = _active;
        int[] members = group.Members;
        int count = 0;
        for (int m = 0; m < members.Length; m++)
        {
            active[count] = m;
            count += (int)(_dirty[members[m] / WordBits] >> (members[m] % WordBits)) & 1;
        }

        if (count == 0)
        {
            return;
        }

        PackedLayer[] layers = group.Layers;
        for (int l = 0; l < layers.Length; l++)
        {
            ref readonly PackedLayer layer = ref layers[l];
            SumDirect();
            int s = 0;
            for (; s + 4 <= count; s += 4)
            {
                DenseByWidth<TLanes, TVector>.FourSilos(in layer, active + s);
            }

            for (; s < count; s++)
            {
                DenseByWidth<TLanes, TVector>.OneSilo(in layer, active[s]);
            }
        }

        _silosComputed += count;
        for (int a = 0; a < count; a++)
        {
            KeepEmbedding(layers[^1].Slots[active[a]].Output, members[active[a]], group.Embedding, kept);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void KeepEmbedding(float* from, int silo, int width, float* kept)
    {
        // SAFETY: the packer placed `width` values of the silo there, a stride apart.
        float* to = kept + _embeddingAt[silo];
        nint stride = _embeddingStride[silo];
        for (int o = 0; o < width; o++, to += stride)
        {
            *to = from[o];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float RunFusion(float* kept)
    {
        PackedLayer[] layers = _fusion;
        if (_summed < _direct)
        {
            DenseBlocks<TLanes, TVector>.GatheredPart(in layers[0], _arena, _fusionInputs, _summed, _direct);
        }

        DenseBlocks<TLanes, TVector>.GatheredEnd(in layers[0], kept, _fusionInputs, _direct);
        for (int l = 1; l < layers.Length; l++)
        {
            DenseByWidth<TLanes, TVector>.OneSilo(in layers[l], 0);
        }

        // SAFETY: the last layer has one slot and one output.
        return Canonical(*layers[^1].Slots[0].Output);
    }

    // One pattern for NaN and one for zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Canonical(float output) => float.IsNaN(output) ? float.NaN : output + 0f;
}
