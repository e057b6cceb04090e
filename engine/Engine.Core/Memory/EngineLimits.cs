namespace Engine.Core.Memory;

/// <summary>Every bound of a run in one place; constructors size their buffers from it and nothing grows afterwards.</summary>
public sealed record EngineLimits
{
    /// <summary>Most instruments.</summary>
    public int Instruments { get; init; } = 65_536;

    /// <summary>Most live orders over all instruments; a power of two. With <see cref="Levels"/> and 128 times <see cref="Instruments"/> at most 67,108,798.</summary>
    public int Orders { get; init; } = 1 << 20;

    /// <summary>Most price levels over all instruments and both sides.</summary>
    public int Levels { get; init; } = 1 << 19;

    /// <summary>Most price levels on one side of one book.</summary>
    public int LevelsPerSide { get; init; } = 4_096;

    /// <summary>Trades remembered over all instruments for the traded-volume windows; a multiple of 64.</summary>
    public int WindowTrades { get; init; } = 1 << 20;

    /// <summary>Most events one packet can decode to.</summary>
    public int EventsPerPacket { get; init; } = 1_024;

    /// <summary>Most instruments of which a sequence model keeps a state.</summary>
    public int SequenceInstruments { get; init; } = 1_024;

    /// <summary>Most instruments of which a silo model keeps the last row and its embeddings.</summary>
    public int SiloInstruments { get; init; } = 16_384;

    /// <summary>Bytes that all models of a run may keep of instruments together: rows, embeddings, states.</summary>
    public long ModelBytes { get; init; } = 4L << 30;

    /// <summary>Entries of each ring between two threads; a power of two.</summary>
    public int RingEntries { get; init; } = 1 << 14;

    /// <summary>Packets that are held while messages before them are missing, over all streams.</summary>
    public int HeldPackets { get; init; } = 1 << 12;

    /// <summary>Most bytes of a packet that is held: a jumbo frame.</summary>
    public int HeldPacketBytes { get; init; } = 9_216;

    /// <summary>Bytes of messages that are kept while a snapshot is under way, to be repeated on top of it.</summary>
    public int CatchUpBytes { get; init; } = 64 << 20;
}
