using Engine.Features;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>A silo network packed for one instruction set. Not thread-safe: it owns its scratch memory.</summary>
internal abstract unsafe class SiloKernel : IDisposable
{
    /// <summary>Which instruction set.</summary>
    public abstract Kernel Kernel { get; }

    /// <summary>Features of a row.</summary>
    public abstract int FeatureCount { get; }

    /// <summary>Silos whose embedding was computed, over all calls.</summary>
    public abstract long SilosComputed { get; }

    /// <summary>Whether every layer fits a register, so that few silos go from their inputs to their embedding in registers.</summary>
    public abstract bool IsChained { get; }

    /// <summary>Instruments of which a row and its embeddings can be kept.</summary>
    public abstract int KeptInstruments { get; }

    /// <summary>Bytes that are kept of an instrument.</summary>
    public abstract long KeptBytes { get; }

    /// <summary>Packs a network for a kernel.</summary>
    /// <param name="network">What to run.</param>
    /// <param name="kernel">The instruction set.</param>
    /// <param name="instruments">Of how many instruments rows and embeddings are kept; 0 computes every silo of every row.</param>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    public static SiloKernel Create(SiloNetwork network, Kernel kernel, int instruments)
    {
        if (!KernelChoice.IsSupported(kernel))
        {
            throw new KernelUnavailableException($"Kernel {KernelChoice.Name(kernel)} cannot run here; the best is {KernelChoice.Name(KernelChoice.Best)}.");
        }

        return kernel switch
        {
            Kernel.Avx512 => new SiloAvx512(network, instruments),
            Kernel.Avx2 => new SiloAvx2(network, instruments),
            _ => new SiloScalar(network, instruments),
        };
    }

    /// <summary>Computes the output for one row.</summary>
    /// <param name="row"><see cref="FeatureCount"/> normalised features.</param>
    /// <param name="slot">Whose row before it is compared with, below <see cref="KeptInstruments"/>; −1 computes every silo.</param>
    // SAFETY: implementations read FeatureCount floats from row and nothing beyond.
    public abstract float Run(float* row, int slot);

    /// <summary>Computes the output for one raw row.</summary>
    /// <param name="row"><see cref="FeatureCount"/> features.</param>
    /// <param name="slot">As for <see cref="Run(float*, int)"/>.</param>
    /// <param name="normaliser">Normalises the row, and counts what is NaN or infinite.</param>
    /// <param name="missing">How many features are.</param>
    // SAFETY: as for the normalised row.
    public abstract float Run(float* row, int slot, Normaliser normaliser, out int missing);

    /// <summary>Forgets all rows, so that each instrument's next one computes every silo.</summary>
    public abstract void Reset();

    /// <inheritdoc/>
    public abstract void Dispose();
}
