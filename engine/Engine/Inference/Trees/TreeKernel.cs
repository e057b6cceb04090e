using Engine.Inference.Networks;

namespace Engine.Inference.Trees;

/// <summary>An ensemble packed for one instruction set. Not thread-safe: it owns its scratch memory.</summary>
internal abstract unsafe class TreeKernel : IDisposable
{
    /// <summary>Packs an ensemble for a kernel.</summary>
    /// <exception cref="ArgumentException">The ensemble does not fit the layout's limits.</exception>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    public static TreeKernel Create(TreeEnsemble ensemble, Kernel kernel)
    {
        if (!KernelChoice.IsSupported(kernel))
        {
            throw new KernelUnavailableException($"Kernel {KernelChoice.Name(kernel)} cannot run here; the best is {KernelChoice.Name(KernelChoice.Best)}.");
        }

        return ensemble.Aggregate switch
        {
            TreeAggregate.Min => Create<TreeMin>(ensemble, kernel),
            TreeAggregate.Max => Create<TreeMax>(ensemble, kernel),
            _ => Create<TreeSum>(ensemble, kernel),
        };
    }

    /// <summary>Computes the output for one row.</summary>
    /// <param name="row">As many features as the ensemble reads.</param>
    // SAFETY: implementations read the ensemble's features from row and nothing beyond.
    public abstract float Run(float* row);

    /// <inheritdoc/>
    public abstract void Dispose();

    private static TreeKernel Create<TFold>(TreeEnsemble ensemble, Kernel kernel)
        where TFold : struct, ITreeFold => kernel switch
        {
            Kernel.Avx512 when TreeWalkVbmi.IsSupported => new TreeRunner<TreeRanksAvx512, TreeWalkVbmi, TFold>(ensemble),
            Kernel.Avx512 => new TreeRunner<TreeRanksAvx512, TreeWalkScalar, TFold>(ensemble),
            Kernel.Avx2 => new TreeRunner<TreeRanksAvx2, TreeWalkScalar, TFold>(ensemble),
            _ => new TreeRunner<TreeRanksScalar, TreeWalkScalar, TFold>(ensemble),
        };
}
