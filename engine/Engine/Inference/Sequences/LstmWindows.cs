using System.Runtime.CompilerServices;
using Engine.Core.Memory;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;

namespace Engine.Inference.Sequences;

/// <summary>
/// Exact windows at less than the cost of one step on the tick: T windows run, each begun one tick after the other, and each
/// tick completes one, whose recurrent part lies prepared.
/// </summary>
/// <remarks>
/// Ticks are counted from 0, n is the next. Window s begins with tick s and completes with tick s + T − 1; its state lies at
/// s mod T, and so do the numbers of tick s.
/// <code>
///   on tick n         finish window n − T + 1 from its prepared step; publish
///   then              bring the window of the next tick to date and prepare it   (MakeReady: one step, one recurrent part)
///   then, in groups   one step, with tick n, of every other window               (Advance: job n)
/// </code>
/// A job goes through its windows from the oldest: those before the cursor have taken the job's tick, the others have not; a
/// window whose turn comes in the job of its own first tick is begun there. A tick that comes early does not wait for jobs:
/// only its own window is brought to date, alone, and jobs leave out what has completed meanwhile. So a tick does at most T steps
/// of one window, however far behind the jobs are, and a job whose windows have all completed is never done.
/// A window is only ever advanced step by step through its own ticks, so the bits depend on none of this.
/// </remarks>
internal sealed unsafe class LstmWindows : LstmSequencer
{
    private readonly NativeBuffer<Progress> _progress;
    private readonly int _windowFloats;
    private readonly int _tickFloats;
    private readonly int _preparedAt;
    private readonly int _ticksAt;

    /// <summary>Where one instrument stands.</summary>
    private struct Progress
    {
        /// <summary>n: ticks seen.</summary>
        public long Ticks;

        /// <summary>The tick that windows are being advanced by.</summary>
        public long Job;

        /// <summary>Windows before this one have taken the job's tick.</summary>
        public long Cursor;

        /// <summary>One more than the tick that the prepared step is for.</summary>
        public long Prepared;

        /// <summary>n mod T.</summary>
        public int At;
    }

    /// <param name="network">The network.</param>
    /// <param name="kernel">What computes. Not owned.</param>
    /// <param name="slots">Instruments.</param>
    public LstmWindows(LstmNetwork network, LstmKernel kernel, int slots)
        : base(network, kernel, FloatsOf(network), slots)
    {
        _windowFloats = kernel.WindowFloats;
        _tickFloats = LstmPacker.TickFloatsOf(network);
        _preparedAt = Steps * _windowFloats;
        _ticksAt = _preparedAt + kernel.PreparedFloats;
        _progress = new NativeBuffer<Progress>(slots);
    }

    /// <summary>Floats of one instrument's state: T windows, T ticks, one prepared step.</summary>
    public static int FloatsOf(LstmNetwork network) =>
        checked((network.Steps * (LstmPacker.WindowFloatsOf(network) + LstmPacker.TickFloatsOf(network))) + LstmPacker.PreparedFloatsOf(network));

    /// <inheritdoc/>
    public override TickOutcome Tick(int slot, ReadOnlySpan<float> row, out float output)
    {
        ref Progress p = ref _progress[slot];
        float* memory = Memory(slot);
        float* tick = TickOf(ref p, memory, p.Ticks);
        Take(row, tick);
        var outcome = TickOutcome.WarmingUp;
        output = float.NaN;
        if (p.Ticks >= Steps - 1)
        {
            outcome = TickOutcome.Ready;
            if (p.Prepared != p.Ticks + 1)
            {
                outcome = TickOutcome.Late;
                Prepare(LstmKernel, ref p, memory);
            }

            output = LstmKernel.Finish(Window(ref p, memory, p.Ticks - Steps + 1), memory + _preparedAt, tick);
        }

        p.Ticks++;
        p.At = p.At + 1 < Steps ? p.At + 1 : 0;
        return outcome;
    }

    /// <inheritdoc/>
    public override void MakeReady(int slot)
    {
        ref Progress p = ref _progress[slot];
        if (p.Ticks >= Steps - 1 && p.Prepared != p.Ticks + 1)
        {
            Prepare(BackgroundKernel, ref p, Memory(slot));
        }
    }

    /// <inheritdoc/>
    public override bool Advance(int slot)
    {
        ref Progress p = ref _progress[slot];
        float* memory = Memory(slot);

        // The oldest window that is still to be advanced; the one that is prepared is not.
        long oldest = Math.Max(0, p.Ticks - Steps + (p.Prepared == p.Ticks + 1 ? 2 : 1));
        if (p.Job < oldest)
        {
            p.Job = oldest;
            p.Cursor = oldest;
        }

        if (p.Job >= p.Ticks)
        {
            return false;
        }

        float** windows = stackalloc float*[LstmKernel.MaxGroup];
        long from = Math.Max(p.Cursor, oldest);
        int count = (int)Math.Min(BackgroundKernel.GroupSize, p.Job - from + 1);
        for (int i = 0; i < count; i++)
        {
            // SAFETY: the list has room for a group.
            windows[i] = Window(ref p, memory, from + i);
            if (from + i == p.Job)
            {
                BackgroundKernel.Begin(windows[i]);
            }
        }

        BackgroundKernel.StepGroup(windows, count, TickOf(ref p, memory, p.Job));
        p.Cursor = from + count;
        if (p.Cursor > p.Job)
        {
            p.Job++;
            p.Cursor = 0;
        }

        if (p.Job < p.Ticks)
        {
            return true;
        }

        if (p.Prepared == p.Ticks + 1)
        {
            BackgroundKernel.Fetch(Window(ref p, memory, p.Ticks - Steps + 1), memory + _preparedAt);
        }

        return false;
    }

    /// <inheritdoc/>
    public override void Clear(int count) => _progress.Span[..count].Clear();

    /// <inheritdoc/>
    public override void Dispose()
    {
        _progress.Dispose();
        base.Dispose();
    }

    // Brings the window that the next tick completes to date and prepares its last step.
    private void Prepare(LstmKernel kernel, ref Progress p, float* memory)
    {
        long start = p.Ticks - Steps + 1;
        float* window = Window(ref p, memory, start);
        long next = start < p.Cursor ? p.Job + 1 : p.Job;
        if (start >= p.Job && start >= p.Cursor)
        {
            kernel.Begin(window);
            next = start;
        }

        for (; next < p.Ticks; next++)
        {
            kernel.Step(window, TickOf(ref p, memory, next));
        }

        // SAFETY: a slot has room for a prepared step behind its windows.
        kernel.Prepare(window, memory + _preparedAt);
        p.Prepared = p.Ticks + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* Window(ref Progress p, float* memory, long start) =>
        // SAFETY: a slot has Steps windows.
        memory + ((nint)Position(ref p, start) * _windowFloats);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* TickOf(ref Progress p, float* memory, long tick) =>
        // SAFETY: a slot has Steps ticks behind its windows and its prepared step.
        memory + _ticksAt + ((nint)Position(ref p, tick) * _tickFloats);

    // Number mod T, of a number from n − T + 1 to n.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Position(ref Progress p, long number)
    {
        System.Diagnostics.Debug.Assert(number >= p.Ticks - Steps + 1 && number <= p.Ticks, "outside the ring");
        int at = p.At - (int)(p.Ticks - number);
        return at < 0 ? at + Steps : at;
    }
}
