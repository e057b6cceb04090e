using System.Runtime.CompilerServices;
using Engine.Inference.Kernels;

namespace Engine.Training.Kernels;

/// <summary>
/// Steps of LSTM windows over packed weights. A lane is a unit; its sums start from the bias and take the hidden state's units and
/// then the tick's inputs in order, each by a fused multiply-add: the arithmetic of the engine's own kernels.
/// </summary>
/// <remarks>SAFETY, for all of it: callers pass memory laid out as <see cref="LstmTape"/> draws it.</remarks>
internal static unsafe class LstmForward<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Windows of a block: as many as there are registers for.</summary>
    public static int BlockRows => TLanes.Count == Tile.Rows ? 4 : 2;

    /// <summary>One step of every window of a chunk.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="tape">The chunk's memory.</param>
    /// <param name="weights">Packed weights.</param>
    /// <param name="step">From 0; the steps before are done.</param>
    /// <param name="rows">Windows, a multiple of four.</param>
    public static void Step(in LstmTape shape, float* tape, float* weights, int step, int rows)
    {
        // SAFETY: as said above.
        float* hidden = tape + shape.Hidden + ((nint)step * shape.StateFloats);
        float* cell = tape + shape.Cell + ((nint)step * shape.StateFloats);
        float* tanh = tape + shape.Tanh + ((nint)step * shape.StateFloats);
        float* ticks = tape + shape.Ticks + ((nint)step * shape.Rows * shape.Inputs);
        int padded = shape.Padded;
        int recurrent = step == 0 ? 0 : shape.Units;
        for (int group = 0; group < shape.Groups; group++)
        {
            float* gates = tape + ((nint)step * shape.GateFloats) + ((nint)group * shape.Rows * LstmTape.Columns);
            float* bias = weights + ((nint)group * shape.GroupWeights);
            float* inputs = bias + ((1 + shape.Units) * LstmTape.Columns);
            for (int row = 0; row < rows; row += BlockRows)
            {
                float* h = hidden + (row * padded);
                float* x = ticks + (row * shape.Inputs);
                float* to = gates + (row * LstmTape.Columns);
                for (int lane = 0; lane < Tile.Rows; lane += TLanes.Count)
                {
                    if (BlockRows == 4)
                    {
                        Sums<Four>(bias + lane, h, padded, recurrent, inputs + lane, x, shape.Inputs, to + lane);
                    }
                    else
                    {
                        Sums<Two>(bias + lane, h, padded, recurrent, inputs + lane, x, shape.Inputs, to + lane);
                    }
                }

                for (int r = 0; r < BlockRows; r++)
                {
                    nint at = ((row + r) * padded) + (group * Tile.Rows);
                    Gates(to + (r * LstmTape.Columns), cell + at, cell + shape.StateFloats + at, tanh + at, hidden + shape.StateFloats + at);
                }
            }
        }
    }

    // Sums are named by window (a to d) and gate (0 to 3).
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Sums<TRows>(float* w, float* h, nint hiddenStride, nint recurrent, float* v, float* x, nint inputs, float* to)
        where TRows : struct, IWidth
    {
        // SAFETY: as said above.
        TVector a0 = TLanes.Load(w), a1 = TLanes.Load(w + Tile.Rows), a2 = TLanes.Load(w + (2 * Tile.Rows)), a3 = TLanes.Load(w + (3 * Tile.Rows));
        TVector b0 = a0, b1 = a1, b2 = a2, b3 = a3;
        TVector c0 = a0, c1 = a1, c2 = a2, c3 = a3;
        TVector d0 = a0, d1 = a1, d2 = a2, d3 = a3;
        w += LstmTape.Columns;
        for (int part = 0; part < 2; part++)
        {
            float* from = part == 0 ? h : x;
            nint count = part == 0 ? recurrent : inputs;
            nint stride = part == 0 ? hiddenStride : inputs;
            w = part == 0 ? w : v;
            for (nint i = 0; i < count; i++)
            {
                TVector w0 = TLanes.Load(w), w1 = TLanes.Load(w + Tile.Rows), w2 = TLanes.Load(w + (2 * Tile.Rows)), w3 = TLanes.Load(w + (3 * Tile.Rows));
                TVector s = TLanes.BroadcastFrom(from);
                Add(s, w0, w1, w2, w3, ref a0, ref a1, ref a2, ref a3);
                s = TLanes.BroadcastFrom(from + stride);
                Add(s, w0, w1, w2, w3, ref b0, ref b1, ref b2, ref b3);
                if (TRows.Value == 4)
                {
                    s = TLanes.BroadcastFrom(from + (2 * stride));
                    Add(s, w0, w1, w2, w3, ref c0, ref c1, ref c2, ref c3);
                    s = TLanes.BroadcastFrom(from + (3 * stride));
                    Add(s, w0, w1, w2, w3, ref d0, ref d1, ref d2, ref d3);
                }

                w += LstmTape.Columns;
                from++;
            }
        }

        Store(to, a0, a1, a2, a3);
        Store(to + LstmTape.Columns, b0, b1, b2, b3);
        if (TRows.Value == 4)
        {
            Store(to + (2 * LstmTape.Columns), c0, c1, c2, c3);
            Store(to + (3 * LstmTape.Columns), d0, d1, d2, d3);
        }
    }

    // Sixteen units of one window: the sums become gates, c' = f × c + i × g and h' = o × tanh c'.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Gates(float* gates, float* cell, float* next, float* tanh, float* hidden)
    {
        // SAFETY: as said above.
        for (int lane = 0; lane < Tile.Rows; lane += TLanes.Count)
        {
            TVector i = Activations<TLanes, TVector>.Sigmoid(TLanes.Load(gates + lane));
            TVector g = Activations<TLanes, TVector>.Tanh(TLanes.Load(gates + (3 * Tile.Rows) + lane));
            TVector f = Activations<TLanes, TVector>.Sigmoid(TLanes.Load(gates + (2 * Tile.Rows) + lane));
            TVector o = Activations<TLanes, TVector>.Sigmoid(TLanes.Load(gates + Tile.Rows + lane));
            TVector c = TLanes.FusedMultiplyAdd(f, TLanes.Load(cell + lane), TLanes.Multiply(i, g));
            TVector t = Activations<TLanes, TVector>.Tanh(c);
            TLanes.Store(gates + lane, i);
            TLanes.Store(gates + Tile.Rows + lane, o);
            TLanes.Store(gates + (2 * Tile.Rows) + lane, f);
            TLanes.Store(gates + (3 * Tile.Rows) + lane, g);
            TLanes.Store(next + lane, c);
            TLanes.Store(tanh + lane, t);
            TLanes.Store(hidden + lane, TLanes.Multiply(o, t));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        TVector s, TVector w0, TVector w1, TVector w2, TVector w3, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
    {
        s0 = TLanes.FusedMultiplyAdd(s, w0, s0);
        s1 = TLanes.FusedMultiplyAdd(s, w1, s1);
        s2 = TLanes.FusedMultiplyAdd(s, w2, s2);
        s3 = TLanes.FusedMultiplyAdd(s, w3, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, TVector s0, TVector s1, TVector s2, TVector s3)
    {
        TLanes.Store(to, s0);
        TLanes.Store(to + Tile.Rows, s1);
        TLanes.Store(to + (2 * Tile.Rows), s2);
        TLanes.Store(to + (3 * Tile.Rows), s3);
    }
}
