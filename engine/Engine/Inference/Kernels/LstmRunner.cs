using System.Runtime.CompilerServices;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>Runs a packed LSTM network: the work behind the ticks.</summary>
internal unsafe partial class LstmRunner<TLanes, TVector> : LstmKernel
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    // Six windows' sums fill the registers of instruction sets with more lanes than this, three those of the others.
    private const int FewLanes = 8;

    private readonly PackedMemory _memory = new();
    private readonly PackedLstm[] _layers;
    private readonly PackedLayer[] _head;
    private readonly float* _initial;
    private readonly float* _last;
    private readonly float* _sums;
    private readonly float* _spares;
    private readonly int _windowFloats;
    private readonly int _sumFloats;
    private readonly int _headRegisters;

    /// <param name="network">What to run.</param>
    /// <param name="kernel">The name of <typeparamref name="TLanes"/>.</param>
    protected LstmRunner(LstmNetwork network, Kernel kernel)
    {
        LstmPacker packed = LstmPacker.Pack(network, TLanes.Count, _memory);
        Kernel = kernel;
        _layers = packed.Layers;
        _head = packed.Head;
        _initial = packed.Initial;
        _last = packed.Last;
        _windowFloats = packed.WindowFloats;
        _sumFloats = packed.SumFloats;
        PreparedFloats = packed.PreparedFloats;
        _headRegisters = HeadRegisters(in _head[0]);
        _sums = _memory.Floats(checked(GroupSize * _sumFloats));
        _spares = _memory.Floats(checked(GroupSize * _windowFloats));
    }

    /// <inheritdoc/>
    public sealed override Kernel Kernel { get; }

    /// <inheritdoc/>
    public sealed override int Inputs => _layers[0].Inputs;

    /// <inheritdoc/>
    public sealed override int WindowFloats => _windowFloats;

    /// <inheritdoc/>
    public sealed override int PreparedFloats { get; }

    /// <inheritdoc/>
    public sealed override int GroupSize => TLanes.Count > FewLanes ? MaxGroup : MaxGroup / 2;

    /// <inheritdoc/>
    // SAFETY: both are windows.
    public sealed override void Begin(float* window) => new Span<float>(_initial, _windowFloats).CopyTo(new Span<float>(window, _windowFloats));

    /// <inheritdoc/>
    // SAFETY: both are windows.
    public sealed override void Keep(float* window) => new Span<float>(_last, _windowFloats).CopyTo(new Span<float>(window, _windowFloats));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override void Step(float* window, float* tick)
    {
        // SAFETY: the sums have room for any layer.
        float* inputs = tick;
        foreach (ref readonly PackedLstm layer in _layers.AsSpan())
        {
            PrepareLayer(in layer, window, _sums);
            Rest(in layer, _sums, inputs, window, window);
            inputs = window + layer.HiddenAt;
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override void StepGroup(float** windows, int count, float* tick)
    {
        // SAFETY: the list has room for GroupSize pointers, the spare windows and sums are as many.
        int size = GroupSize;
        if (3 * count <= size)
        {
            // So few are done sooner one by one.
            for (int i = 0; i < count; i++)
            {
                Step(windows[i], tick);
            }

            return;
        }

        for (int i = count; i < size; i++)
        {
            windows[i] = _spares + ((nint)i * _windowFloats);
        }

        float** hidden = stackalloc float*[MaxGroup];
        float** inputs = stackalloc float*[MaxGroup];
        for (int i = 0; i < size; i++)
        {
            inputs[i] = tick;
        }

        foreach (ref readonly PackedLstm layer in _layers.AsSpan())
        {
            for (int i = 0; i < size; i++)
            {
                hidden[i] = windows[i] + layer.HiddenAt;
            }

            GroupSums(in layer, hidden, inputs);
            for (int i = 0; i < count; i++)
            {
                float* cell = windows[i] + layer.CellAt;
                LstmBlocks<TLanes, TVector>.Gates(_sums + ((nint)i * _sumFloats), cell, cell, hidden[i], layer.Blocks);
                inputs[i] = hidden[i];
            }

            for (int i = count; i < size; i++)
            {
                inputs[i] = hidden[i];
            }
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override void Prepare(float* window, float* prepared)
    {
        foreach (ref readonly PackedLstm layer in _layers.AsSpan())
        {
            PrepareLayer(in layer, window, prepared + layer.PreparedAt);
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public sealed override void Dispose()
    {
        _memory.Dispose();
        GC.SuppressFinalize(this);
    }

    private static void PrepareLayer(ref readonly PackedLstm layer, float* window, float* sums) =>
        // SAFETY: the weights of a block begin with the bias, then come the rows of the recurrent part.
        LstmBlocks<TLanes, TVector>.Sum(
            layer.Weights, layer.BlockFloats, sums, layer.Weights + LstmBlocks<TLanes, TVector>.RowFloats, layer.BlockFloats, layer.Blocks,
            window + layer.HiddenAt, layer.Units);

    private void Rest(ref readonly PackedLstm layer, float* prepared, float* inputs, float* window, float* next)
    {
        // SAFETY: behind the bias and the recurrent part come the rows of the inputs.
        int row = LstmBlocks<TLanes, TVector>.RowFloats;
        LstmBlocks<TLanes, TVector>.Sum(
            prepared, row, _sums, layer.Weights + ((nint)(1 + layer.Units) * row), layer.BlockFloats, layer.Blocks, inputs, layer.Inputs);
        LstmBlocks<TLanes, TVector>.Gates(_sums, window + layer.CellAt, next + layer.CellAt, next + layer.HiddenAt, layer.Blocks);
    }

    private void GroupSums(ref readonly PackedLstm layer, float** hidden, float** inputs)
    {
        // SAFETY: the lists have GroupSize pointers, and there are as many sums.
        for (int b = 0; b < layer.Blocks; b++)
        {
            float* weights = layer.Weights + ((nint)b * layer.BlockFloats);
            float* to = _sums + (b * LstmBlocks<TLanes, TVector>.RowFloats);
            if (TLanes.Count > FewLanes)
            {
                LstmBlocks<TLanes, TVector>.SixWindows(weights, hidden, layer.Units, inputs, layer.Inputs, to, _sumFloats);
            }
            else
            {
                LstmBlocks<TLanes, TVector>.ThreeWindows(weights, hidden, layer.Units, inputs, layer.Inputs, to, _sumFloats);
            }
        }
    }
}
