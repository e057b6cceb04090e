using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Engine.Features;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// Runs a packed silo network. Of each instrument the row before and the embeddings are kept, and only silos with an input whose
/// bits changed are computed again; the others' embeddings are the same bits. Few silos go one by one, four of equal shape side by
/// side, a lane a unit; many go together, a lane a silo.
/// </summary>
internal unsafe partial class SiloRunner<TLanes, TRows, TVector> : SiloKernel
    where TLanes : struct, ILanes<TVector>
    where TRows : struct, IRowLanes<TVector>
    where TVector : struct
{
    private const int WordBits = 64;
    private const int Parts = 4;
    private const int MinPart = 8;

    private readonly PackedMemory _memory = new();
    private readonly float* _arena;
    private readonly SiloGroup[] _groups;
    private readonly SiloBundle[] _bundles;
    private readonly float* _work;
    private readonly int _workFloats;
    private readonly PackedLayer[] _fusion;
    private readonly int* _fusionInputs;
    private readonly int _direct;
    private readonly int _part;
    private readonly (int From, int To)[] _copies;
    private readonly int _featureCount;
    private readonly int* _active;
    private readonly RowIntake<TLanes, TRows, TVector> _intake;
    private readonly SiloMemory _kept;
    private readonly bool _incremental;

    // A bit a feature, 64 to a word and words in fours; for each silo the features that it reads. A bit a silo: what to compute.
    private readonly int _words;
    private readonly ulong* _changed;
    private readonly ulong* _reads;
    private readonly int _siloWords;
    private readonly ulong* _dirty;

    private int _summed;
    private long _silosComputed;

    /// <param name="network">What to run.</param>
    /// <param name="kernel">The name of <typeparamref name="TLanes"/>.</param>
    /// <param name="instruments">Of how many instruments rows and embeddings are kept; 0 computes every silo of every row.</param>
    protected SiloRunner(SiloNetwork network, Kernel kernel, int instruments)
    {
        SiloPacker packed = SiloPacker.Pack(network, TLanes.Count, _memory);
        Kernel = kernel;
        _featureCount = network.FeatureCount;
        _arena = packed.Arena;
        _groups = packed.Groups;
        _bundles = packed.Bundles;
        _workFloats = packed.WorkFloats;
        _work = _memory.Floats(2 * _workFloats);
        _fusion = packed.Fusion;
        _fusionInputs = _memory.Integers(packed.FusionInputs);
        _direct = network.Direct.Count;
        _part = Math.Max(MinPart, (_direct + Parts - 1) / Parts);
        _copies = [.. packed.Copies];
        _active = _memory.Integers(new int[network.Silos.Count]);
        _incremental = instruments > 0;
        _words = (_featureCount + 255) / 256 * Vector256<ulong>.Count;
        _changed = _memory.Words(_words);
        _reads = _memory.Words(_words * Math.Max(1, network.Silos.Count));
        _siloWords = (network.Silos.Count + WordBits - 1) / WordBits;
        _dirty = _memory.Words(Math.Max(1, _siloWords));
        _intake = new RowIntake<TLanes, TRows, TVector>(_featureCount, _arena, _changed, _memory);
        _kept = new SiloMemory(packed.KeptFloats, instruments);
        EmbeddingAt = packed.EmbeddingAt;
        EmbeddingStride = packed.EmbeddingStride;
        for (int s = 0; s < network.Silos.Count; s++)
        {
            foreach (int feature in network.Silos[s].Features)
            {
                // SAFETY: feature / 64 is below _words.
                _reads[(s * _words) + (feature / WordBits)] |= 1UL << (feature % WordBits);
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
    public sealed override int KeptInstruments => _kept.Instruments;

    /// <inheritdoc/>
    public sealed override long KeptBytes => _kept.BytesPerInstrument;

    private int[] EmbeddingAt { get; }

    private int[] EmbeddingStride { get; }

    /// <inheritdoc/>
    public sealed override void Reset() => _kept.Forget();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override float Run(float* row, int slot)
    {
        float* kept = _kept.Of(slot);
        bool isChanged = _intake.Take(row, kept);
        return Finish(kept, isChanged);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override float Run(float* row, int slot, Normaliser normaliser, out int missing)
    {
        float* kept = _kept.Of(slot);
        bool isChanged = _intake.Take(row, kept, normaliser, out missing);
        return Finish(kept, isChanged);
    }

    /// <inheritdoc/>
    public sealed override void Dispose()
    {
        _memory.Dispose();
        _kept.Dispose();
        GC.SuppressFinalize(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float Finish(float* kept, bool isChanged)
    {
        ref SiloMemory.State state = ref _kept.StateOf(kept);
        bool all = !_incremental || state.IsKnown == 0;
        if (!all && !isChanged)
        {
            return state.Output;
        }

        // SAFETY: the arena holds the row and room for gathered inputs behind it.
        foreach ((int from, int to) in _copies)
        {
            _arena[to] = _arena[from];
        }

        _summed = 0;
        MarkDirty(all);
        SumDirect();
        foreach (SiloBundle bundle in _bundles)
        {
            RunBundle(bundle, kept);
        }

        foreach (SiloGroup group in _groups)
        {
            RunGroup(group, kept);
        }

        state.Output = RunFusion(kept);
        state.IsKnown = 1;

        // The memory must not be finalized while pointers into it are in use.
        GC.KeepAlive(this);
        return state.Output;
    }

    // Bits only: the width of the register changes nothing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MarkDirty(bool all)
    {
        // SAFETY: reads and changed have _words words, a multiple of four, for each silo; dirty has a bit for each.
        ulong* reads = _reads;
        int silos = EmbeddingAt.Length;
        for (int first = 0; first < silos; first += WordBits)
        {
            int count = Math.Min(WordBits, silos - first);
            ulong dirty = all ? ulong.MaxValue >> (WordBits - count) : 0;
            for (int s = 0; s < count && !all; s++, reads += _words)
            {
                Vector256<ulong> any = Vector256<ulong>.Zero;
                for (int w = 0; w < _words; w += Vector256<ulong>.Count)
                {
                    any |= Vector256.Load(reads + w) & Vector256.Load(_changed + w);
                }

                dirty |= (any != Vector256<ulong>.Zero ? 1UL : 0) << s;
            }

            _dirty[first / WordBits] = dirty;
        }
    }

    // The direct features' part of the fusion is one long chain of sums that waits for nothing. Taken in parts between the layers
    // of the silos, whose sums do not depend on it, the processor works on both side by side; in one piece it would fill the window
    // of instructions that it looks ahead in.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SumDirect()
    {
        int from = _summed;
        if (from < _direct)
        {
            _summed = Math.Min(from + _part, _direct);
            DenseBlocks<TLanes, TVector>.GatheredPart(in _fusion[0], _arena, _fusionInputs, from, _summed);
        }
    }
}
