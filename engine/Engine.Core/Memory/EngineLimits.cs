namespace Engine.Core.Memory;

/// <summary>Every bound of a run in one place; constructors size their buffers from it and nothing grows afterwards.</summary>
public sealed record EngineLimits
{
    /// <summary>Most instruments.</summary>
    public int Instruments { get; init; } = 65_536;

    /// <summary>Most live orders over all instruments; a power of two.</summary>
    public int Orders { get; init; } = 1 << 20;

    /// <summary>Most price levels over all instruments and both sides.</summary>
    public int Levels { get; init; } = 1 << 19;

    /// <summary>Most price levels on one side of one book.</summary>
    public int LevelsPerSide { get; init; } = 4_096;

    /// <summary>Trades remembered over all instruments for the traded-volume windows; a multiple of 64.</summary>
    public int WindowTrades { get; init; } = 1 << 20;

    /// <summary>Most events one packet can decode to.</summary>
    public int EventsPerPacket { get; init; } = 1_024;

    /// <summary>Entries of each ring between two threads; a power of two.</summary>
    public int RingEntries { get; init; } = 1 << 14;
}
