using Engine.Training.Backends.Cpu;
using Engine.Training.Devices;
using Engine.Training.Networks;

namespace Engine.Training.Backends.Gpu;

/// <summary>Deep Silos, perceptrons and linear models on a device: one kernel takes a tile of rows from features to gradients.</summary>
internal sealed class GpuSiloGroup : GpuGroup
{
    // Of the largest kernel: one group has a multiprocessor to itself where one small network is trained, and hides what its work items wait for.
    private const int MaxStepItems = 512;

    // Work items that fetch a row's features: dense_gather wants whole ones.
    private const int RowItems = 32;

    private static readonly string[] s_files = ["step.cl", "philox.cl", "activations.cl", "loss.cl", "dense.cl", "silo.cl"];

    private readonly DeviceKernel _step;
    private readonly DeviceKernel _outputs;
    private readonly DeviceBuffer _plan;
    private readonly DeviceBuffer _scratch;
    private readonly TileChoice _tile;
    private readonly int _items;
    private readonly int _outputGroups;

    /// <param name="context">The device.</param>
    /// <param name="spec">The network.</param>
    /// <param name="members">Who learns it.</param>
    public GpuSiloGroup(GpuContext context, SiloSpec spec, IReadOnlyList<GroupMember> members)
        : this(context, spec, Checked(spec, members), GpuDensePlan.Of(DensePlan.Of(spec)))
    {
    }

    private GpuSiloGroup(GpuContext context, SiloSpec spec, IReadOnlyList<GroupMember> members, GpuDensePlan plan)
        : this(context, spec, members, plan, TileChoice.Of(context, plan, members[0].Options.BatchSize, StrideOf(ParameterTable.Of(spec))))
    {
    }

    private GpuSiloGroup(GpuContext context, SiloSpec spec, IReadOnlyList<GroupMember> members, GpuDensePlan plan, TileChoice tile)
        : base(context, spec, members, tile.LayoutOf(ParameterTable.Of(spec)))
    {
        _tile = tile;
        _plan = Upload(plan.Words);
        _outputGroups = tile.IsGlobal ? tile.Slots : PredictedRows;
        _scratch = Floats(tile.IsGlobal ? (long)Count * tile.Slots * tile.ArenaFloats : 1);
        DeviceProgram program = context.Program(s_files, tile.Constants);
        (_step, _outputs) = (program.Kernel("silo_step"), program.Kernel("silo_outputs"));
        _items = Math.Min(MaxStepItems, Math.Min(_step.MaxGroupSize, _outputs.MaxGroupSize)) / RowItems * RowItems;
    }

    /// <inheritdoc/>
    protected override void EnqueueGradient(in GpuStep step) => Queue.Launch(
        _step, Math.Min(_tile.Slots, _tile.TilesOf(step.LargestBatch)), Count, _items, _tile.LocalBytes, step.Rows.Features, step.Rows.Labels,
        step.Rows.List, StepTable, Outcomes, step.Step, _plan, Parameters, ParameterStride, Spec.FeatureCount, Loss, _tile.Slots, Partials, Losses, _scratch,
        _tile.ArenaFloats);

    /// <inheritdoc/>
    protected override void EnqueueOutputs(int member, in DeviceRows rows, int count) => Queue.Launch(
        _outputs, Math.Min(_outputGroups, _tile.TilesOf(count)), 1, _items, _tile.LocalBytes, rows.Features, rows.List, count, _plan, Parameters,
        ParameterStride, member, Spec.FeatureCount, Outputs, _scratch, _tile.ArenaFloats);
}
