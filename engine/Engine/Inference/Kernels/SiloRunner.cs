using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// Runs a packed silo network. Silos of equal shape go four at a time: their sums do not depend on one another, so that the
/// latency of one multiply-add hides behind the others. When incremental, only silos with an input whose bits changed since
/// the row before are computed again; the others keep their embedding, which is the same bits.
/// </summary>
internal unsafe class SiloRunner<TLanes, TVector> : SiloKernel
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private readonly PackedMemory _memory = new();
    private readonly float* _arena;
    private readonly SiloGroup[] _groups;
    private readonly PackedLayer[] _fusion;
    private readonly int* _fusionInputs;
    private readonly int _direct;
    private readonly (int From, int To)[] _copies;
    private readonly int _featureCount;
    private readonly int* _active;

    // Incremental: a bit a feature, 64 to a word and words in fours; for each silo the features that it reads.
    private readonly bool _incremental;
    private readonly int _words;
    private readonly ulong* _changed;
    private readonly ulong* _reads;
    private bool _fresh = true;

    private long _silosComputed;

    /// <param name="network">What to run.</param>
    /// <param name="kernel">The name of <typeparamref name="TLanes"/>.</param>
    /// <param name="incremental">Keep embeddings whose inputs did not change.</param>
    protected SiloRunner(SiloNetwork network, Kernel kernel, bool incremental)
    {
        SiloPacker packed = SiloPacker.Pack(network, TLanes.Count, _memory);
        Kernel = kernel;
        _featureCount = network.FeatureCount;
        _arena = packed.Arena;
        _groups = packed.Groups;
        _fusion = packed.Fusion;
        _fusionInputs = _memory.Integers(packed.FusionInputs);
        _direct = network.Direct.Count;
        _copies = [.. packed.Copies];
        _active = _memory.Integers(new int[network.Silos.Count]);
        _incremental = incremental;
        _words = (_featureCount + 255) / 256 * Vector256<ulong>.Count;
        _changed = _memory.Words(_words);
        _reads = _memory.Words(_words * Math.Max(1, network.Silos.Count));
        for (int s = 0; s < network.Silos.Count; s++)
        {
            foreach (int feature in network.Silos[s].Features)
            {
                // SAFETY: feature / 64 is below _words.
                _reads[(s * _words) + (feature / 64)] |= 1UL << (feature % 64);
            }
        }
    }

    /// <inheritdoc/>
    public sealed override Kernel Kernel { get; }

    /// <inheritdoc/>
    public sealed override int FeatureCount => _featureCount;

    /// <inheritdoc/>
    public sealed override long SilosComputed => _silosComputed;

    /// <inheritdoc/>
    public sealed override void Reset() => _fresh = true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override float Run(float* row)
    {
        bool all = !_incremental || _fresh;
        TakeRow(row, !all);
        _fresh = false;

        // The direct features' part of the fusion is one long chain of sums that waits for nothing: begun here, the
        // processor works on it beside the silos.
        DenseBlocks<TLanes, TVector>.GatheredBegin(in _fusion[0], _arena, _fusionInputs, _direct);
        foreach (SiloGroup group in _groups)
        {
            int active = Select(group.Members, all);
            if (active != 0)
            {
                RunGroup(group.Layers, active);
                _silosComputed += active;
            }
        }

        float output = RunFusion();

        // The memory must not be finalized while pointers into it are in use.
        GC.KeepAlive(this);
        return output;
    }

    /// <inheritdoc/>
    public sealed override void Dispose()
    {
        _memory.Dispose();
        GC.SuppressFinalize(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeRow(float* row, bool compare)
    {
        // SAFETY: row holds FeatureCount floats (the caller's promise); the arena starts with that many. Loads and stores end
        // at the last feature: where the count is no multiple of the lanes, the last register overlaps the one before.
        float* arena = _arena;
        int count = _featureCount;
        ulong* changed = _changed;
        if (count < TLanes.Count)
        {
            ulong word = 0;
            for (int i = 0; i < count; i++)
            {
                word |= (ulong)LanesScalar.DifferenceMask(row + i, arena + i) << i;
                arena[i] = row[i];
            }

            changed[0] = word;
        }
        else
        {
            ulong word = 0;
            int at = 0;
            for (; at + TLanes.Count <= count; at += TLanes.Count)
            {
                if (compare)
                {
                    word |= (ulong)TLanes.DifferenceMask(row + at, arena + at) << at;
                    if (((at + TLanes.Count) & 63) == 0)
                    {
                        changed[at >> 6] = word;
                        word = 0;
                    }
                }

                TLanes.Store(arena + at, TLanes.Load(row + at));
            }

            if (at != count)
            {
                if (compare)
                {
                    // The lanes that overlap were stored already and compare equal.
                    word |= ((ulong)TLanes.DifferenceMask(row + count - TLanes.Count, arena + count - TLanes.Count) >> (TLanes.Count - (count - at))) << at;
                    changed[at >> 6] = word;
                }

                TLanes.Store(arena + count - TLanes.Count, TLanes.Load(row + count - TLanes.Count));
            }
            else if ((at & 63) != 0)
            {
                changed[at >> 6] = word;
            }
        }

        foreach ((int from, int to) in _copies)
        {
            arena[to] = arena[from];
        }
    }

    // Writes the positions in the group of the silos to compute; returns how many.
    private int Select(int[] members, bool all)
    {
        // SAFETY: one entry for each silo of the network was allocated, and a group has no more.
        int* active = _active;
        int count = 0;
        for (int m = 0; m < members.Length; m++)
        {
            active[count] = m;
            count += all || Reads(members[m]) ? 1 : 0;
        }

        return count;
    }

    // Bits only: the width of the register changes nothing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Reads(int silo)
    {
        // SAFETY: both have _words words, a multiple of four, for each silo.
        ulong* reads = _reads + (silo * _words);
        Vector256<ulong> any = Vector256<ulong>.Zero;
        for (int w = 0; w < _words; w += Vector256<ulong>.Count)
        {
            any |= Vector256.Load(reads + w) & Vector256.Load(_changed + w);
        }

        return any != Vector256<ulong>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunGroup(PackedLayer[] layers, int active)
    {
        for (int l = 0; l < layers.Length; l++)
        {
            ref readonly PackedLayer layer = ref layers[l];
            int s = 0;

            // SAFETY: _active holds `active` positions of silos in this group.
            for (; s + 4 <= active; s += 4)
            {
                FourSilos(in layer, _active + s);
            }

            for (; s < active; s++)
            {
                OneSilo(in layer, _active[s]);
            }
        }
    }

    private float RunFusion()
    {
        PackedLayer[] layers = _fusion;
        DenseBlocks<TLanes, TVector>.GatheredEnd(in layers[0], _arena, _fusionInputs, _direct);
        for (int l = 1; l < layers.Length; l++)
        {
            OneSilo(in layers[l], 0);
        }

        // SAFETY: the last layer has one slot and one output.
        float output = *layers[^1].Slots[0].Output;

        // One pattern for NaN and one for zero.
        return float.IsNaN(output) ? float.NaN : output + 0f;
    }

    // A layer that fits a narrower register than the kernel's goes there: the same operations a lane, with less to load.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FourSilos(ref readonly PackedLayer layer, int* silos)
    {
        if (TLanes.Count > 4 && layer.Stride == 4)
        {
            DenseBlocks<LanesFma128, Vector128<float>>.FourSilos(in layer, silos);
        }
        else if (TLanes.Count > 8 && layer.Stride == 8)
        {
            DenseBlocks<LanesAvx2, Vector256<float>>.FourSilos(in layer, silos);
        }
        else
        {
            DenseBlocks<TLanes, TVector>.FourSilos(in layer, silos);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OneSilo(ref readonly PackedLayer layer, int silo)
    {
        if (TLanes.Count > 4 && layer.Stride == 4)
        {
            DenseBlocks<LanesFma128, Vector128<float>>.OneSilo(in layer, silo);
        }
        else if (TLanes.Count > 8 && layer.Stride == 8)
        {
            DenseBlocks<LanesAvx2, Vector256<float>>.OneSilo(in layer, silo);
        }
        else
        {
            DenseBlocks<TLanes, TVector>.OneSilo(in layer, silo);
        }
    }
}
