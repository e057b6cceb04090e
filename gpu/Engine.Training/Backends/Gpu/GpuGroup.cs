using Engine.Training.Devices;
using Engine.Training.Losses;
using Engine.Training.Networks;

namespace Engine.Training.Backends.Gpu;

/// <summary>One step of a burst, on its way to the device.</summary>
/// <param name="Step">Its place in the burst.</param>
/// <param name="Rows">Where its rows are.</param>
/// <param name="LargestBatch">Rows of the network that has most.</param>
internal readonly record struct GpuStep(int Step, DeviceRows Rows, int LargestBatch);

/// <summary>
/// What both networks' groups share on the device: parameters and the optimiser, rows, steps, sums, results. Kernels get the model as the second axis
/// of their groups; every buffer's first axis is the model.
/// </summary>
/// <remarks>
/// A step is the kernels of <see cref="EnqueueGradient"/>, which fill the slots of <see cref="GpuLayout"/>, then `gradient_sum` and `adam_step`. A burst
/// of steps is asked for without waiting; only then are results read. Outcome s + 1 of a burst is step s's: a step that is not finite says so there,
/// and the steps behind it do nothing for that network.
/// </remarks>
internal abstract unsafe partial class GpuGroup : ITrainingGroup
{
    /// <summary>Parameters that one group of `gradient_sum` sums at a time: CHUNK of update.cl.</summary>
    public const int ChunkParameters = 32;

    /// <summary>Rows that are predicted at a time.</summary>
    public const int PredictedRows = 8_192;

    private const int FirstBurstSteps = 16;
    private const int MaxBurstSteps = 512;
    private const int MaxBurstRows = 1 << 24;
    private const int MaxSumGroups = 1_024;
    private const int MaxUpdateGroups = 1_024;
    private const int RangeWords = 8;

    private readonly List<IDisposable> _owned;
    private readonly GpuRows _rows;
    private readonly DeviceKernel _sum;
    private readonly DeviceKernel _update;
    private readonly DeviceBuffer _first;
    private readonly DeviceBuffer _second;
    private readonly DeviceBuffer _decays;
    private readonly DeviceBuffer _gradients;
    private readonly DeviceBuffer _norms;
    private readonly DeviceBuffer _ranges;
    private readonly PinnedMemory _control;
    private readonly PinnedMemory _results;
    private readonly long[] _stepCounts;
    private readonly int _chunks;
    private readonly int _sumGroups;
    private readonly int _mostSteps;

    /// <param name="context">The device.</param>
    /// <param name="spec">The network.</param>
    /// <param name="members">Who learns it.</param>
    /// <param name="layout">What its kernels fill.</param>
    /// <exception cref="ArgumentException">Network, rows and options do not fit, or members cannot be of one group.</exception>
    protected GpuGroup(GpuContext context, NetworkSpec spec, IReadOnlyList<GroupMember> members, GpuLayout layout)
    {
        (Context, Spec, Members, Layout, Table, _owned) = (context, spec, members, layout, ParameterTable.Of(spec), context.Unfinished);
        int batch = members[0].Options.BatchSize;
        ParameterStride = StrideOf(Table);
        _mostSteps = (int)Math.Clamp(MaxBurstRows / ((long)batch * Count), 1, MaxBurstSteps);
        BurstSteps = Math.Min(FirstBurstSteps, _mostSteps);
        _stepCounts = new long[Count];
        Queue = Own(context.Device.CreateQueue());
        DeviceProgram program = context.Program(["step.cl", "update.cl"]);
        (_sum, _update) = (program.Kernel("gradient_sum"), program.Kernel("adam_step"));
        Parameters = Floats(Count * (long)ParameterStride);
        _first = Floats(Count * (long)ParameterStride);
        _second = Floats(Count * (long)ParameterStride);
        _gradients = Floats(Count * (long)ParameterStride);
        _decays = Floats(ParameterStride);
        Statistics = Floats(Count * (long)Math.Max(1, Table.StatisticCount));
        Partials = Floats((long)Count * layout.PartialFloats);
        Losses = Floats(2L * Count * layout.LossSlots);
        Outputs = Floats(PredictedRows);
        (_ranges, _chunks) = MakeRanges();
        _sumGroups = Math.Min(_chunks, MaxSumGroups);
        _norms = Floats(2L * Count * _sumGroups);

        // SAFETY: lengths of structures; nothing is pointed to.
        StepTable = Own(context.Device.Allocate((long)_mostSteps * Count * sizeof(GpuStepEntry)));
        Outcomes = Own(context.Device.Allocate((_mostSteps + 1L) * Count * sizeof(GpuOutcome)));
        _control = Own(context.Device.Pin((long)Count * ((_mostSteps * sizeof(GpuStepEntry)) + sizeof(GpuOutcome))));
        _results = Own(context.Device.Pin(Math.Max((_mostSteps + 1L) * Count * sizeof(GpuOutcome), Math.Max(PredictedRows, ParameterStride) * sizeof(float))));
        int stepRows = (int)Math.Max((long)Count * batch, PredictedRows);
        _rows = GpuRows.Create(context, Queue, new GpuRowNeeds([.. members.Select(m => m.Rows)], spec.Window, stepRows, Math.Max(stepRows, _mostSteps * Count * batch)));
        Upload(_decays, 0, [.. Table.Slices.SelectMany(s => Enumerable.Repeat(s.Decays ? 1f : 0f, s.Count))]);
        for (int m = 0; m < Count; m++)
        {
            Restore(m, TrainingState.Begin(spec, members[m].Options.Seed));
        }
    }

