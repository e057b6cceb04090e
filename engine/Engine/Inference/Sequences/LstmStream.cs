using Engine.Core.Memory;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;

namespace Engine.Inference.Sequences;

/// <summary>
/// A carried state: one step a tick from the instrument's first on, whose recurrent part is prepared beforehand. The first T − 1
/// ticks make no prediction, as with windows.
/// </summary>
internal sealed unsafe class LstmStream : LstmSequencer
{
    private readonly NativeBuffer<Progress> _progress;
    private readonly int _preparedAt;
    private readonly int _tickAt;

    /// <summary>Where one instrument stands.</summary>
    private struct Progress
    {
        /// <summary>Ticks seen.</summary>
        public long Ticks;

        /// <summary>One more than the tick that the prepared step is for.</summary>
        public long Prepared;
    }

    /// <param name="network">The network.</param>
    /// <param name="kernel">What computes. Not owned.</param>
    /// <param name="slots">Instruments.</param>
    public LstmStream(LstmNetwork network, LstmKernel kernel, int slots)
        : base(network, kernel, FloatsOf(network), slots)
    {
        _preparedAt = kernel.WindowFloats;
        _tickAt = _preparedAt + kernel.PreparedFloats;
        _progress = new NativeBuffer<Progress>(slots);
    }

    /// <summary>Floats of one instrument's state.</summary>
    public static int FloatsOf(LstmNetwork network) =>
        checked(LstmPacker.WindowFloatsOf(network) + LstmPacker.PreparedFloatsOf(network) + LstmPacker.TickFloatsOf(network));

    /// <inheritdoc/>
    public override TickOutcome Tick(int slot, ReadOnlySpan<float> row, out float output)
    {
        ref Progress p = ref _progress[slot];
        float* memory = Memory(slot);
        TickOutcome outcome = p.Ticks < Steps - 1 ? TickOutcome.WarmingUp : TickOutcome.Ready;
        if (p.Prepared != p.Ticks + 1)
        {
            outcome = outcome == TickOutcome.Ready && p.Ticks > 0 ? TickOutcome.Late : outcome;
            Prepare(LstmKernel, ref p, memory);
        }

        // SAFETY: a slot has a window, a prepared step and a tick.
        Take(row, memory + _tickAt);
        output = LstmKernel.Finish(memory, memory + _preparedAt, memory + _tickAt);
        LstmKernel.Keep(memory);
        output = outcome == TickOutcome.WarmingUp ? float.NaN : output;
        p.Ticks++;
        return outcome;
    }

    /// <inheritdoc/>
    public override void MakeReady(int slot)
    {
        ref Progress p = ref _progress[slot];
        if (p.Prepared != p.Ticks + 1)
        {
            Prepare(BackgroundKernel, ref p, Memory(slot));
        }
    }

    /// <inheritdoc/>
    public override bool Advance(int slot) => false;

    /// <inheritdoc/>
    public override void Clear(int count) => _progress.Span[..count].Clear();

    /// <inheritdoc/>
    public override void Dispose()
    {
        _progress.Dispose();
        base.Dispose();
    }

    private void Prepare(LstmKernel kernel, ref Progress p, float* memory)
    {
        if (p.Ticks == 0)
        {
            kernel.Begin(memory);
        }

        // SAFETY: a slot has a window and a prepared step.
        kernel.Prepare(memory, memory + _preparedAt);
        p.Prepared = p.Ticks + 1;
        kernel.Fetch(memory, memory + _preparedAt);
    }
}
