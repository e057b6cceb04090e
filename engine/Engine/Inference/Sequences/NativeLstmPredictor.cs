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
/// windows are to be advanced. Everything about one instrument lies in its slot, so that another thread could do it between
/// the ticks of that instrument.
/// </remarks>
public sealed class NativeLstmPredictor : SequencePredictor
{
    private readonly LstmKernel _kernel;
    private readonly LstmSequencer _sequencer;
    private readonly SlotQueue _unready;
    private readonly SlotQueue _behind;

    /// <param name="network">What to run.</param>
    /// <param name="kernel">The instruction set.</param>
    /// <param name="limits">Instruments of the run, and how many of them have a state; null for the usual ones.</param>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    public NativeLstmPredictor(LstmNetwork network, Kernel kernel, EngineLimits? limits = null)
        : this(network, LstmKernel.Create(network, kernel), limits ?? new EngineLimits())
    {
    }

    private NativeLstmPredictor(LstmNetwork network, LstmKernel kernel, EngineLimits limits)
        : base(network.FeatureCount, network.Steps, StateBytes(network, kernel), limits)
    {
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
    private protected override float Tick(int slot, ReadOnlySpan<float> normalised)
    {
        TickOutcome outcome = _sequencer.Tick(slot, normalised, out float output);
        if (outcome != TickOutcome.Ready)
        {
            LateBackground += outcome == TickOutcome.Late ? 1 : 0;
            WarmingUp += outcome == TickOutcome.WarmingUp ? 1 : 0;
        }

        _unready.Add(slot);
        _behind.Add(slot);
        return output;
    }

    /// <inheritdoc/>
    private protected override void Clear(int count)
    {
        _sequencer.Clear(count);
        _unready.Clear();
        _behind.Clear();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _sequencer.Dispose();
        _kernel.Dispose();
    }

    private static long StateBytes(LstmNetwork network, LstmKernel kernel) => sizeof(float) * (long)(network.Mode == SequenceMode.Streaming
        ? LstmStream.FloatsOf(kernel)
        : LstmWindows.FloatsOf(network, kernel));
}
