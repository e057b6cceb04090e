using System.Runtime.CompilerServices;

namespace Engine.Inference.Kernels;

/// <summary>The sums of a layer that fit in a few registers, and stay there while other work goes on around them.</summary>
/// <remarks>SAFETY, for all of it: rows and outputs have as many floats as the sums.</remarks>
internal unsafe interface IHeadSums<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Starts from the bias.</summary>
    void Load(float* bias);

    /// <summary>Takes an input.</summary>
    /// <param name="input">The input in each lane.</param>
    /// <param name="row">Its weights.</param>
    void Add(TVector input, float* row);

    /// <summary>Replaces negative sums by 0.</summary>
    void Relu();

    /// <summary>Writes the sums.</summary>
    void Store(float* output);
}

/// <summary>One register of sums.</summary>
internal unsafe struct OneSum<TLanes, TVector> : IHeadSums<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    // SAFETY: as said above.
    private TVector _sum;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(float* bias) => _sum = TLanes.Load(bias);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(TVector input, float* row) => _sum = TLanes.FusedMultiplyAdd(input, TLanes.Load(row), _sum);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Relu() => _sum = Activations<TLanes, TVector>.Relu(_sum);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* output) => TLanes.Store(output, _sum);
}

/// <summary>Two registers of sums.</summary>
internal unsafe struct TwoSums<TLanes, TVector> : IHeadSums<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    // SAFETY: as said above.
    private TVector _first;
    private TVector _second;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(float* bias)
    {
        _first = TLanes.Load(bias);
        _second = TLanes.Load(bias + TLanes.Count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(TVector input, float* row)
    {
        _first = TLanes.FusedMultiplyAdd(input, TLanes.Load(row), _first);
        _second = TLanes.FusedMultiplyAdd(input, TLanes.Load(row + TLanes.Count), _second);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Relu()
    {
        _first = Activations<TLanes, TVector>.Relu(_first);
        _second = Activations<TLanes, TVector>.Relu(_second);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* output)
    {
        TLanes.Store(output, _first);
        TLanes.Store(output + TLanes.Count, _second);
    }
}

/// <summary>Four registers of sums.</summary>
internal unsafe struct FourSums<TLanes, TVector> : IHeadSums<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    // SAFETY: as said above.
    private TVector _first;
    private TVector _second;
    private TVector _third;
    private TVector _fourth;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(float* bias)
    {
        _first = TLanes.Load(bias);
        _second = TLanes.Load(bias + TLanes.Count);
        _third = TLanes.Load(bias + (2 * TLanes.Count));
        _fourth = TLanes.Load(bias + (3 * TLanes.Count));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(TVector input, float* row)
    {
        _first = TLanes.FusedMultiplyAdd(input, TLanes.Load(row), _first);
        _second = TLanes.FusedMultiplyAdd(input, TLanes.Load(row + TLanes.Count), _second);
        _third = TLanes.FusedMultiplyAdd(input, TLanes.Load(row + (2 * TLanes.Count)), _third);
        _fourth = TLanes.FusedMultiplyAdd(input, TLanes.Load(row + (3 * TLanes.Count)), _fourth);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Relu()
    {
        _first = Activations<TLanes, TVector>.Relu(_first);
        _second = Activations<TLanes, TVector>.Relu(_second);
        _third = Activations<TLanes, TVector>.Relu(_third);
        _fourth = Activations<TLanes, TVector>.Relu(_fourth);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* output)
    {
        TLanes.Store(output, _first);
        TLanes.Store(output + TLanes.Count, _second);
        TLanes.Store(output + (2 * TLanes.Count), _third);
        TLanes.Store(output + (3 * TLanes.Count), _fourth);
    }
}
