using Engine.Core.Memory;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;

namespace Engine.Inference.Sequences;

/// <summary>
/// An LSTM network on our own kernels: the same bits on every instruction set, and the same whether the background work was done
/// in time, late or in pieces.
/// </summary>
/// <remarks>
/// Background work goes in two queues: instruments that are to be made ready for their next tick come before any whose other
/// windows are to be advanced. Everything about one instrument lies in its slot, so that another thread can do it between
/// the ticks of that instrument (<see cref="MoveBackground"/>): it has a kernel of its own.
/// </remarks>
public sealed class NativeLstmPredictor : SequencePredictor
{
    private readonly LstmKernel _kernel;
    private readonly LstmSequencer _sequencer;
    private readonly SlotQueue _unready;
    private readonly SlotQueue _behind;
    private readonly LstmNetwork _network;
    private LstmKernel? _movedKernel;
    private LstmBackground? _moved;

    /// <param name="network">What to run.</param>
    /// <param name="kernel">The instruction set.</param>
    /// <param name="limits">Instruments of the run, and how many of them have a state; null for the usual ones.</param>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    public NativeLstmPredictor(LstmNetwork network, Kernel kernel, EngineLimits? limits = null)
        : this(network, LstmKernel.Create(network, kernel), limits ?? new EngineLimits())
    {
    }

    private NativeLstmPredictor(LstmNetwork network, LstmKernel kernel, EngineLimits limits)
        : base(network.FeatureCount, network.Steps, StateBytesOf(network), limits)
    {
        _network = network;
        _kernel = kernel;
        Kernel = KernelChoice.Name(kernel.Kernel);
        _sequencer = network.Mode == SequenceMode.Streaming
            ? new LstmStream(network, kernel, InstrumentLimit)
            : new LstmWindows(network, kernel, InstrumentLimit);
        _unready = new SlotQueue(InstrumentLimit);
        _behind = new SlotQueue(InstrumentLimit);
    }

    /// <inheritdoc/>
    public override string Kernel { get; }

    /// <inheritdoc/>
    public override bool Background()
    {
        if (_moved is { } moved)
        {
            for (; !_unready.IsEmpty; _unready.RemoveFirst())
            {
                moved.Give(_unready.First);
            }

            return false;
        }

        if (!_unready.IsEmpty)
        {
            _sequencer.MakeReady(_unready.First);
            _unready.RemoveFirst();
        }
        else if (!_behind.IsEmpty && !_sequencer.Advance(_behind.First))
        {
            _behind.RemoveFirst();
        }

        return !_unready.IsEmpty || !_behind.IsEmpty;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It has been moved already, or rows have been predicted.</exception>
    public override IReadOnlyList<BackgroundWork> MoveBackground()
    {
        if (_moved is not null || Instruments > 0)
        {
            throw new InvalidOperationException("Background work is moved once, before the first row.");
        }

        _movedKernel = LstmKernel.Create(_network, _kernel.Kernel);
        _sequencer.BackgroundKernel = _movedKernel;
        _moved = new LstmBackground(_sequencer, InstrumentLimit);
        return [_moved];
    }

    /// <inheritdoc/>
    private protected override float Tick(int slot, ReadOnlySpan<float> normalised)
    {
        bool hasWaited = _moved is { } moved && moved.Take(slot);
        TickOutcome outcome = _sequencer.Tick(slot, normalised, out float output);
        if (outcome != TickOutcome.Ready || hasWaited)
        {
            LateBackground += outcome != TickOutcome.WarmingUp ? 1 : 0;
            WarmingUp += outcome == TickOutcome.WarmingUp ? 1 : 0;
        }

        _unready.Add(slot);
        if (_moved is null)
        {
            _behind.Add(slot);
        }

        return output;
    }

    /// <inheritdoc/>
    private protected override void Clear(int count)
    {
        if (_moved is not null)
        {
            throw new InvalidOperationException("Another thread works on what a reset would forget.");
        }

        _sequencer.Clear(count);
        _unready.Clear();
        _behind.Clear();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _moved?.Dispose();
        _movedKernel?.Dispose();
        _sequencer.Dispose();
        _kernel.Dispose();
    }

    /// <summary>What one instrument of a network counts.</summary>
    internal static long StateBytesOf(LstmNetwork network) => network.Mode == SequenceMode.Streaming
        ? sizeof(float) * (long)LstmStream.FloatsOf(network)
        : Math.Max(sizeof(float) * (long)LstmWindows.FloatsOf(network), RowBytes(network.Steps, network.FeatureCount));
}
