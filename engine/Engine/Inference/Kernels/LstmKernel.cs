using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// An LSTM network packed for one instruction set: the pieces of work that windows and carried states are made of. A window is
/// <see cref="WindowFloats"/> floats of the caller's, a tick <see cref="Inputs"/>. Not thread-safe: it owns its scratch memory.
/// </summary>
/// <remarks>
/// A step is <see cref="Prepare"/> (of every layer the bias and the recurrent part of the sums, which the tick has no say in)
/// and the rest; <see cref="Step"/>, <see cref="StepGroup"/> and <see cref="Finish"/> add the same numbers in the same order,
/// so that the bits do not depend on which of them ran. Of a second layer the recurrent part can be prepared too; its inputs,
/// the hidden states of the first, are of the tick.
/// </remarks>
internal abstract unsafe class LstmKernel : IDisposable
{
    /// <summary>Most windows of a group.</summary>
    public const int MaxGroup = 6;

    // SAFETY: callers of what takes addresses pass windows, ticks and prepared steps of the sizes below.

    /// <summary>Which instruction set.</summary>
    public abstract Kernel Kernel { get; }

    /// <summary>Numbers of a tick.</summary>
    public abstract int Inputs { get; }

    /// <summary>Floats of a window, a multiple of a cache line's.</summary>
    public abstract int WindowFloats { get; }

    /// <summary>Floats of a prepared step, a multiple of a cache line's.</summary>
    public abstract int PreparedFloats { get; }

    /// <summary>Windows that <see cref="StepGroup"/> takes, at most <see cref="MaxGroup"/>.</summary>
    public abstract int GroupSize { get; }

    /// <summary>Packs a network for a kernel.</summary>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    public static LstmKernel Create(LstmNetwork network, Kernel kernel)
    {
        if (!KernelChoice.IsSupported(kernel))
        {
            throw new KernelUnavailableException($"Kernel {KernelChoice.Name(kernel)} cannot run here; the best is {KernelChoice.Name(KernelChoice.Best)}.");
        }

        return kernel switch
        {
            Kernel.Avx512 => new LstmAvx512(network),
            Kernel.Avx2 => new LstmAvx2(network),
            _ => new LstmScalar(network),
        };
    }

    /// <summary>Puts a window before its first step.</summary>
    public abstract void Begin(float* window);

    /// <summary>One step of one window.</summary>
    public abstract void Step(float* window, float* tick);

    /// <summary>One step of up to <see cref="GroupSize"/> different windows: the weights are read once for all of them.</summary>
    /// <param name="windows">A list with room for <see cref="GroupSize"/> pointers; those beyond the count are overwritten.</param>
    /// <param name="count">Windows.</param>
    /// <param name="tick">The numbers of the tick, the same for all.</param>
    public abstract void StepGroup(float** windows, int count, float* tick);

    /// <summary>The part of a window's next step that is known before the tick.</summary>
    /// <param name="window">Unchanged.</param>
    /// <param name="prepared">Filled.</param>
    public abstract void Prepare(float* window, float* prepared);

    /// <summary>The rest of a prepared step, and the head.</summary>
    /// <param name="window">As it was when it was prepared. Unchanged.</param>
    /// <param name="prepared">What <see cref="Prepare"/> made of it.</param>
    /// <param name="tick">The numbers of the tick.</param>
    /// <returns>The output; NaN has one pattern and zero is +0.</returns>
    public abstract float Finish(float* window, float* prepared, float* tick);

    /// <summary>Asks the processor for what <see cref="Finish"/> will read, which the work after a tick has driven out of its nearest cache.</summary>
    /// <param name="window">The window that the next tick finishes.</param>
    /// <param name="prepared">What was prepared of it.</param>
    public abstract void Fetch(float* window, float* prepared);

    /// <summary>Copies the state after the last <see cref="Finish"/> to a window.</summary>
    public abstract void Keep(float* window);

    /// <inheritdoc/>
    public abstract void Dispose();
}
