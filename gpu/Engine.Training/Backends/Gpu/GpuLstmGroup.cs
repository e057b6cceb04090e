using Engine.Training.Backends.Cpu;
using Engine.Training.Devices;
using Engine.Training.Networks;

namespace Engine.Training.Backends.Gpu;

/// <summary>
/// LSTMs on a device: one kernel takes a tile of sequences forward through all steps, one the whole way back; between them stand normalisation over the
/// batch and the head.
/// </summary>
/// <remarks>
/// Of a step: `lstm_ticks` lays out the windows' ticks, `lstm_forward` leaves the tape and the last hidden states, `lstm_norm` the batch's
/// statistics, `lstm_head` losses and the gradients of the head and its inputs, `lstm_norm_back` those of scales and offsets, `lstm_backward`
/// those of R, W and the biases. Behind the optimiser `lstm_norm_keep` takes over the running statistics of steps that were finite.
/// </remarks>
internal sealed unsafe class GpuLstmGroup : GpuGroup
{
    private const int NormUnits = 8;
    private const int MaxTurnGroups = 256;

    // Rows that are predicted by one launch, at least.
    private const int LaunchRows = 1_024;

    private readonly LstmSpec _lstm;
    private readonly LstmTiling _tiling;
    private readonly TileChoice _headTile;
    private readonly int _headPartial;
    private readonly int _headStride;
    private readonly int _inputGradient;
    private readonly int _launchRows;
    private readonly LstmKernels _kernels;
    private readonly DeviceBuffer _plan;
    private readonly DeviceBuffer _picked;
    private readonly DeviceBuffer _ticks;
    private readonly DeviceBuffer _tapes;
    private readonly DeviceBuffer _hidden;
    private readonly DeviceBuffer _hiddenGradients;
    private readonly DeviceBuffer _norms;
    private readonly DeviceBuffer _pending;
    private readonly DeviceBuffer _predictedNorm;
    private readonly DeviceBuffer _turned;
    private readonly DeviceBuffer _scratch;
    private readonly DeviceBuffer _predictedSteps;
    private readonly DeviceBuffer _predictedOutcomes;
    private readonly PinnedMemory _predicted;

    /// <param name="context">The device.</param>
    /// <param name="spec">The network.</param>
    /// <param name="members">Who learns it.</param>
    /// <exception cref="DeviceException">Fast mode is asked for and the device has no matrix units for it.</exception>
    public GpuLstmGroup(GpuContext context, LstmSpec spec, IReadOnlyList<GroupMember> members)
        : this(context, spec, Checked(spec, members), DensePlan.OfHead(spec, ParameterTable.Of(spec)["head.dense0.weight"].Offset))
    {
    }

    private GpuLstmGroup(GpuContext context, LstmSpec spec, IReadOnlyList<GroupMember> members, DensePlan head)
        : this(context, spec, members, head, GpuDensePlan.Of(head), TilingOf(context, spec, members[0].Options.BatchSize))
    {
    }

    private GpuLstmGroup(GpuContext context, LstmSpec spec, IReadOnlyList<GroupMember> members, DensePlan head, GpuDensePlan plan, LstmTiling tiling)
        : this(context, spec, members, head, plan, tiling, TileChoice.Of(context, plan, members[0].Options.BatchSize, Rounded(plan.ParameterCount)))
    {
    }

    private GpuLstmGroup(
        GpuContext context, LstmSpec spec, IReadOnlyList<GroupMember> members, DensePlan head, GpuDensePlan plan, LstmTiling tiling, TileChoice headTile)
        : base(context, spec, members, LayoutOf(spec, tiling, headTile, plan.ParameterCount, members[0].Options.BatchSize))
    {
        (_lstm, _tiling, _headTile, _inputGradient) = (spec, tiling, headTile, head.InputGradient);
        GradientRange ofHead = Layout.Ranges[^1];
        (_headPartial, _headStride) = (ofHead.Partial, ofHead.SlotStride);
        _kernels = new LstmKernels(context.Program(tiling.Files, [.. tiling.Constants, .. headTile.Constants, .. Emulated(context.Options)]), spec.HasBatchNorm, tiling.IsWide);
        _plan = Upload(plan.Words);
        _picked = Upload(spec.Features);

        // One network's predictions may use the room of all networks' batches.
        long tiles = Math.Max((long)Count * tiling.Tiles, tiling.TilesOf(LaunchRows));
        _launchRows = (int)Math.Min(tiles * tiling.Sequences, PredictedRows);
        _ticks = Floats(tiles * spec.Steps * tiling.TicksStep);
        _tapes = Floats(Math.Max((long)Count * tiling.Tiles * spec.Steps, tiling.IsWide ? tiles : 1) * tiling.TapeStep);
        _hidden = Floats(tiles * tiling.Sequences * spec.Units);
        _hiddenGradients = Floats((long)Count * tiling.Tiles * tiling.Sequences * spec.Units);
        _norms = Floats(2L * Count * spec.Units);
        _pending = Floats(2L * Count * spec.Units);
        _predictedNorm = Floats(2L * spec.Units);
        _turned = Floats(tiling.IsWide ? (long)Count * tiling.Weights : 1);
        _scratch = Floats(headTile.IsGlobal ? (long)Count * headTile.Slots * headTile.ArenaFloats : 1);
        int launches = (PredictedRows + _launchRows - 1) / _launchRows;
        _predictedSteps = Own(context.Device.Allocate((long)launches * sizeof(GpuStepEntry)));
        _predictedOutcomes = Own(context.Device.Allocate((long)launches * sizeof(GpuOutcome)));
        _predicted = Own(context.Device.Pin((long)launches * (sizeof(GpuStepEntry) + sizeof(GpuOutcome))));
    }

