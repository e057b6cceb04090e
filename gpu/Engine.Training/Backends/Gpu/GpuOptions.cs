namespace Engine.Training.Backends.Gpu;

/// <summary>How a device is used. No result depends on it but for the tile, within the tolerance that backends are held to.</summary>
public sealed record GpuOptions
{
    /// <summary>Most bytes of rows that are kept on the device; where they are more, each step's are copied to it. Null: half of its memory.</summary>
    public long? MaxResidentBytes { get; init; }

    /// <summary>Networks that are trained side by side where there are so many: one small network does not fill a device.</summary>
    public int GroupSize { get; init; } = 16;

    /// <summary>
    /// Whether the products of LSTMs are by matrix units: operands are rounded to tf32's 10 bits behind the point, sums are float32. Devices without such
    /// units refuse it.
    /// </summary>
    public bool IsFast { get; init; }

    /// <summary>Whether plain loops do what matrix units would do, slowly, on a device without them and on one that has them.</summary>
    internal bool IsFastEmulated { get; init; }

    /// <summary>Whether an LSTM's weights stay in global memory even where registers would do.</summary>
    internal bool IsWide { get; init; }

    /// <summary>Rows of a tile, a power of two; 0: as suits the network, the batch and the device.</summary>
    internal int TileRows { get; init; }

    /// <summary>Whether tiles lie in global memory even where local memory would do.</summary>
    internal bool HasGlobalTiles { get; init; }
}
