namespace Engine.Training.Backends.Gpu;

/// <summary>
/// Parameters whose gradient lies in slots, one a run of tiles: batches of up to TileRows × Slots rows fill a slot a tile, larger ones all slots. A
/// slot that a batch fills holds every parameter of the range.
/// </summary>
/// <param name="First">The first parameter.</param>
/// <param name="Count">How many.</param>
/// <param name="Partial">The first slot's place among the network's partial gradients, in floats.</param>
/// <param name="SlotStride">Floats from slot to slot.</param>
/// <param name="TileRows">Rows that fill a slot.</param>
/// <param name="Slots">Most slots.</param>
internal readonly record struct GradientRange(int First, int Count, int Partial, int SlotStride, int TileRows, int Slots);

/// <summary>What a kind of network needs of a group's memory, for each network.</summary>
/// <param name="PartialFloats">Floats of all partial gradients.</param>
/// <param name="Ranges">Where each parameter's lie; each parameter is in one range.</param>
/// <param name="LossTileRows">Rows that fill a slot of losses: a sum in two parts.</param>
/// <param name="LossSlots">Most slots of losses.</param>
internal sealed record GpuLayout(int PartialFloats, IReadOnlyList<GradientRange> Ranges, int LossTileRows, int LossSlots);
