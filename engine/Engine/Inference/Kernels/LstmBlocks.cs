using System.Runtime.CompilerServices;

namespace Engine.Inference.Kernels;

/// <summary>
/// The sums and gates of LSTM layers over packed weights. A lane is a unit; each of its four sums starts from what is given
/// and takes the inputs in order, each by a fused multiply-add, whatever the block around it.
/// </summary>
/// <remarks>
/// <code>
/// weights of a block of units:   bias     i i i i  o o o o  f f f f  g g g g     (a register a gate; here of four lanes)
///                                R, h[0]  i i i i  o o o o  f f f f  g g g g
///                                R, h[1]  …
///                                W, x[0]  …
/// sums of a window:              a block  i i i i  o o o o  f f f f  g g g g     and so on, block by block
/// </code>
/// SAFETY, for all of it: the packer made the weights; `count` inputs are readable; sums, cells and hidden states have room for
/// whole registers of every block.
/// </remarks>
internal static unsafe class LstmBlocks<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Floats of a row of one block: a register a gate.</summary>
    public static int RowFloats => 4 * TLanes.Count;

    /// <summary>The sums of one window: to = from + rows × inputs, two blocks side by side.</summary>
    /// <param name="from">What the sums start from.</param>
    /// <param name="fromStride">Floats from one block's start to the next one's: 4 registers, or the weights' where it is the bias.</param>
    /// <param name="to">Where they go, 4 registers a block.</param>
    /// <param name="rows">The first block's row of the first input.</param>
    /// <param name="blockStride">Floats from one block's weights to the next one's.</param>
    /// <param name="blocks">Blocks of units.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="count">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(float* from, nint fromStride, float* to, float* rows, nint blockStride, nint blocks, float* inputs, nint count)
    {
        // SAFETY: as said above.
        nint lanes = TLanes.Count;
        for (; blocks >= 2; blocks -= 2)
        {
            float* second = from + fromStride;
            TVector a0 = TLanes.Load(from);
            TVector a1 = TLanes.Load(from + lanes);
            TVector a2 = TLanes.Load(from + (2 * lanes));
            TVector a3 = TLanes.Load(from + (3 * lanes));
            TVector b0 = TLanes.Load(second);
            TVector b1 = TLanes.Load(second + lanes);
            TVector b2 = TLanes.Load(second + (2 * lanes));
            TVector b3 = TLanes.Load(second + (3 * lanes));
            float* w = rows;
            float* v = rows + blockStride;
            for (nint i = 0; i < count; i++)
            {
                TVector x = TLanes.BroadcastFrom(inputs + i);
                a0 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w), a0);
                a1 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + lanes), a1);
                a2 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + (2 * lanes)), a2);
                a3 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + (3 * lanes)), a3);
                b0 = TLanes.FusedMultiplyAdd(x, TLanes.Load(v), b0);
                b1 = TLanes.FusedMultiplyAdd(x, TLanes.Load(v + lanes), b1);
                b2 = TLanes.FusedMultiplyAdd(x, TLanes.Load(v + (2 * lanes)), b2);
                b3 = TLanes.FusedMultiplyAdd(x, TLanes.Load(v + (3 * lanes)), b3);
                w += 4 * lanes;
                v += 4 * lanes;
            }

            Store(to, a0, a1, a2, a3);
            Store(to + (4 * lanes), b0, b1, b2, b3);
            from += 2 * fromStride;
            to += 8 * lanes;
            rows += 2 * blockStride;
        }

        if (blocks > 0)
        {
            LastBlock(from, to, rows, inputs, count);
        }
    }

    /// <summary>One block's sums of six windows: to = bias + R × hidden + W × inputs.</summary>
    /// <param name="weights">The block's weights, the bias first.</param>
    /// <param name="hidden">Six hidden states.</param>
    /// <param name="recurrent">Units of each.</param>
    /// <param name="inputs">Six inputs of the step.</param>
    /// <param name="count">How many numbers each has.</param>
    /// <param name="to">The first window's sums of this block.</param>
    /// <param name="stride">Floats from one window's sums to the next one's.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SixWindows(float* weights, float** hidden, nint recurrent, float** inputs, nint count, float* to, nint stride)
    {
        // SAFETY: as said above; both lists have six pointers.
        nint lanes = TLanes.Count;
        TVector a0 = TLanes.Load(weights), a1 = TLanes.Load(weights + lanes), a2 = TLanes.Load(weights + (2 * lanes)), a3 = TLanes.Load(weights + (3 * lanes));
        TVector b0 = a0, b1 = a1, b2 = a2, b3 = a3;
        TVector c0 = a0, c1 = a1, c2 = a2, c3 = a3;
        TVector d0 = a0, d1 = a1, d2 = a2, d3 = a3;
        TVector e0 = a0, e1 = a1, e2 = a2, e3 = a3;
        TVector f0 = a0, f1 = a1, f2 = a2, f3 = a3;
        float* w = weights;
        for (int part = 0; part < 2; part++)
        {
            float** from = part == 0 ? hidden : inputs;
            nint length = part == 0 ? recurrent : count;
            float* xa = from[0], xb = from[1], xc = from[2], xd = from[3], xe = from[4], xf = from[5];
            for (nint i = 0; i < length; i++)
            {
                w += 4 * lanes;
                TVector w0 = TLanes.Load(w), w1 = TLanes.Load(w + lanes), w2 = TLanes.Load(w + (2 * lanes)), w3 = TLanes.Load(w + (3 * lanes));
                TVector x = TLanes.BroadcastFrom(xa + i);
                a0 = TLanes.FusedMultiplyAdd(x, w0, a0);
                a1 = TLanes.FusedMultiplyAdd(x, w1, a1);
                a2 = TLanes.FusedMultiplyAdd(x, w2, a2);
                a3 = TLanes.FusedMultiplyAdd(x, w3, a3);
                x = TLanes.BroadcastFrom(xb + i);
                b0 = TLanes.FusedMultiplyAdd(x, w0, b0);
                b1 = TLanes.FusedMultiplyAdd(x, w1, b1);
                b2 = TLanes.FusedMultiplyAdd(x, w2, b2);
                b3 = TLanes.FusedMultiplyAdd(x, w3, b3);
                x = TLanes.BroadcastFrom(xc + i);
                c0 = TLanes.FusedMultiplyAdd(x, w0, c0);
                c1 = TLanes.FusedMultiplyAdd(x, w1, c1);
                c2 = TLanes.FusedMultiplyAdd(x, w2, c2);
                c3 = TLanes.FusedMultiplyAdd(x, w3, c3);
                x = TLanes.BroadcastFrom(xd + i);
                d0 = TLanes.FusedMultiplyAdd(x, w0, d0);
                d1 = TLanes.FusedMultiplyAdd(x, w1, d1);
                d2 = TLanes.FusedMultiplyAdd(x, w2, d2);
                d3 = TLanes.FusedMultiplyAdd(x, w3, d3);
                x = TLanes.BroadcastFrom(xe + i);
                e0 = TLanes.FusedMultiplyAdd(x, w0, e0);
                e1 = TLanes.FusedMultiplyAdd(x, w1, e1);
                e2 = TLanes.FusedMultiplyAdd(x, w2, e2);
                e3 = TLanes.FusedMultiplyAdd(x, w3, e3);
                x = TLanes.BroadcastFrom(xf + i);
                f0 = TLanes.FusedMultiplyAdd(x, w0, f0);
                f1 = TLanes.FusedMultiplyAdd(x, w1, f1);
                f2 = TLanes.FusedMultiplyAdd(x, w2, f2);
                f3 = TLanes.FusedMultiplyAdd(x, w3, f3);
            }
        }

        Store(to, a0, a1, a2, a3);
        Store(to + stride, b0, b1, b2, b3);
        Store(to + (2 * stride), c0, c1, c2, c3);
        Store(to + (3 * stride), d0, d1, d2, d3);
        Store(to + (4 * stride), e0, e1, e2, e3);
        Store(to + (5 * stride), f0, f1, f2, f3);
    }

    /// <summary>As <see cref="SixWindows"/>, of three windows: as many as sixteen registers hold.</summary>
    /// <inheritdoc cref="SixWindows"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ThreeWindows(float* weights, float** hidden, nint recurrent, float** inputs, nint count, float* to, nint stride)
    {
        // SAFETY: as said above; both lists have three pointers.
        nint lanes = TLanes.Count;
        TVector a0 = TLanes.Load(weights), a1 = TLanes.Load(weights + lanes), a2 = TLanes.Load(weights + (2 * lanes)), a3 = TLanes.Load(weights + (3 * lanes));
        TVector b0 = a0, b1 = a1, b2 = a2, b3 = a3;
        TVector c0 = a0, c1 = a1, c2 = a2, c3 = a3;
        float* w = weights;
        for (int part = 0; part < 2; part++)
        {
            float** from = part == 0 ? hidden : inputs;
            nint length = part == 0 ? recurrent : count;
            float* xa = from[0], xb = from[1], xc = from[2];
            for (nint i = 0; i < length; i++)
            {
                w += 4 * lanes;
                TVector x = TLanes.BroadcastFrom(xa + i), y = TLanes.BroadcastFrom(xb + i), z = TLanes.BroadcastFrom(xc + i);
                TVector v = TLanes.Load(w);
                a0 = TLanes.FusedMultiplyAdd(x, v, a0);
                b0 = TLanes.FusedMultiplyAdd(y, v, b0);
                c0 = TLanes.FusedMultiplyAdd(z, v, c0);
                v = TLanes.Load(w + lanes);
                a1 = TLanes.FusedMultiplyAdd(x, v, a1);
                b1 = TLanes.FusedMultiplyAdd(y, v, b1);
                c1 = TLanes.FusedMultiplyAdd(z, v, c1);
                v = TLanes.Load(w + (2 * lanes));
                a2 = TLanes.FusedMultiplyAdd(x, v, a2);
                b2 = TLanes.FusedMultiplyAdd(y, v, b2);
                c2 = TLanes.FusedMultiplyAdd(z, v, c2);
                v = TLanes.Load(w + (3 * lanes));
                a3 = TLanes.FusedMultiplyAdd(x, v, a3);
                b3 = TLanes.FusedMultiplyAdd(y, v, b3);
                c3 = TLanes.FusedMultiplyAdd(z, v, c3);
            }
        }

        Store(to, a0, a1, a2, a3);
        Store(to + stride, b0, b1, b2, b3);
        Store(to + (2 * stride), c0, c1, c2, c3);
    }

    /// <summary>The gates of one window: c' = f × c + i × g, h' = o × tanh(c').</summary>
    /// <param name="sums">The window's sums.</param>
    /// <param name="cell">c, whole registers.</param>
    /// <param name="nextCell">c', may be the same memory.</param>
    /// <param name="nextHidden">h'.</param>
    /// <param name="blocks">Blocks of units.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gates(float* sums, float* cell, float* nextCell, float* nextHidden, nint blocks)
    {
        // SAFETY: as said above. Each block's exponentials go together with those of the cell states of the block before.
        nint lanes = TLanes.Count;
        TVector c = TLanes.Broadcast(0f);
        TVector output = c;
        for (nint end = blocks * lanes, j = 0; j < end; j += lanes)
        {
            GateSums<TLanes, TVector> gates = default;
            gates.Load(sums);
            GateChains<TLanes, TVector> chains = default;
            chains.Begin(in gates, c);
            chains.AllRows();
            chains.End(ref gates, ref c);
            if (j > 0)
            {
                TLanes.Store(nextHidden + j - lanes, TLanes.Multiply(output, c));
            }

            output = gates.O;
            c = TLanes.FusedMultiplyAdd(gates.F, TLanes.Load(cell + j), TLanes.Multiply(gates.I, gates.G));
            TLanes.Store(nextCell + j, c);
            sums += 4 * lanes;
        }

        TLanes.Store(nextHidden + ((blocks - 1) * lanes), TLanes.Multiply(output, Activations<TLanes, TVector>.Tanh(c)));
    }

    private static void LastBlock(float* from, float* to, float* w, float* inputs, nint count)
    {
        // SAFETY: as said above.
        nint lanes = TLanes.Count;
        TVector a0 = TLanes.Load(from);
        TVector a1 = TLanes.Load(from + lanes);
        TVector a2 = TLanes.Load(from + (2 * lanes));
        TVector a3 = TLanes.Load(from + (3 * lanes));
        for (nint i = 0; i < count; i++)
        {
            TVector x = TLanes.BroadcastFrom(inputs + i);
            a0 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w), a0);
            a1 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + lanes), a1);
            a2 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + (2 * lanes)), a2);
            a3 = TLanes.FusedMultiplyAdd(x, TLanes.Load(w + (3 * lanes)), a3);
            w += 4 * lanes;
        }

        Store(to, a0, a1, a2, a3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, TVector a, TVector b, TVector c, TVector d)
    {
        // SAFETY: as said above.
        TLanes.Store(to, a);
        TLanes.Store(to + TLanes.Count, b);
        TLanes.Store(to + (2 * TLanes.Count), c);
        TLanes.Store(to + (3 * TLanes.Count), d);
    }
}
