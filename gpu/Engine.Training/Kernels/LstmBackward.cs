using System.Runtime.CompilerServices;
using Engine.Inference.Kernels;

namespace Engine.Training.Kernels;

/// <summary>Back-propagation through the steps of LSTM windows.</summary>
/// <remarks>
/// With D the gradient of what stands behind it: Do = Dh tanh(c) o (1 − o); Dc += Dh o (1 − tanh²(c)); Di = Dc g i (1 − i);
/// Df = Dc c₋₁ f (1 − f); Dg = Dc i (1 − g²); Dc₋₁ = Dc f; Dh₋₁ = Σ over gates and units of D × R. Sums over columns go in the order of the
/// groups; sums over windows from the last step to the first and in window order.
/// SAFETY, for all of it: callers pass memory laid out as <see cref="LstmTape"/> draws it.
/// </remarks>
internal static unsafe class LstmBackward<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>One step of every window of a chunk, from the last to the first.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="tape">The chunk's memory: this step's gates become their sums' gradients.</param>
    /// <param name="back">The transposed recurrent weights.</param>
    /// <param name="step">The steps behind it are done.</param>
    /// <param name="rows">Windows, a multiple of four.</param>
    /// <param name="hiddenGradient">[row][units]: of this step's hidden state; becomes that of the step before.</param>
    /// <param name="cellGradient">[row][units]: likewise of the cell.</param>
    /// <param name="gradient">Packed as the weights are; added to.</param>
    public static void Step(in LstmTape shape, float* tape, float* back, int step, int rows, float* hiddenGradient, float* cellGradient, float* gradient)
    {
        // SAFETY: as said above.
        float* gates = tape + ((nint)step * shape.GateFloats);
        float* cell = tape + shape.Cell + ((nint)step * shape.StateFloats);
        float* tanh = tape + shape.Tanh + ((nint)step * shape.StateFloats);
        int padded = shape.Padded;
        nint groupGates = (nint)shape.Rows * LstmTape.Columns;
        for (int group = 0; group < shape.Groups; group++)
        {
            for (int row = 0; row < rows; row++)
            {
                nint at = (row * padded) + (group * Tile.Rows);
                Gates(gates + (group * groupGates) + (row * LstmTape.Columns), cell + at, tanh + at, hiddenGradient + at, cellGradient + at);
            }
        }

        float one = 1;
        float* hidden = tape + shape.Hidden + ((nint)step * shape.StateFloats);
        float* ticks = tape + shape.Ticks + ((nint)step * shape.Rows * shape.Inputs);
        for (int group = 0; group < shape.Groups; group++)
        {
            float* from = gates + (group * groupGates);
            float* to = gradient + ((nint)group * shape.GroupWeights);
            Weights(&one, 0, 1, from, rows, to);
            to += LstmTape.Columns;
            if (step > 0)
            {
                Weights(hidden, padded, shape.Units, from, rows, to);
                Hidden(from, back + ((nint)group * LstmTape.Columns * padded), padded, rows, hiddenGradient, group == 0);
            }

            Weights(ticks, shape.Inputs, shape.Inputs, from, rows, to + (shape.Units * LstmTape.Columns));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gates(float* gates, float* cell, float* tanh, float* hiddenGradient, float* cellGradient)
    {
        // SAFETY: as said above.
        TVector one = TLanes.Broadcast(1);
        for (int lane = 0; lane < Tile.Rows; lane += TLanes.Count)
        {
            TVector i = TLanes.Load(gates + lane);
            TVector o = TLanes.Load(gates + Tile.Rows + lane);
            TVector f = TLanes.Load(gates + (2 * Tile.Rows) + lane);
            TVector g = TLanes.Load(gates + (3 * Tile.Rows) + lane);
            TVector t = TLanes.Load(tanh + lane);
            TVector dh = TLanes.Load(hiddenGradient + lane);
            TVector through = TLanes.Subtract(one, TLanes.Multiply(t, t));
            TVector dc = TLanes.FusedMultiplyAdd(TLanes.Multiply(dh, o), through, TLanes.Load(cellGradient + lane));
            TLanes.Store(gates + lane, TLanes.Multiply(TLanes.Multiply(dc, g), Slope(i, one)));
            TLanes.Store(gates + Tile.Rows + lane, TLanes.Multiply(TLanes.Multiply(dh, t), Slope(o, one)));
            TLanes.Store(gates + (2 * Tile.Rows) + lane, TLanes.Multiply(TLanes.Multiply(dc, TLanes.Load(cell + lane)), Slope(f, one)));
            TLanes.Store(gates + (3 * Tile.Rows) + lane, TLanes.Multiply(TLanes.Multiply(dc, i), TLanes.Subtract(one, TLanes.Multiply(g, g))));
            TLanes.Store(cellGradient + lane, TLanes.Multiply(dc, f));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Slope(TVector s, TVector one) => TLanes.Multiply(s, TLanes.Subtract(one, s));

    // gradient[input][column] += Σ over windows of input × column's gradient.
    private static void Weights(float* inputs, nint stride, int count, float* columns, nint rows, float* gradient)
    {
        for (int lane = 0; lane < Tile.Rows; lane += TLanes.Count)
        {
            int k = 0;
            int block = TLanes.Count == Tile.Rows ? 4 : 2;
            for (; k + block <= count; k += block)
            {
                float* to = gradient + lane + (k * LstmTape.Columns);
                if (block == 4)
                {
                    WeightBlock<Four>(inputs + k, stride, columns + lane, rows, to);
                }
                else
                {
                    WeightBlock<Two>(inputs + k, stride, columns + lane, rows, to);
                }
            }

            for (; k < count; k++)
            {
                WeightBlock<One>(inputs + k, stride, columns + lane, rows, gradient + lane + (k * LstmTape.Columns));
            }
        }
    }

    // Sums are named by input (a to d) and gate (0 to 3).
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void WeightBlock<TInputs>(float* from, nint stride, float* columns, nint rows, float* to)
        where TInputs : struct, IWidth
    {
        // SAFETY: as said above.
        Load(to, out TVector a0, out TVector a1, out TVector a2, out TVector a3);
        TVector b0 = a0, b1 = a0, b2 = a0, b3 = a0, c0 = a0, c1 = a0, c2 = a0, c3 = a0, d0 = a0, d1 = a0, d2 = a0, d3 = a0;
        if (TInputs.Value >= 2)
        {
            Load(to + LstmTape.Columns, out b0, out b1, out b2, out b3);
        }

        if (TInputs.Value == 4)
        {
            Load(to + (2 * LstmTape.Columns), out c0, out c1, out c2, out c3);
            Load(to + (3 * LstmTape.Columns), out d0, out d1, out d2, out d3);
        }

        for (nint row = 0; row < rows; row++)
        {
            Load(columns, out TVector y0, out TVector y1, out TVector y2, out TVector y3);
            TVector s = TLanes.BroadcastFrom(from);
            Add(s, y0, y1, y2, y3, ref a0, ref a1, ref a2, ref a3);
            if (TInputs.Value >= 2)
            {
                s = TLanes.BroadcastFrom(from + 1);
                Add(s, y0, y1, y2, y3, ref b0, ref b1, ref b2, ref b3);
            }

            if (TInputs.Value == 4)
            {
                s = TLanes.BroadcastFrom(from + 2);
                Add(s, y0, y1, y2, y3, ref c0, ref c1, ref c2, ref c3);
                s = TLanes.BroadcastFrom(from + 3);
                Add(s, y0, y1, y2, y3, ref d0, ref d1, ref d2, ref d3);
            }

            from += stride;
            columns += LstmTape.Columns;
        }

        Store(to, a0, a1, a2, a3);
        if (TInputs.Value >= 2)
        {
            Store(to + LstmTape.Columns, b0, b1, b2, b3);
        }

        if (TInputs.Value == 4)
        {
            Store(to + (2 * LstmTape.Columns), c0, c1, c2, c3);
            Store(to + (3 * LstmTape.Columns), d0, d1, d2, d3);
        }
    }

    // hiddenGradient[row][unit] (+)= Σ over a group's columns of gradient × weight.
    private static void Hidden(float* columns, float* back, int padded, int rows, float* hiddenGradient, bool isFirst)
    {
        int block = LstmForward<TLanes, TVector>.BlockRows;
        int unit = 0;
        for (; unit + (4 * TLanes.Count) <= padded; unit += 4 * TLanes.Count)
        {
            for (int row = 0; row < rows; row += block)
            {
                float* from = columns + (row * LstmTape.Columns);
                float* to = hiddenGradient + (row * padded) + unit;
                if (block == 4)
                {
                    HiddenBlock<Four, Four>(from, back + unit, padded, to, isFirst);
                }
                else
                {
                    HiddenBlock<Two, Four>(from, back + unit, padded, to, isFirst);
                }
            }
        }

        for (; unit < padded; unit += TLanes.Count)
        {
            for (int row = 0; row < rows; row += 2)
            {
                HiddenBlock<Two, One>(columns + (row * LstmTape.Columns), back + unit, padded, hiddenGradient + (row * padded) + unit, isFirst);
            }
        }
    }

    // Sums are named by window (a to d) and register of units (0 to 3).
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void HiddenBlock<TRows, TRegisters>(float* columns, float* back, nint padded, float* to, bool isFirst)
        where TRows : struct, IWidth
        where TRegisters : struct, IWidth
    {
        // SAFETY: as said above.
        TVector a0 = TLanes.Broadcast(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        TVector c0 = a0, c1 = a0, c2 = a0, c3 = a0, d0 = a0, d1 = a0, d2 = a0, d3 = a0;
        if (!isFirst)
        {
            LoadUnits<TRegisters>(to, ref a0, ref a1, ref a2, ref a3);
            LoadUnits<TRegisters>(to + padded, ref b0, ref b1, ref b2, ref b3);
            if (TRows.Value == 4)
            {
                LoadUnits<TRegisters>(to + (2 * padded), ref c0, ref c1, ref c2, ref c3);
                LoadUnits<TRegisters>(to + (3 * padded), ref d0, ref d1, ref d2, ref d3);
            }
        }

        for (nint column = 0; column < LstmTape.Columns; column++)
        {
            TVector w0 = TLanes.Load(back), w1 = w0, w2 = w0, w3 = w0;
            LoadUnits<TRegisters>(back, ref w0, ref w1, ref w2, ref w3);
            AddUnits<TRegisters>(TLanes.BroadcastFrom(columns + column), w0, w1, w2, w3, ref a0, ref a1, ref a2, ref a3);
            AddUnits<TRegisters>(TLanes.BroadcastFrom(columns + LstmTape.Columns + column), w0, w1, w2, w3, ref b0, ref b1, ref b2, ref b3);
            if (TRows.Value == 4)
            {
                AddUnits<TRegisters>(TLanes.BroadcastFrom(columns + (2 * LstmTape.Columns) + column), w0, w1, w2, w3, ref c0, ref c1, ref c2, ref c3);
                AddUnits<TRegisters>(TLanes.BroadcastFrom(columns + (3 * LstmTape.Columns) + column), w0, w1, w2, w3, ref d0, ref d1, ref d2, ref d3);
            }

            back += padded;
        }

        StoreUnits<TRegisters>(to, a0, a1, a2, a3);
        StoreUnits<TRegisters>(to + padded, b0, b1, b2, b3);
        if (TRows.Value == 4)
        {
            StoreUnits<TRegisters>(to + (2 * padded), c0, c1, c2, c3);
            StoreUnits<TRegisters>(to + (3 * padded), d0, d1, d2, d3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadUnits<TRegisters>(float* from, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
        where TRegisters : struct, IWidth
    {
        s0 = TLanes.Load(from);
        if (TRegisters.Value == 4)
        {
            s1 = TLanes.Load(from + TLanes.Count);
            s2 = TLanes.Load(from + (2 * TLanes.Count));
            s3 = TLanes.Load(from + (3 * TLanes.Count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddUnits<TRegisters>(
        TVector s, TVector w0, TVector w1, TVector w2, TVector w3, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
        where TRegisters : struct, IWidth
    {
        s0 = TLanes.FusedMultiplyAdd(s, w0, s0);
        if (TRegisters.Value == 4)
        {
            s1 = TLanes.FusedMultiplyAdd(s, w1, s1);
            s2 = TLanes.FusedMultiplyAdd(s, w2, s2);
            s3 = TLanes.FusedMultiplyAdd(s, w3, s3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreUnits<TRegisters>(float* to, TVector s0, TVector s1, TVector s2, TVector s3)
        where TRegisters : struct, IWidth
    {
        TLanes.Store(to, s0);
        if (TRegisters.Value == 4)
        {
            TLanes.Store(to + TLanes.Count, s1);
            TLanes.Store(to + (2 * TLanes.Count), s2);
            TLanes.Store(to + (3 * TLanes.Count), s3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(float* from, out TVector s0, out TVector s1, out TVector s2, out TVector s3)
    {
        s0 = TLanes.Load(from);
        s1 = TLanes.Load(from + Tile.Rows);
        s2 = TLanes.Load(from + (2 * Tile.Rows));
        s3 = TLanes.Load(from + (3 * Tile.Rows));
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
