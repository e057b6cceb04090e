using System.Runtime.CompilerServices;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;

namespace Engine.Inference;

/// <summary>A chain of dense layers on our own kernels: the same bits on every instruction set.</summary>
public sealed class NativeDensePredictor : Predictor
{
    private readonly DenseKernel _kernel;
    private bool _disposed;

    /// <param name="network">What to run.</param>
    /// <param name="kernel">The instruction set.</param>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    public NativeDensePredictor(DenseNetwork network, Kernel kernel)
    {
        _kernel = DenseKernel.Create(network, kernel);
        Kernel = KernelChoice.Name(kernel);
        FeatureCount = network.FeatureCount;
    }

    /// <inheritdoc/>
    public override string Kernel { get; }

    /// <inheritdoc/>
    public override int FeatureCount { get; }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe float Predict(ReadOnlySpan<float> normalised)
    {
        if (normalised.Length < FeatureCount || _disposed)
        {
            ThrowUnusable(normalised.Length, _disposed);
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
}
