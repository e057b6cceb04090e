using Engine.Core.Memory;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// One layer of a group of silos of equal shape, packed. For each silo, in order: the bias, then a row of weights for each
/// input; every row padded with zeros to whole registers. Offsets are in floats from the start of the arena.
/// </summary>
internal unsafe struct PackedLayer
{
    /// <summary>Bias and weights of the group's first silo; 64-byte aligned.</summary>
    public float* Weights;

    /// <summary>Where each silo's inputs are: one offset a silo, the inputs contiguous from there.</summary>
    public int* InputAt;

    /// <summary>Where each silo's outputs go: one offset a silo, room for <see cref="Stride"/> floats.</summary>
    public int* OutputAt;

    /// <summary>Inputs of one silo.</summary>
    public int Inputs;

    /// <summary>Outputs of one silo, padded to whole registers.</summary>
    public int Stride;

    /// <summary>Applied to each output.</summary>
    public Activation Activation;

    /// <summary>Floats of one silo's bias and weights.</summary>
    public readonly nint SiloFloats => (nint)(Inputs + 1) * Stride;
}

/// <summary>Hands out aligned pieces of native memory at load; frees all of them together.</summary>
internal sealed unsafe class PackedMemory : IDisposable
{
    private readonly List<IDisposable> _buffers = [];

    /// <summary>Zeroed floats, 64-byte aligned, with a register to spare behind them.</summary>
    // SAFETY: the memory lives until Dispose.
    public float* Floats(int count) => Keep(new NativeBuffer<float>(checked(count + 16))).Pointer;

    /// <summary>A copy of some integers.</summary>
    // SAFETY: the memory lives until Dispose.
    public int* Integers(ReadOnlySpan<int> values)
    {
        NativeBuffer<int> buffer = Keep(new NativeBuffer<int>(values.Length + 1));
        values.CopyTo(buffer.Span);
        return buffer.Pointer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable buffer in _buffers)
        {
            buffer.Dispose();
        }

        _buffers.Clear();
    }

    private NativeBuffer<T> Keep<T>(NativeBuffer<T> buffer)
        where T : unmanaged
    {
        _buffers.Add(buffer);
        return buffer;
    }
}

/// <summary>Silos of equal shape, computed side by side layer by layer.</summary>
internal sealed class SiloGroup
{
    /// <summary>The layers, first to last.</summary>
    public required PackedLayer[] Layers { get; init; }

    /// <summary>For each silo of the group: its index in the network.</summary>
    public required int[] Members { get; init; }
}
