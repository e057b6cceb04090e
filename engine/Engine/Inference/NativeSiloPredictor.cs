using System.Runtime.CompilerServices;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;

namespace Engine.Inference;

/// <summary>A silo network on our own kernels: the same bits on every instruction set.</summary>
public sealed class NativeSiloPredictor : Predictor
{
    private readonly SiloKernel _kernel;
    private bool _disposed;

    /// <param name="network">What to run.</param>
    /// <param name="kernel">The instruction set.</param>
    /// <param name="incremental">
    /// Keep the embeddings of silos none of whose inputs changed since the row before: the same bits for less work where an
    /// event touches few families.
    /// </param>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    public NativeSiloPredictor(SiloNetwork network, Kernel kernel, bool incremental = true)
    {
        _kernel = SiloKernel.Create(network, kernel, incremental);
        Kernel = KernelChoice.Name(kernel);
        FeatureCount = network.FeatureCount;
    }

    /// <inheritdoc/>
    public override string Kernel { get; }

    /// <inheritdoc/>
    public override int FeatureCount { get; }

    /// <summary>Silos whose embedding was computed, over all calls.</summary>
    public long SilosComputed => _kernel.SilosComputed;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe float Predict(ReadOnlySpan<float> normalised)
    {
        if (normalised.Length < FeatureCount || _disposed)
        {
            ThrowUnusable(normalised.Length);
        }

        // SAFETY: the row is pinned for the call and has FeatureCount floats, which is all that the kernel reads.
        fixed (float* row = normalised)
        {
            return _kernel.Run(row);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        _kernel.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowUnusable(int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        throw new ArgumentException($"A row of {length} features for a model of {FeatureCount}.");
    }
}
