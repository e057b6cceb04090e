using System.Runtime.CompilerServices;
using Engine.Inference.Kernels;

namespace Engine.Training.Kernels;

/// <summary>
/// Gradients of a dense layer's weights over tiles: for each input and output the sum over all rows of x × d, first tile by tile in
/// each of the sixteen rows, then over the rows as <see cref="LaneSums"/> says.
/// </summary>
/// <remarks>SAFETY, for all of it: callers pass slots inside their tiles, and a gradient of inputs × outputs.</remarks>
internal static unsafe class TileGradient<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int MaxSide = 4;

    /// <summary>The gradients of all weights, overwritten.</summary>
    /// <param name="x">The first tile's slot of the first input.</param>
    /// <param name="xStride">Floats from tile to tile; 0 for the same inputs in each.</param>
    /// <param name="inputs">How many.</param>
    /// <param name="d">The first tile's slot of the first output's gradient.</param>
    /// <param name="dStride">Floats from tile to tile.</param>
    /// <param name="outputs">How many.</param>
    /// <param name="tiles">Tiles.</param>
    /// <param name="gradient">[inputs × outputs].</param>
    public static void Run(float* x, nint xStride, int inputs, float* d, nint dStride, int outputs, int tiles, float* gradient)
    {
        int i = 0;
        for (; i + MaxSide <= inputs; i += MaxSide)
        {
            Outputs<Four>(x + (i * Tile.Rows), xStride, d, dStride, outputs, tiles, gradient + (i * outputs));
        }

        for (; i < inputs; i++)
        {
            Outputs<One>(x + (i * Tile.Rows), xStride, d, dStride, outputs, tiles, gradient + (i * outputs));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Outputs<TInputs>(float* x, nint xStride, float* d, nint dStride, int outputs, int tiles, float* gradient)
        where TInputs : struct, IWidth
    {
        float* slots = stackalloc float[MaxSide * MaxSide * Tile.Rows];
        float* sums = stackalloc float[MaxSide * MaxSide];
        int o = 0;
        while (o < outputs)
        {
            float* from = d + (o * Tile.Rows);
            int width = outputs - o;
            for (int lane = 0; lane < Tile.Rows; lane += TLanes.Count)
            {
                if (width >= 4)
                {
                    Block<TInputs, Four>(x + lane, xStride, from + lane, dStride, tiles, slots + lane);
                }
                else if (width >= 2)
                {
                    Block<TInputs, Two>(x + lane, xStride, from + lane, dStride, tiles, slots + lane);
                }
                else
                {
                    Block<TInputs, One>(x + lane, xStride, from + lane, dStride, tiles, slots + lane);
                }
            }

            width = width >= 4 ? 4 : width >= 2 ? 2 : 1;
            Sum(slots, sums, TInputs.Value, width);
            for (int r = 0; r < TInputs.Value; r++)
            {
                for (int c = 0; c < width; c++)
                {
                    gradient[(r * outputs) + o + c] = sums[(r * MaxSide) + c];
                }
            }

            o += width;
        }
    }

    private static void Sum(float* slots, float* sums, int inputs, int width)
    {
        if (inputs * width >= MaxSide)
        {
            // Slots that the block did not fill are summed too; nobody reads those sums.
            LaneSums.Sixteen(slots, sums, TLanes.Count == Tile.Rows);
            return;
        }

        for (int c = 0; c < width; c++)
        {
            sums[c] = LaneSums.One(slots + (c * Tile.Rows));
        }
    }

    // Sums are named by input (a to d) and output (0 to 3).
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Block<TInputs, TOutputs>(float* x, nint xStride, float* d, nint dStride, nint tiles, float* slots)
        where TInputs : struct, IWidth
        where TOutputs : struct, IWidth
    {
        // SAFETY: as said above; `slots` has room for sixteen.
        TVector a0 = TLanes.Broadcast(0), a1 = a0, a2 = a0, a3 = a0;
        TVector b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        TVector c0 = a0, c1 = a0, c2 = a0, c3 = a0;
        TVector d0 = a0, d1 = a0, d2 = a0, d3 = a0;
        for (nint t = 0; t < tiles; t++)
        {
            TVector y0 = TLanes.Load(d), y1 = y0, y2 = y0, y3 = y0;
            if (TOutputs.Value >= 2)
            {
                y1 = TLanes.Load(d + Tile.Rows);
            }

            if (TOutputs.Value == 4)
            {
                y2 = TLanes.Load(d + (2 * Tile.Rows));
                y3 = TLanes.Load(d + (3 * Tile.Rows));
            }

            Add<TOutputs>(TLanes.Load(x), y0, y1, y2, y3, ref a0, ref a1, ref a2, ref a3);
            if (TInputs.Value == 4)
            {
                Add<TOutputs>(TLanes.Load(x + Tile.Rows), y0, y1, y2, y3, ref b0, ref b1, ref b2, ref b3);
                Add<TOutputs>(TLanes.Load(x + (2 * Tile.Rows)), y0, y1, y2, y3, ref c0, ref c1, ref c2, ref c3);
                Add<TOutputs>(TLanes.Load(x + (3 * Tile.Rows)), y0, y1, y2, y3, ref d0, ref d1, ref d2, ref d3);
            }

            x += xStride;
            d += dStride;
        }

        Store<TOutputs>(slots, a0, a1, a2, a3);
        if (TInputs.Value == 4)
        {
            Store<TOutputs>(slots + (4 * Tile.Rows), b0, b1, b2, b3);
            Store<TOutputs>(slots + (8 * Tile.Rows), c0, c1, c2, c3);
            Store<TOutputs>(slots + (12 * Tile.Rows), d0, d1, d2, d3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TOutputs>(
        TVector v, TVector y0, TVector y1, TVector y2, TVector y3, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
        where TOutputs : struct, IWidth
    {
        s0 = TLanes.FusedMultiplyAdd(v, y0, s0);
        if (TOutputs.Value >= 2)
        {
            s1 = TLanes.FusedMultiplyAdd(v, y1, s1);
        }

        if (TOutputs.Value == 4)
        {
            s2 = TLanes.FusedMultiplyAdd(v, y2, s2);
            s3 = TLanes.FusedMultiplyAdd(v, y3, s3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TOutputs>(float* slots, TVector s0, TVector s1, TVector s2, TVector s3)
        where TOutputs : struct, IWidth
    {
        TLanes.Store(slots, s0);
        if (TOutputs.Value >= 2)
        {
            TLanes.Store(slots + Tile.Rows, s1);
        }

        if (TOutputs.Value == 4)
        {
            TLanes.Store(slots + (2 * Tile.Rows), s2);
            TLanes.Store(slots + (3 * Tile.Rows), s3);
        }
    }
}
