using Engine.Core.Memory;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>Where one layer of one silo reads and writes.</summary>
internal unsafe struct SiloSlot
{
    /// <summary>The bias, then a row of weights for each input; every row Stride floats, padded with zeros.</summary>
    public float* Weights;

    /// <summary>The inputs, contiguous, in the arena.</summary>
    public float* Input;

    /// <summary>Room for Stride outputs in the arena.</summary>
    public float* Output;
}

/// <summary>One layer of a group of silos of equal shape, packed.</summary>
internal unsafe struct PackedLayer
{
    /// <summary>One for each silo of the group.</summary>
    public SiloSlot* Slots;

    /// <summary>Inputs of one silo.</summary>
    public int Inputs;

    /// <summary>Outputs of one silo, padded to whole registers.</summary>
    public int Stride;

    /// <summary>Applied to each output.</summary>
    public Activation Activation;
}

/// <summary>Hands out aligned pieces of native memory at load; frees all of them together.</summary>
internal sealed unsafe class PackedMemory : IDisposable
{
    private readonly List<IDisposable> _buffers = [];

    /// <summary>Zeroed floats, 64-byte aligned, with a register to spare behind them.</summary>
    // SAFETY: the memory lives until Dispose.
    public float* Floats(int count) => Keep(new NativeBuffer<float>(checked(count + 16))).Pointer;

    /// <summary>Room for slots.</summary>
    // SAFETY: the memory lives until Dispose.
    public SiloSlot* Slots(int count) => Keep(new NativeBuffer<SiloSlot>(count)).Pointer;

    /// <summary>Zeroed bytes, 64-byte aligned.</summary>
    // SAFETY: the memory lives until Dispose.
    public byte* Bytes(int count) => Keep(new NativeBuffer<byte>(count)).Pointer;

    /// <summary>Zeroed words of bits.</summary>
    // SAFETY: the memory lives until Dispose.
    public ulong* Words(int count) => Keep(new NativeBuffer<ulong>(count)).Pointer;

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

    /// <summary>Width of an embedding.</summary>
    public required int Embedding { get; init; }
}
