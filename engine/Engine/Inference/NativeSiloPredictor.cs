using System.Runtime.CompilerServices;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;

namespace Engine.Inference;

/// <summary>
/// A silo network on our own kernels: the same bits on every instruction set. Of each instrument the last row and its embeddings
/// are kept, so that an event that touches few families costs less, with the same bits. Instruments that come when no memory is left
/// are computed in full, and counted.
/// </summary>
public sealed class NativeSiloPredictor : Predictor
{
    private readonly SiloKernel _kernel;
    private readonly InstrumentSlots _slots;
    private readonly bool _incremental;
    private long _unkept;
    private bool _disposed;

    /// <param name="network">What to run.</param>
    /// <param name="kernel">The instruction set.</param>
    /// <param name="incremental">Keep what can be kept; otherwise every silo of every row is computed.</param>
    /// <param name="limits">Instruments of the run, and of how many something is kept; null for one.</param>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    public NativeSiloPredictor(SiloNetwork network, Kernel kernel, bool incremental = true, EngineLimits? limits = null)
    {
        limits ??= new EngineLimits { Instruments = 1, SiloInstruments = 1 };
        _incremental = incremental;
        _kernel = SiloKernel.Create(network, kernel, incremental ? Math.Min(limits.SiloInstruments, limits.Instruments) : 0);
        _slots = new InstrumentSlots(limits.Instruments, _kernel.KeptInstruments);
        Kernel = KernelChoice.Name(kernel);
        FeatureCount = network.FeatureCount;
    }

    /// <inheritdoc/>
    public override string Kernel { get; }

    /// <inheritdoc/>
    public override int FeatureCount { get; }

    /// <inheritdoc/>
    public override long Unkept => _unkept;

    /// <summary>Silos whose embedding was computed, over all calls.</summary>
    public long SilosComputed => _kernel.SilosComputed;

    /// <summary>Whether few silos go in registers: <see cref="SiloKernel.IsChained"/>.</summary>
    internal bool IsChained => _kernel.IsChained;

    /// <summary>Most instruments of which something is kept.</summary>
    public int InstrumentLimit => _kernel.KeptInstruments;

    /// <summary>Bytes that are kept of one instrument.</summary>
    public long BytesPerInstrument => _kernel.KeptBytes;

    /// <inheritdoc/>
    public override long KeptBytes => InstrumentLimit * BytesPerInstrument;

    /// <inheritdoc/>
    public override float Predict(ReadOnlySpan<float> normalised) => Predict(0, normalised);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe float Predict(int instrument, ReadOnlySpan<float> normalised)
    {
        if (normalised.Length < FeatureCount || _disposed)
        {
            ThrowUnusable(normalised.Length, _disposed);
        }

        // SAFETY: the row is pinned for the call and has FeatureCount floats, which is all that the kernel reads.
        fixed (float* row = normalised)
        {
            return _kernel.Run(row, Slot(instrument));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe float PredictRaw(int instrument, ReadOnlySpan<float> row, Normaliser normaliser, Span<float> scratch, out int missing)
    {
        if (!normaliser.IsZScore)
        {
            return base.PredictRaw(instrument, row, normaliser, scratch, out missing);
        }

        if (row.Length < FeatureCount || _disposed)
        {
            ThrowUnusable(row.Length, _disposed);
        }

        // SAFETY: as above.
        fixed (float* raw = row)
        {
            return _kernel.Run(raw, Slot(instrument), normaliser, out missing);
        }
    }

    /// <inheritdoc/>
    public override void Forget()
    {
        _kernel.Reset();
        _slots.Clear();
        _unkept = 0;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        _kernel.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Slot(int instrument)
    {
        int slot = _slots.Find(instrument);
        if (slot < 0 && _incremental)
        {
            _unkept++;
        }

        return slot;
    }
}