    /// <inheritdoc/>
    protected override void EnqueueGradient(in GpuStep step)
    {
        int s = step.Step, tiles = _tiling.TilesOf(step.LargestBatch), normGroups = (_lstm.Units + NormUnits - 1) / NormUnits;
        Steps(new LstmRun(StepTable, Outcomes, s, 0, Count, tiles, _tiling.Tiles, Keeps: true), step.Rows);
        if (_lstm.HasBatchNorm)
        {
            Queue.Launch(
                _kernels.Norm!, normGroups, Count, _tiling.Items, 0, StepTable, Outcomes, s, _hidden, _tiling.Tiles, _norms, Statistics, _pending);
        }

        Queue.Launch(
            _kernels.Head, Math.Min(_headTile.Slots, _headTile.TilesOf(step.LargestBatch)), Count, Context.GroupItems, _headTile.LocalBytes, step.Rows.Labels,
            step.Rows.List, StepTable, Outcomes, s, _plan, Parameters, ParameterStride, _hidden, _hiddenGradients, _tiling.Tiles, _norms, _inputGradient,
            Loss, Partials, Layout.PartialFloats, _headPartial, _headStride, Losses, _headTile.Slots, _scratch, _headTile.ArenaFloats);
        if (_lstm.HasBatchNorm)
        {
            Queue.Launch(
                _kernels.NormBack!, normGroups, Count, _tiling.Items, 0, StepTable, Outcomes, s, _hidden, _hiddenGradients, _tiling.Tiles, _norms, Partials,
                Layout.PartialFloats);
        }

        Backward(s, tiles);
    }

    /// <inheritdoc/>
    protected override void EnqueueAfterUpdate(in GpuStep step)
    {
        if (_lstm.HasBatchNorm)
        {
            Queue.Launch(_kernels.NormKeep!, 1, Count, _tiling.Items, 0, StepTable, Outcomes, step.Step, Statistics, _pending);
        }
    }

    /// <inheritdoc/>
    protected override void EnqueueOutputs(int member, in DeviceRows rows, int count)
    {
        if (_lstm.HasBatchNorm)
        {
            Queue.Launch(_kernels.NormRunning!, 1, 1, _tiling.Items, 0, Statistics, member, _predictedNorm);
        }

        int launches = WriteLaunches(count);
        for (int i = 0; i < launches; i++)
        {
            int begin = i * _launchRows, part = Math.Min(_launchRows, count - begin), tiles = _tiling.TilesOf(part);
            Steps(new LstmRun(_predictedSteps, _predictedOutcomes, i, member, 1, tiles, tiles, Keeps: false), rows);
            Queue.Launch(
                _kernels.Outputs, Math.Min(_headTile.IsGlobal ? _headTile.Slots : PredictedRows, _headTile.TilesOf(part)), 1, Context.GroupItems,
                _headTile.LocalBytes, begin, part, _plan, Parameters, ParameterStride, member, _hidden, _predictedNorm, Outputs, _scratch,
                _headTile.ArenaFloats);
        }
    }

    /// <summary>How such a network is cut into tiles.</summary>
    /// <param name="context">The device.</param>
    /// <param name="spec">The network.</param>
    /// <param name="batchSize">Most rows of a batch.</param>
    /// <exception cref="ArgumentException">The network is too large for fast mode.</exception>
    /// <exception cref="DeviceException">Fast mode is asked for and the device has no matrix units for it.</exception>
    internal static LstmTiling TilingOf(GpuContext context, LstmSpec spec, int batchSize)
    {
        DeviceInfo info = context.Device.Info;
        GpuOptions options = context.Options;
        if (options.IsFast && !info.HasTf32 && !options.IsFastEmulated)
        {
            throw new DeviceException($"{info.Name} has no matrix units for tf32, which fast mode computes with: train without it.");
        }

        return new LstmTiling(spec, batchSize, info, options.IsFast, options.IsWide);
    }

    private static (string Name, int Value)[] Emulated(GpuOptions options) => options.IsFastEmulated ? [("EMULATES_TF32", 1)] : [];

    private static int Rounded(int parameters) => (parameters + ChunkParameters - 1) / ChunkParameters * ChunkParameters;