    /// <inheritdoc/>
    public int Count => Members.Count;

    /// <inheritdoc/>
    public int BurstSteps { get; private set; }

    /// <summary>Whether all rows are on the device.</summary>
    public bool IsResident => _rows is ResidentRows;

    /// <summary>The device.</summary>
    protected GpuContext Context { get; }

    /// <summary>The network.</summary>
    protected NetworkSpec Spec { get; }

    /// <summary>Who learns it.</summary>
    protected IReadOnlyList<GroupMember> Members { get; }

    /// <summary>Where parameters lie.</summary>
    protected ParameterTable Table { get; }

    /// <summary>What the kernels fill.</summary>
    protected GpuLayout Layout { get; }

    /// <summary>What computes.</summary>
    protected DeviceQueue Queue { get; }

    /// <summary>Floats from one network's parameters to the next one's; their gradients and Adam's means alike.</summary>
    protected int ParameterStride { get; }

    /// <summary>[model][parameter].</summary>
    protected DeviceBuffer Parameters { get; }

    /// <summary>[model][statistic]; not read without statistics.</summary>
    protected DeviceBuffer Statistics { get; }

    /// <summary>[model][<see cref="GpuLayout.PartialFloats"/>].</summary>
    protected DeviceBuffer Partials { get; }

    /// <summary>[model][slot]: sums of losses in two parts.</summary>
    protected DeviceBuffer Losses { get; }

    /// <summary>What `…_outputs` kernels write, a number a row.</summary>
    protected DeviceBuffer Outputs { get; }

    /// <summary>[step][model]: <see cref="GpuStepEntry"/>.</summary>
    protected DeviceBuffer StepTable { get; }

    /// <summary>[step + 1][model]: <see cref="GpuOutcome"/>.</summary>
    protected DeviceBuffer Outcomes { get; }

    /// <summary>Number of the members' kind of loss.</summary>
    protected int Loss => (int)Members[0].Options.Loss.Kind;

    /// <summary>Floats from one network's parameters to the next one's.</summary>
    /// <param name="table">The network's.</param>
    public static int StrideOf(ParameterTable table) => checked((table.Count + ChunkParameters - 1) / ChunkParameters * ChunkParameters);

    /// <inheritdoc/>
    public virtual void Dispose() => GpuContext.Free(_owned, 0);

    /// <summary>Refuses members that cannot be of one group or do not fit the network.</summary>
    /// <exception cref="ArgumentException">What does not fit.</exception>
    protected static IReadOnlyList<GroupMember> Checked(NetworkSpec spec, IReadOnlyList<GroupMember> members)
    {
        spec.Check();
        GroupMember.Check(members);
        foreach (GroupMember member in members)
        {
            SessionChecks.CheckOptions(spec, member.Rows, member.Options);
        }

        return members;
    }

    /// <summary>Asks for the kernels that fill the slots of partial gradients and losses of a step, of every network that has rows in it and is alive.</summary>
    protected abstract void EnqueueGradient(in GpuStep step);

    /// <summary>Asks for what is to be done behind the optimiser, where outcome `step + 1` is known.</summary>
    protected virtual void EnqueueAfterUpdate(in GpuStep step)
    {
    }

    /// <summary>Asks for the outputs of one network, without dropout and with running statistics, in <see cref="Outputs"/>.</summary>
    /// <param name="member">Which.</param>
    /// <param name="rows">Where the rows are: the list's first <paramref name="count"/>.</param>
    /// <param name="count">At most <see cref="PredictedRows"/>.</param>
    protected abstract void EnqueueOutputs(int member, in DeviceRows rows, int count);

    /// <summary>Device memory that is freed with the group; its contents are undefined.</summary>
    /// <param name="count">Floats.</param>
    protected DeviceBuffer Floats(long count) => Own(Context.Device.Allocate(count * sizeof(float)));

    /// <summary>A table of numbers on the device, freed with the group.</summary>
    protected DeviceBuffer Upload(IReadOnlyList<int> words)
    {
        DeviceBuffer buffer = Own(Context.Device.Allocate((long)words.Count * sizeof(int)));
        Upload<int>(buffer, 0, [.. words]);
        return buffer;
    }

    /// <summary>What is freed with the group, last first.</summary>
    protected T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private (DeviceBuffer Ranges, int Chunks) MakeRanges()
    {
        var words = new List<int>();
        int chunk = 0;
        foreach (GradientRange range in Layout.Ranges)
        {
            int end = chunk + ((range.Count + ChunkParameters - 1) / ChunkParameters);
            words.AddRange([range.First, range.Count, range.Partial, range.SlotStride, range.TileRows, range.Slots, chunk, end]);
            chunk = end;
        }

        System.Diagnostics.Debug.Assert(words.Count == RangeWords * Layout.Ranges.Count, "update.cl reads ranges of eight words");
        return (Upload(words), chunk);
    }

    private void Upload<T>(DeviceBuffer to, long toOffset, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (values.IsEmpty)
        {
            return;
        }

        using PinnedMemory stage = Context.Device.Pin((long)values.Length * sizeof(T));
        values.CopyTo(stage.As<T>());
        Queue.Write(to, toOffset, stage, 0, stage.Bytes);
        Queue.Finish();
    }
}
