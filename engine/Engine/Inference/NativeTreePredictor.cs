using System.Runtime.CompilerServices;
using Engine.Inference.Networks;
using Engine.Inference.Trees;

namespace Engine.Inference;

/// <summary>A tree ensemble on our own kernels: the same bits on every instruction set.</summary>
public sealed class NativeTreePredictor : Predictor
{
    private readonly TreeKernel _kernel;
    private bool _disposed;

    /// <param name="ensemble">What to run.</param>
    /// <param name="kernel">The instruction set.</param>
    /// <exception cref="ArgumentException">The ensemble does not fit the kernel's limits.</exception>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    public NativeTreePredictor(TreeEnsemble ensemble, Kernel kernel)
    {
        _kernel = TreeKernel.Create(ensemble, kernel);
        Kernel = KernelChoice.Name(kernel);
        FeatureCount = ensemble.FeatureCount;
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