    // As lstm.cl has it: the normalisation's gradients, the LSTM's, the head's.
    private static GpuLayout LayoutOf(LstmSpec spec, LstmTiling tiling, TileChoice head, int headParameters, int batchSize)
    {
        int norm = spec.HasBatchNorm ? 2 * spec.Units : 0;
        int first = Rounded(norm), ofHead = checked(first + (tiling.Slots * tiling.SlotStride));
        var ranges = new List<GradientRange> { new(0, tiling.Parameters, first, tiling.SlotStride, tiling.Sequences, tiling.Slots) };
        if (norm > 0)
        {
            ranges.Add(new GradientRange(tiling.Parameters, norm, 0, first, batchSize, 1));
        }

        int stride = Rounded(headParameters);
        ranges.Add(new GradientRange(tiling.Parameters + norm, headParameters, ofHead, stride, head.Rows, head.Slots));
        return new GpuLayout(checked(ofHead + (head.Slots * stride)), ranges, head.Rows, head.Slots);
    }

    // Lays out ticks and goes forward.
    private void Steps(in LstmRun run, in DeviceRows rows)
    {
        Queue.Launch(
            _kernels.Ticks, run.Tiles, run.Models, _tiling.Items, 0, run.Steps, run.Outcomes, run.Step, rows.List, rows.Previous, rows.Features,
            Spec.FeatureCount, _picked, _ticks, run.TileStride);
        int groups = Math.Min(run.Tiles, 2 * Context.Device.Info.ComputeUnits), keeps = run.Keeps ? 1 : 0;
        if (_tiling.IsWide)
        {
            Queue.Launch(_kernels.Turn!, MaxTurnGroups, run.Models, _tiling.Items, 0, Parameters, ParameterStride, run.Model, _turned);
            Queue.Launch(
                _kernels.Forward, run.Tiles, run.Models, _tiling.Items, _tiling.ForwardBytes, run.Steps, run.Outcomes, run.Step, Parameters,
                ParameterStride, run.Model, _ticks, _tapes, _hidden, run.TileStride, keeps, _turned);
        }
        else
        {
            Queue.Launch(
                _kernels.Forward, groups, run.Models, _tiling.Items, _tiling.ForwardBytes, run.Steps, run.Outcomes, run.Step, Parameters, ParameterStride,
                run.Model, _ticks, _tapes, _hidden, run.TileStride, keeps);
        }
    }

    private void Backward(int s, int tiles)
    {
        if (_tiling.IsWide)
        {
            Queue.Launch(
                _kernels.Backward, tiles, Count, _tiling.Items, _tiling.BackwardBytes, StepTable, Outcomes, s, Parameters, ParameterStride, _tapes, _hidden,
                _hiddenGradients, _norms, Partials, Layout.PartialFloats, _tiling.Tiles);
            Queue.Launch(
                _kernels.Outer!, _tiling.Squares * Math.Min(_tiling.Slots, tiles), Count, LstmKernels.OuterItems, 0, StepTable, Outcomes, s, _ticks, _tapes,
                Partials, Layout.PartialFloats, Math.Min(_tiling.Slots, tiles), _tiling.SlotStride, _tiling.Tiles);
        }
        else
        {
            Queue.Launch(
                _kernels.Backward, Math.Min(_tiling.Slots, tiles), Count, _tiling.Items, _tiling.BackwardBytes, StepTable, Outcomes, s, Parameters,
                ParameterStride, _ticks, _tapes, _hidden, _hiddenGradients, _norms, Partials, Layout.PartialFloats, _tiling.SlotStride, _tiling.Tiles);
        }
    }

    // What the kernels are to know of the launches of a prediction: theirs are steps of one network that is alive.
    private int WriteLaunches(int count)
    {
        // SAFETY: the memory has an entry and an outcome a launch of the most rows there can be.
        int launches = (count + _launchRows - 1) / _launchRows;
        var entries = (GpuStepEntry*)_predicted.Pointer;
        var outcomes = (GpuOutcome*)(_predicted.Pointer + ((long)launches * sizeof(GpuStepEntry)));
        for (int i = 0; i < launches; i++)
        {
            entries[i] = new GpuStepEntry { First = i * _launchRows, Count = Math.Min(_launchRows, count - (i * _launchRows)) };
            outcomes[i] = new GpuOutcome { IsAlive = 1 };
        }

        Queue.Write(_predictedSteps, 0, _predicted, 0, (long)launches * sizeof(GpuStepEntry));
        Queue.Write(_predictedOutcomes, 0, _predicted, (long)launches * sizeof(GpuStepEntry), (long)launches * sizeof(GpuOutcome));
        return launches;
    }

    /// <summary>A way forward.</summary>
    /// <param name="Steps">The step table.</param>
    /// <param name="Outcomes">Its outcomes.</param>
    /// <param name="Step">The step.</param>
    /// <param name="Model">The first network.</param>
    /// <param name="Models">Networks.</param>
    /// <param name="Tiles">Tiles of the network that has most.</param>
    /// <param name="TileStride">Tiles from network to network.</param>
    /// <param name="Keeps">Whether the tape is wanted.</param>
    private readonly record struct LstmRun(
        DeviceBuffer Steps, DeviceBuffer Outcomes, int Step, int Model, int Models, int Tiles, int TileStride, bool Keeps);
}
