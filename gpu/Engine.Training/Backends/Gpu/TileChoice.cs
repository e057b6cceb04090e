using Engine.Training.Networks;

namespace Engine.Training.Backends.Gpu;

/// <summary>How a batch is cut into tiles. It depends on the device, the network and the batch size, never on what else is trained beside.</summary>
/// <param name="Rows">Rows of a tile: a power of two.</param>
/// <param name="Slots">Most tiles whose gradients are kept apart; larger batches add several tiles to a slot.</param>
/// <param name="ArenaFloats">Floats of a tile's arena.</param>
/// <param name="IsGlobal">Whether arenas lie in global memory.</param>
internal sealed record TileChoice(int Rows, int Slots, int ArenaFloats, bool IsGlobal)
{
    private const int MaxRows = 32;
    private const int UsualRows = 8;
    private const int MaxSlots = 128;

    // Of what a multiprocessor has, so that two groups fit.
    private const int MaxLocalBytes = 100 << 10;

    // Left to what kernels declare themselves.
    private const int SpareLocalBytes = 1 << 10;
    private const long MaxPartialBytes = 256L << 20;

    /// <summary>Local memory of a group.</summary>
    public int LocalBytes => IsGlobal ? sizeof(float) : ArenaFloats * sizeof(float);

    /// <summary>What the kernels are compiled with.</summary>
    public IReadOnlyList<(string Name, int Value)> Constants => IsGlobal ? [("TILE", Rows), ("ARENA_IN_GLOBAL", 1)] : [("TILE", Rows)];

    /// <summary>The choice for a plan.</summary>
    /// <param name="context">The device.</param>
    /// <param name="plan">The layers.</param>
    /// <param name="batchSize">Most rows of a batch.</param>
    /// <param name="parameterStride">Floats of a slot.</param>
    public static TileChoice Of(GpuContext context, GpuDensePlan plan, int batchSize, int parameterStride)
    {
        int localFloats = (Math.Min(context.Device.Info.LocalBytes, MaxLocalBytes) - SpareLocalBytes) / sizeof(float);
        int rows = context.Options.TileRows;
        if (rows == 0)
        {
            // As many tiles as a large device has multiprocessors, before tiles are made larger.
            rows = MaxRows;
            while (rows > UsualRows && (batchSize < rows * MaxSlots || plan.ArenaFloats(rows) > localFloats))
            {
                rows /= 2;
            }

            while (rows > 1 && plan.ArenaFloats(rows) > localFloats)
            {
                rows /= 2;
            }
        }

        bool isGlobal = context.Options.HasGlobalTiles || plan.ArenaFloats(rows) > localFloats;
        rows = isGlobal && context.Options.TileRows == 0 ? UsualRows : rows;
        int bySize = (int)Math.Clamp(MaxPartialBytes / ((long)parameterStride * sizeof(float)), 1, MaxSlots);
        return new TileChoice(rows, Math.Min(bySize, (batchSize + rows - 1) / rows), checked((int)plan.ArenaFloats(rows)), isGlobal);
    }

    /// <summary>Tiles of a batch.</summary>
    public int TilesOf(int rows) => (rows + Rows - 1) / Rows;

    /// <summary>What a network whose parameters are all the plan's has of a group's memory.</summary>
    public GpuLayout LayoutOf(ParameterTable table)
    {
        int stride = GpuGroup.StrideOf(table);
        return new GpuLayout(checked(Slots * stride), [new GradientRange(0, table.Count, 0, stride, Rows, Slots)], Rows, Slots);
    }
}
