using Engine.Training.Devices;
using Engine.Training.Networks;

namespace Engine.Training.Backends.Gpu;

/// <summary>
/// How an LSTM is cut into tiles of sequences and groups of work items, with the sizes that lstm.cl, lstm_product.cl and lstm_tf32.cl work out for
/// themselves. It depends on the device, the network and the batch size, never on what else is trained beside.
/// </summary>
internal sealed class LstmTiling
{
    private const int Gates = 4;
    private const int MinItems = 32;
    private const int MaxItems = 256;

    // Of the matrix (R | W) a work item.
    private const int WeightsEach = 76;

    // Numbers that a work item holds in registers throughout, on the way there and back, before others have no place.
    private const int MaxForward = 160;
    private const int MaxBackward = 208;

    // So that a small batch fills more multiprocessors.
    private const int SmallBatch = 512;
    private const int FewSequences = 4;
    private const int UsualSequences = 8;
    private const int MaxSlots = 128;
    private const int MaxWideSlots = 32;
    private const int MaxWideFloats = 16 << 20;
    private const int SquareSide = 64;

    private readonly LstmSpec _spec;

    /// <param name="spec">The network.</param>
    /// <param name="batchSize">Most rows of a batch.</param>
    /// <param name="info">The device.</param>
    /// <param name="isFast">Whether products are by matrix units.</param>
    /// <param name="isWide">Whether weights stay in global memory even where registers would do.</param>
    /// <exception cref="ArgumentException">The network is too large for fast mode.</exception>
    public LstmTiling(LstmSpec spec, int batchSize, DeviceInfo info, bool isFast, bool isWide)
    {
        (_spec, IsFast) = (spec, isFast);
        Items = MinItems;
        while (Items < MaxItems && 2 * Items <= info.MaxGroupSize && Rows * Summed > WeightsEach * Items)
        {
            Items *= 2;
        }

        Sequences = batchSize <= SmallBatch && !isFast ? FewSequences : UsualSequences;
        IsWide = isWide || Held(isBack: false) > MaxForward || Held(isBack: true) > MaxBackward || Math.Max(ForwardBytes, BackwardBytes) > info.LocalBytes;
        if (IsWide && isFast)
        {
            throw new ArgumentException(
                $"Fast mode keeps an LSTM's matrices in a group's registers and local memory, which {spec.Units} units of {spec.Features.Count} inputs do not fit on {info.Name}.", nameof(spec));
        }

        Sequences = IsWide ? FewSequences : Sequences;
        Tiles = Ceiling(batchSize, Sequences);
        Slots = IsWide ? Math.Clamp(MaxWideFloats / Parameters, 1, Math.Min(Tiles, MaxWideSlots)) : Math.Min(Tiles, MaxSlots);
    }

    /// <summary>Whether products are by matrix units.</summary>
    public bool IsFast { get; }

    /// <summary>Whether weights are read from global memory: they are too many for registers.</summary>
    public bool IsWide { get; }

    /// <summary>Work items of a group.</summary>
    public int Items { get; }

    /// <summary>Sequences of a tile.</summary>
    public int Sequences { get; }

    /// <summary>Tiles of the largest batch.</summary>
    public int Tiles { get; }

    /// <summary>Most tiles whose gradients are kept apart; larger batches add several tiles to a slot.</summary>
    public int Slots { get; }

    /// <summary>R, W and the biases.</summary>
    public int Parameters => Rows * (Summed + 1);

    /// <summary>Weights, as often as a gate's row sums numbers.</summary>
    public int Weights => Rows * Summed;

    /// <summary>Floats of a slot.</summary>
    public int SlotStride => Ceiling(Parameters, GpuGroup.ChunkParameters) * GpuGroup.ChunkParameters;

    /// <summary>Floats of one step of a tile's tape.</summary>
    public int TapeStep => 6 * _spec.Units * Sequences;

    /// <summary>Floats of one step of a tile's ticks.</summary>
    public int TicksStep => _spec.Features.Count * Sequences;

    /// <summary>Groups of `lstm_outer` a slot.</summary>
    public int Squares => Ceiling(Rows, SquareSide) * Ceiling(Summed + 1, SquareSide);

    /// <summary>Local memory of `lstm_forward`.</summary>
    public int ForwardBytes => sizeof(float) * (IsWide
        ? 2 * _spec.Units * Sequences
        : Sequences * (Operand + ((IsFast ? 1 : ForwardSplit) * Rows)));

    /// <summary>Local memory of `lstm_backward`.</summary>
    public int BackwardBytes => sizeof(float) * Sequences * (IsWide ? _spec.Units : Operand + Gradients + ((IsFast ? Warps : Items / BackBlocks) * _spec.Units));

    /// <summary>What the kernels are compiled with.</summary>
    public IReadOnlyList<(string Name, int Value)> Constants =>
    [
        ("UNITS", _spec.Units), ("INPUTS", _spec.Features.Count), ("STEPS", _spec.Steps), ("SEQUENCES", Sequences), ("ITEMS", Items),
        ("HAS_NORM", _spec.HasBatchNorm ? 1 : 0),
    ];

    /// <summary>The kernels' files.</summary>
    public IReadOnlyList<string> Files =>
    [
        "step.cl", "philox.cl", "activations.cl", "loss.cl", "dense.cl", "lstm.cl", "lstm_norm.cl", "lstm_ticks.cl",
        .. IsWide ? ["lstm_wide.cl"] : IsFast ? ["lstm_mma.cl", "lstm_tf32.cl", "lstm_steps.cl"] : new[] { "lstm_product.cl", "lstm_steps.cl" },
        "lstm_head.cl",
    ];

    // The constants of lstm_product.cl.
    private const int ForwardSplit = 4;
    private const int BackBlocks = 16;
    private const int OuterSplit = 8;

    private int Rows => Gates * _spec.Units;

    private int Summed => _spec.Units + _spec.Features.Count;

    private int Warps => Items / 32;

    private int OuterBlocks => Items / OuterSplit;

    private int FastRows => Ceiling(Ceiling(Rows, 16), Warps);

    private int Operand => IsFast
        ? 8 * Ceiling(Summed + 1, 8)
        : Math.Max(ForwardSplit * Ceiling(Summed, ForwardSplit), OuterSplit * Ceiling(Summed + 1, OuterSplit));

    private int Gradients => IsFast
        ? Math.Max(8 * Warps * Ceiling(Ceiling(Rows, 8), Warps), 16 * Warps * FastRows)
        : Math.Max(Items / BackBlocks * Ceiling(Rows, Items / BackBlocks), OuterBlocks * Ceiling(Rows, OuterBlocks));

    /// <summary>Tiles of a batch.</summary>
    public int TilesOf(int rows) => Ceiling(rows, Sequences);

    // Weights, and on the way back the sums of outer products and one operand of theirs.
    private int Held(bool isBack)
    {
        if (IsFast)
        {
            return 4 * (isBack
                ? (Ceiling(_spec.Units, 16) * Ceiling(Ceiling(Rows, 8), Warps)) + (FastRows * Ceiling(Summed + 1, 8))
                : FastRows * Ceiling(Summed, 8));
        }

        int outer = Ceiling(Rows, OuterBlocks);
        return isBack
            ? (Ceiling(_spec.Units, BackBlocks) * Ceiling(Rows, Items / BackBlocks)) + (outer * (Ceiling(Summed + 1, OuterSplit) + 4))
            : Ceiling(Rows, Items / ForwardSplit) * Ceiling(Summed, ForwardSplit);
    }

    private static int Ceiling(int a, int b) => (a + b - 1) / b;
}
