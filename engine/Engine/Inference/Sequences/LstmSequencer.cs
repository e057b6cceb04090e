using System.Runtime.Intrinsics;
using Engine.Core.Memory;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;

namespace Engine.Inference.Sequences;

/// <summary>How the ticks of an instrument become steps of an LSTM; a slot has the state of one instrument.</summary>
internal abstract unsafe class LstmSequencer : IDisposable
{
    private readonly NativeBuffer<float> _memory;
    private readonly int[] _features;
    private readonly bool _isContiguous;

    /// <param name="network">The network; its features are picked from each row.</param>
    /// <param name="kernel">What computes. Not owned.</param>
    /// <param name="slotFloats">Floats of one slot.</param>
    /// <param name="slots">Slots.</param>
    protected LstmSequencer(LstmNetwork network, LstmKernel kernel, int slotFloats, int slots)
    {
        LstmKernel = kernel;
        BackgroundKernel = kernel;
        Steps = network.Steps;
        SlotFloats = slotFloats;
        _features = [.. network.Features];
        _isContiguous = _features.Select((f, i) => f - i).Distinct().Count() == 1;
        _memory = new NativeBuffer<float>(checked(slots * slotFloats));

        // Every page is there before the first tick.
        _memory.Span.Clear();
    }

    /// <summary>T.</summary>
    protected int Steps { get; }

    /// <summary>What computes.</summary>
    protected LstmKernel LstmKernel { get; }

    /// <summary>
    /// What computes in <see cref="MakeReady"/> and <see cref="Advance"/>: the same, or one of another thread's own that calls these two
    /// for slots that no other thread touches meanwhile. Not owned.
    /// </summary>
    public LstmKernel BackgroundKernel { get; set; }

    /// <summary>Floats of one slot.</summary>
    protected int SlotFloats { get; }

    /// <summary>A slot's memory.</summary>
    // SAFETY: slots are below the count that the memory was made for.
    protected float* Memory(int slot) => _memory.Pointer + ((nint)slot * SlotFloats);

    /// <summary>Takes a tick.</summary>
    /// <param name="slot">Whose.</param>
    /// <param name="row">The features of the row.</param>
    /// <param name="output">The prediction; NaN while warming up.</param>
    /// <returns>What to count.</returns>
    public abstract TickOutcome Tick(int slot, ReadOnlySpan<float> row, out float output);

    /// <summary>Makes a slot ready for its next tick, if it is not.</summary>
    public abstract void MakeReady(int slot);

    /// <summary>Does a piece of the rest of a slot's background work; whether any of it is left.</summary>
    public abstract bool Advance(int slot);

    /// <summary>Puts the first slots back to before their first tick.</summary>
    public abstract void Clear(int count);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        _memory.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Picks the features of a tick from a row; NaN gets its one pattern.</summary>
    protected void Take(ReadOnlySpan<float> row, float* tick)
    {
        int[] features = _features;
        int i = 0;
        if (_isContiguous)
        {
            // SAFETY: a tick has room for all features, and the slice has as many.
            ReadOnlySpan<float> picked = row.Slice(features[0], features.Length);
            for (; i + Vector128<float>.Count <= picked.Length; i += Vector128<float>.Count)
            {
                var values = Vector128.Create(picked.Slice(i, Vector128<float>.Count));
                Vector128.ConditionalSelect(Vector128.Equals(values, values), values, Vector128.Create(float.NaN)).Store(tick + i);
            }
        }

        for (; i < features.Length; i++)
        {
            // SAFETY: as above.
            float value = row[features[i]];
            tick[i] = float.IsNaN(value) ? float.NaN : value;
        }
    }
}

/// <summary>What a tick found.</summary>
internal enum TickOutcome
{
    /// <summary>All was ready.</summary>
    Ready,

    /// <summary>Work that the background had not done came first.</summary>
    Late,

    /// <summary>There is no prediction yet.</summary>
    WarmingUp,
}
