using System.Runtime.CompilerServices;
using Engine.Core.Memory;
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
    private readonly NativeBuffer<float> _arenaBuffer;
    private readonly float* _arena;
    private readonly SiloGroup[] _groups;
    private readonly PackedLayer[] _fusion;
    private readonly int* _fusionInputs;
    private readonly (int From, int To)[] _copies;
    private readonly int _featureCount;
    private readonly int* _active;

    // Incremental: a bit a feature, 64 to a word; for each silo the features that it reads.
    private readonly bool _incremental;
    private readonly int _words;
    private readonly ulong[] _changed;
    private readonly ulong[] _reads;
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
        _arenaBuffer = new NativeBuffer<float>(packed.ArenaFloats + 16);
        _arena = _arenaBuffer.Pointer;
        _groups = packed.Groups;
        _fusion = packed.Fusion;
        _fusionInputs = _memory.Integers(packed.FusionInputs);
        _copies = [.. packed.Copies];
        _active = _memory.Integers(new int[network.Silos.Count]);
        _incremental = incremental;
        _words = (_featureCount + 63) / 64;
        _changed = new ulong[_words];
        _reads = new ulong[_words * network.Silos.Count];
        for (int s = 0; s < network.Silos.Count; s++)
        {
            foreach (int feature in network.Silos[s].Features)
            {
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
    public sealed override float Run(float* row)
    {
        bool all = !_incremental || _fresh;
        TakeRow(row, !all);
        _fresh = false;
        foreach (SiloGroup group in _groups)
        {
            int active = Select(group.Members, all);
            if (active != 0)
            {
                RunGroup(group.Layers, active);
                _silosComputed += active;
            }
        }

        return RunFusion();
    }

    /// <inheritdoc/>
    public sealed override void Dispose()
    {
        _memory.Dispose();
        _arenaBuffer.Dispose();
        GC.SuppressFinalize(this);
    }

    private void TakeRow(float* row, bool compare)
    {
        // SAFETY: row holds FeatureCount floats (the caller's promise); the arena starts with that many and a register more.
        float* arena = _arena;
        int i = 0;
        if (compare)
        {
            ulong[] changed = _changed;
            Array.Clear(changed);
            for (; i + TLanes.Count <= _featureCount; i += TLanes.Count)
            {
                changed[i / 64] |= (ulong)TLanes.DifferenceMask(row + i, arena + i) << (i % 64);
                TLanes.Store(arena + i, TLanes.Load(row + i));
            }

            for (; i < _featureCount; i++)
            {
                changed[i / 64] |= (*(int*)(row + i) != *(int*)(arena + i) ? 1UL : 0UL) << (i % 64);
                arena[i] = row[i];
            }
        }
        else
        {
            for (; i + TLanes.Count <= _featureCount; i += TLanes.Count)
            {
                TLanes.Store(arena + i, TLanes.Load(row + i));
            }

            for (; i < _featureCount; i++)
            {
                arena[i] = row[i];
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Reads(int silo)
    {
        ulong any = 0;
        ReadOnlySpan<ulong> reads = _reads.AsSpan(silo * _words, _words);
        ReadOnlySpan<ulong> changed = _changed.AsSpan(0, reads.Length);
        for (int w = 0; w < reads.Length; w++)
        {
            any |= reads[w] & changed[w];
        }

        return any != 0;
    }

    private void RunGroup(PackedLayer[] layers, int active)
    {
        for (int l = 0; l < layers.Length; l++)
        {
            ref readonly PackedLayer layer = ref layers[l];
            int s = 0;

            // SAFETY: _active holds `active` positions of silos in this group.
            for (; s + 4 <= active; s += 4)
            {
                FourSilos(in layer, _arena, _active + s);
            }

            for (; s < active; s++)
            {
                OneSilo(in layer, _arena, _active[s]);
            }
        }
    }

    private float RunFusion()
    {
        PackedLayer[] layers = _fusion;
        Gathered(in layers[0], _arena, _fusionInputs);
        for (int l = 1; l < layers.Length; l++)
        {
            OneSilo(in layers[l], _arena, 0);
        }

        // SAFETY: the last layer has one output, at that offset of the arena.
        float output = _arena[layers[^1].OutputAt[0]];

        // One pattern for NaN and one for zero.
        return float.IsNaN(output) ? float.NaN : output + 0f;
    }

    private static void FourSilos(ref readonly PackedLayer layer, float* arena, int* silos)
    {
        // SAFETY: the packer made every offset and stride here: Inputs floats are readable at an input offset, Stride floats
        // are writable at an output offset, and each silo's weights are (Inputs + 1) rows of Stride.
        int inputs = layer.Inputs;
        nint stride = layer.Stride;
        nint piece = layer.SiloFloats;
        Activation activation = layer.Activation;
        int s0 = silos[0], s1 = silos[1], s2 = silos[2], s3 = silos[3];
        float* x0 = arena + layer.InputAt[s0];
        float* x1 = arena + layer.InputAt[s1];
        float* x2 = arena + layer.InputAt[s2];
        float* x3 = arena + layer.InputAt[s3];
        for (nint j = 0; j < stride; j += TLanes.Count)
        {
            float* w0 = layer.Weights + (s0 * piece) + j;
            float* w1 = layer.Weights + (s1 * piece) + j;
            float* w2 = layer.Weights + (s2 * piece) + j;
            float* w3 = layer.Weights + (s3 * piece) + j;
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

            TLanes.Store(arena + layer.OutputAt[s0] + j, Activations<TLanes, TVector>.Apply(activation, a0));
            TLanes.Store(arena + layer.OutputAt[s1] + j, Activations<TLanes, TVector>.Apply(activation, a1));
            TLanes.Store(arena + layer.OutputAt[s2] + j, Activations<TLanes, TVector>.Apply(activation, a2));
            TLanes.Store(arena + layer.OutputAt[s3] + j, Activations<TLanes, TVector>.Apply(activation, a3));
        }
    }

    private static void OneSilo(ref readonly PackedLayer layer, float* arena, int silo)
    {
        // SAFETY: as for FourSilos.
        float* weights = layer.Weights + (silo * layer.SiloFloats);
        float* x = arena + layer.InputAt[silo];
        float* y = arena + layer.OutputAt[silo];
        nint stride = layer.Stride;
        nint j = 0;
        for (; j + (4 * TLanes.Count) <= stride; j += 4 * TLanes.Count)
        {
            FourRegisters(weights + j, x, layer.Inputs, stride, y + j, layer.Activation);
        }

        for (; j < stride; j += TLanes.Count)
        {
            float* w = weights + j;
            TVector a = TLanes.Load(w);
            for (nint i = 0; i < layer.Inputs; i++)
            {
                w += stride;
                a = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(x + i), TLanes.Load(w), a);
            }

            TLanes.Store(y + j, Activations<TLanes, TVector>.Apply(layer.Activation, a));
        }
    }

    private static void FourRegisters(float* w, float* x, nint inputs, nint stride, float* y, Activation activation)
    {
        // SAFETY: as for FourSilos, with four registers inside the stride.
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

        TLanes.Store(y, Activations<TLanes, TVector>.Apply(activation, a0));
        TLanes.Store(y + lanes, Activations<TLanes, TVector>.Apply(activation, a1));
        TLanes.Store(y + (2 * lanes), Activations<TLanes, TVector>.Apply(activation, a2));
        TLanes.Store(y + (3 * lanes), Activations<TLanes, TVector>.Apply(activation, a3));
    }

    // The first fusion layer: its inputs lie about in the arena, one offset each.
    private static void Gathered(ref readonly PackedLayer layer, float* arena, int* offsets)
    {
        // SAFETY: as for FourSilos; there are Inputs offsets, each inside the arena.
        float* y = arena + layer.OutputAt[0];
        nint stride = layer.Stride;
        for (nint j = 0; j < stride; j += TLanes.Count)
        {
            float* w = layer.Weights + j;
            TVector a = TLanes.Load(w);
            for (nint i = 0; i < layer.Inputs; i++)
            {
                w += stride;
                a = TLanes.FusedMultiplyAdd(TLanes.BroadcastFrom(arena + offsets[i]), TLanes.Load(w), a);
            }

            TLanes.Store(y + j, Activations<TLanes, TVector>.Apply(layer.Activation, a));
        }
    }
}
