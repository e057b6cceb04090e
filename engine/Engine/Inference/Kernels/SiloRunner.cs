using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Engine.Features;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// Runs a packed silo network. Of each instrument the row before and the embeddings are kept, and only silos with an input whose
/// bits changed are computed again; the others' embeddings are the same bits. Few silos go one by one or two by two, from the first
/// layer to the last, where their units fit a register; else layer by layer, four of equal shape side by side. A lane is a unit. Many
/// go together, a lane a silo.
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

    // A bit a feature, 64 to a word; word by word for each silo, in fours, the features that it reads. A bit a silo: what to compute.
    private readonly int _words;
    private readonly int _silos;
    private readonly int _siloStride;
    private readonly ulong* _changed;
    private readonly ulong* _reads;
    private readonly int _siloWords;
    private readonly ulong* _dirty;

    // Null where a network has layers that chains cannot do.
    private readonly SiloChain* _chains;
    private readonly SiloChain _fusionChain;
    private readonly Activation _outputActivation;
    private readonly bool _alike;
    private readonly int* _embeddingAt;
    private readonly int* _embeddingStride;

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
        _words = (_featureCount + WordBits - 1) / WordBits;
        _changed = _memory.Words(_words);
        _siloWords = (network.Silos.Count + WordBits - 1) / WordBits;
        _siloStride = (network.Silos.Count + Vector256<ulong>.Count - 1) / Vector256<ulong>.Count * Vector256<ulong>.Count;
        _reads = _memory.Words(Math.Max(1, _words * _siloStride));
        _dirty = _memory.Words(Math.Max(1, _siloWords));
        _intake = new RowIntake<TLanes, TRows, TVector>(_featureCount, _arena, _changed, _memory);
        _kept = new SiloMemory(packed.KeptFloats, instruments);
        _silos = network.Silos.Count;
        _embeddingAt = _memory.Integers(packed.EmbeddingAt);
        _embeddingStride = _memory.Integers(packed.EmbeddingStride);
        var chains = new ChainPacker(TLanes.Count, _memory);
        if (chains.Fits(network))
        {
            _chains = chains.Silos(network, packed.InputOf);
            _fusionChain = chains.Pack(network.Fusion, null, 0);
            _outputActivation = network.Fusion[^1].Activation;
            _alike = ChainPacker.Alike(network.Silos);
        }

        MarkReads(network);
    }

    /// <inheritdoc/>
    public sealed override Kernel Kernel { get; }

    /// <inheritdoc/>
    public sealed override int FeatureCount => _featureCount;

    /// <inheritdoc/>
    public sealed override long SilosComputed => _silosComputed;

    /// <inheritdoc/>
    public sealed override bool IsChained => _chains != null;

    /// <inheritdoc/>
    public sealed override int KeptInstruments => _kept.Instruments;

    /// <inheritdoc/>
    public sealed override long KeptBytes => _kept.BytesPerInstrument;

    /// <inheritdoc/>
    public sealed override void Reset() => _kept.Forget();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override float Run(float* row, int slot)
    {
        if (_intake.Normaliser is not null)
        {
            Use(null);
        }

        float* kept = _kept.Of(slot);
        bool isDirty = FindDirty(row, kept);
        _intake.Take(row);
        return Finish(kept, isDirty);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override float Run(float* row, int slot, Normaliser normaliser, out int missing)
    {
        if (!ReferenceEquals(_intake.Normaliser, normaliser))
        {
            Use(normaliser);
        }

        float* kept = _kept.Of(slot);
        bool isDirty = FindDirty(row, kept);
        missing = _intake.Take(row, normaliser);
        return Finish(kept, isDirty);
    }

    /// <inheritdoc/>
    public sealed override void Dispose()
    {
        _memory.Dispose();
        _kept.Dispose();
        GC.SuppressFinalize(this);
    }

    private void MarkReads(SiloNetwork network)
    {
        for (int s = 0; s < network.Silos.Count; s++)
        {
            foreach (int feature in network.Silos[s].Features)
            {
                // SAFETY: feature / 64 is below _words, and s below _siloStride.
                _reads[(feature / WordBits * _siloStride) + s] |= 1UL << (feature % WordBits);
            }
        }
    }

    // What is kept was taken with the statistics before, or without any.
    private void Use(Normaliser? normaliser)
    {
        _intake.Use(normaliser);
        _kept.Forget();
    }

    // Finds what is to be computed; false where the row before had the same bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool FindDirty(float* row, float* kept)
    {
        bool isChanged = !_incremental || _intake.Compare(row, kept);
        bool all = !_incremental || _kept.StateOf(kept).IsKnown == 0;
        if (all || isChanged)
        {
            MarkDirty(all);
            return true;
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float Finish(float* kept, bool isDirty)
    {
        ref SiloMemory.State state = ref _kept.StateOf(kept);
        if (!isDirty)
        {
            return state.Output;
        }

        // SAFETY: the arena holds the row and room for gathered inputs behind it.
        foreach ((int from, int to) in _copies)
        {
            _arena[to] = _arena[from];
        }

        _summed = 0;
        foreach (SiloBundle bundle in _bundles)
        {
            if (DirtyOf(bundle) >= bundle.Threshold)
            {
                RunBundle(bundle, kept);
            }
        }

        state.Output = _chains != null ? RunChains(kept) : RunGroups(kept);
        _kept.Keep(ref state);

        // The memory must not be finalized while pointers into it are in use.
        GC.KeepAlive(this);
        return state.Output;
    }

    // Which silos read a feature that changed. Bits only: the width of the register changes nothing.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MarkDirty(bool all)
    {
        // SAFETY: changed has _words words, reads for each of them _siloStride, a multiple of four; dirty has a bit for each silo.
        int words = _words;
        nint stride = _siloStride;
        ulong* changed = _changed;
        for (int first = 0; first < _silos; first += WordBits)
        {
            int count = Math.Min(WordBits, _silos - first);
            ulong dirty = all ? ulong.MaxValue >> (WordBits - count) : 0;
            for (int s = 0; s < count && !all; s += Vector256<ulong>.Count)
            {
                ulong* reads = _reads + first + s;
                Vector256<ulong> any = Vector256<ulong>.Zero;
                for (int w = 0; w < words; w++)
                {
                    any |= Vector256.Load(reads) & Vector256.Create(changed[w]);
                    reads += stride;
                }

                dirty |= (ulong)(~Vector256.Equals(any, Vector256<ulong>.Zero)).ExtractMostSignificantBits() << s;
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
