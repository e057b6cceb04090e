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

    /// <summary>Packs a network for a kernel.</summary>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    public static SiloKernel Create(SiloNetwork network, Kernel kernel, bool incremental)
    {
        if (!KernelChoice.IsSupported(kernel))
        {
            throw new KernelUnavailableException($"Kernel {KernelChoice.Name(kernel)} cannot run here; the best is {KernelChoice.Name(KernelChoice.Best)}.");
        }

        return kernel switch
        {
            Kernel.Avx512 => new SiloAvx512(network, incremental),
            Kernel.Avx2 => new SiloAvx2(network, incremental),
            _ => new SiloScalar(network, incremental),
        };
    }

    /// <summary>Computes the output for one row.</summary>
    /// <param name="row"><see cref="FeatureCount"/> normalised features.</param>
    // SAFETY: implementations read FeatureCount floats from row and nothing beyond.
    public abstract float Run(float* row);

    /// <summary>Forgets the row before, so that the next one computes every silo.</summary>
    public abstract void Reset();

    /// <inheritdoc/>
    public abstract void Dispose();
}
