using System.Runtime.Intrinsics;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>A chain of dense stages packed for one instruction set. Not thread-safe: it owns its scratch memory.</summary>
internal abstract unsafe class DenseKernel : IDisposable
{
    /// <summary>Packs a network for a kernel.</summary>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    public static DenseKernel Create(DenseNetwork network, Kernel kernel)
    {
        if (!KernelChoice.IsSupported(kernel))
        {
            throw new KernelUnavailableException($"Kernel {KernelChoice.Name(kernel)} cannot run here; the best is {KernelChoice.Name(KernelChoice.Best)}.");
        }

        return kernel switch
        {
            Kernel.Avx512 => new DenseRunner<LanesAvx512, Vector512<float>>(network),
            Kernel.Avx2 => new DenseRunner<LanesAvx2, Vector256<float>>(network),
            _ => new DenseRunner<LanesScalar, float>(network),
        };
    }

    /// <summary>Computes the output for one row.</summary>
    /// <param name="row">The network's features, normalised.</param>
    // SAFETY: implementations read the network's FeatureCount floats from row and nothing beyond.
    public abstract float Run(float* row);

    /// <inheritdoc/>
    public abstract void Dispose();
}
