using Engine.Core.Numerics;
using Engine.Fuzz.Memory;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>A target whose cases are inputs on their own, each placed against a guard page.</summary>
internal abstract unsafe class InputTarget : IFuzzTarget
{
    /// <summary>Most bytes of an input.</summary>
    protected const int MaxInput = 16 * GuardedMemory.PageSize;

    private readonly GuardedMemory _memory = new(MaxInput);
    private readonly byte[] _input = new byte[MaxInput];

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public virtual int CasesPerBatch => 1_024;

    /// <inheritdoc/>
    public virtual int Weight => 1;

    /// <inheritdoc/>
    public void Run(FuzzBatch batch)
    {
        Begin();
        for (int i = 0; i < batch.Count; i++)
        {
            batch.Begin(i);
            int length = Generate(batch.Random, _input);

            // SAFETY: the input lies in the guarded memory, which lives as long as the target.
            Try(_memory.Place(_input.AsSpan(0, length), batch.Random.Chance(0.2)), length, batch);
        }
    }

    /// <summary>A batch begins.</summary>
    protected virtual void Begin()
    {
    }

    /// <summary>Writes an input.</summary>
    /// <returns>Its bytes.</returns>
    protected abstract int Generate(SeededRandom random, Span<byte> input);

    // SAFETY: implementations get length readable bytes and nothing more.
    /// <summary>Gives an input to what is tested.</summary>
    protected abstract void Try(byte* input, int length, FuzzBatch batch);
}
