using System.Runtime.CompilerServices;

namespace Engine.Inference.Kernels;

/// <summary>The four sums of one block of units.</summary>
/// <remarks>SAFETY, for all of it: as for LstmBlocks.</remarks>
internal unsafe struct GateSums<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    // SAFETY: as said above.
    /// <summary>Input gates.</summary>
    public TVector I;

    /// <summary>Output gates.</summary>
    public TVector O;

    /// <summary>Forget gates.</summary>
    public TVector F;

    /// <summary>Candidates for the cell state.</summary>
    public TVector G;

    /// <summary>Starts from sums, or from the bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(float* from)
    {
        I = TLanes.Load(from);
        O = TLanes.Load(from + TLanes.Count);
        F = TLanes.Load(from + (2 * TLanes.Count));
        G = TLanes.Load(from + (3 * TLanes.Count));
    }

    /// <summary>Takes inputs in order.</summary>
    /// <param name="row">The weights of the first.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="count">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float* row, float* inputs, nint count)
    {
        for (nint k = 0; k < count; k++)
        {
            Add(row, TLanes.BroadcastFrom(inputs + k));
            row += 4 * TLanes.Count;
        }
    }

    /// <summary>Takes one input, in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float* row, TVector input)
    {
        I = TLanes.FusedMultiplyAdd(input, TLanes.Load(row), I);
        O = TLanes.FusedMultiplyAdd(input, TLanes.Load(row + TLanes.Count), O);
        F = TLanes.FusedMultiplyAdd(input, TLanes.Load(row + (2 * TLanes.Count)), F);
        G = TLanes.FusedMultiplyAdd(input, TLanes.Load(row + (3 * TLanes.Count)), G);
    }
}

/// <summary>
/// The exponentials of one block's gates and of the cell state of the block before it, side by side: tanh of a cell state, which has
/// to wait for the gates, so goes together with the next block's.
/// </summary>
internal struct GateChains<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private ExpChain<TLanes, TVector> _i;
    private ExpChain<TLanes, TVector> _o;
    private ExpChain<TLanes, TVector> _f;
    private ExpChain<TLanes, TVector> _g;
    private ExpChain<TLanes, TVector> _c;

    /// <summary>Begins all five.</summary>
    /// <param name="sums">The block's.</param>
    /// <param name="c">The cell state of the block before.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(in GateSums<TLanes, TVector> sums, TVector c)
    {
        TVector zero = TLanes.Broadcast(0f);
        _i.Begin(Activations<TLanes, TVector>.Clamp(TLanes.Subtract(zero, sums.I)));
        _f.Begin(Activations<TLanes, TVector>.Clamp(TLanes.Subtract(zero, sums.F)));
        TVector g = TLanes.Abs(sums.G);
        _g.Begin(Activations<TLanes, TVector>.ClampAbove(TLanes.Add(g, g)));
        _o.Begin(Activations<TLanes, TVector>.Clamp(TLanes.Subtract(zero, sums.O)));
        c = TLanes.Abs(c);
        _c.Begin(Activations<TLanes, TVector>.ClampAbove(TLanes.Add(c, c)));
    }

    /// <summary>One row of all five.</summary>
    /// <param name="coefficient">The row's, in each lane.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row(TVector coefficient)
    {
        _i.Row(coefficient);
        _f.Row(coefficient);
        _g.Row(coefficient);
        _o.Row(coefficient);
        _c.Row(coefficient);
    }

    /// <summary>All rows of all five.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AllRows()
    {
        foreach (float coefficient in ExpChain<TLanes, TVector>.Coefficients)
        {
            Row(TLanes.Broadcast(coefficient));
        }
    }

    /// <summary>Ends all five.</summary>
    /// <param name="sums">The block's sums; replaced by its gates.</param>
    /// <param name="c">The cell state of the block before; replaced by its tanh.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void End(ref GateSums<TLanes, TVector> sums, ref TVector c)
    {
        sums.I = Activations<TLanes, TVector>.SigmoidOf(_i.End());
        sums.F = Activations<TLanes, TVector>.SigmoidOf(_f.End());
        sums.G = Activations<TLanes, TVector>.TanhOf(sums.G, TLanes.Abs(sums.G), _g.End());
        c = Activations<TLanes, TVector>.TanhOf(c, TLanes.Abs(c), _c.End());
        sums.O = Activations<TLanes, TVector>.SigmoidOf(_o.End());
    }
}
