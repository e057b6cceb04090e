using System.Runtime.CompilerServices;
using Engine.Inference.Kernels;

namespace Engine.Training.Kernels;

/// <summary>
/// Dense sums of tiles: a lane is a row of the batch. A tile is sixteen rows whatever the register, and a slot is one number of each of
/// them: 16 floats.
/// </summary>
/// <remarks>
/// <code>
/// a tile   slot 0: rows 0 … 15 │ slot 1: rows 0 … 15 │ …      the next tile follows after `tileStride` floats
/// </code>
/// Every sum starts from its bias and takes the inputs in order, each by a fused multiply-add, whatever the block around it.
/// SAFETY, for all of it: callers pass slots inside their tiles, and weights of inputs × outputs.
/// </remarks>
internal static unsafe class TileProduct<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>y = start + Σ x × w, of every output, row and tile.</summary>
    /// <param name="weights">The weight of input i and output o is at i × inputStride + o × outputStride.</param>
    /// <param name="inputStride">See there.</param>
    /// <param name="outputStride">See there.</param>
    /// <param name="start">What each output's sum starts from; null for 0.</param>
    /// <param name="x">The first tile's slot of the first input; the other inputs follow.</param>
    /// <param name="inputs">How many.</param>
    /// <param name="y">The first tile's slot of the first output.</param>
    /// <param name="outputs">How many.</param>
    /// <param name="tileStride">Floats from tile to tile.</param>
    /// <param name="tiles">Tiles.</param>
    public static void Run(
        float* weights, nint inputStride, nint outputStride, float* start, float* x, int inputs, float* y, int outputs, nint tileStride, int tiles)
    {
        for (int lane = 0; lane < Tile.Rows; lane += TLanes.Count)
        {
            int t = 0;
            for (; t + 4 <= tiles; t += 4)
            {
                nint offset = lane + (t * tileStride);
                Outputs<Four>(weights, inputStride, outputStride, start, x + offset, inputs, y + offset, outputs, tileStride);
            }

            for (; t < tiles; t++)
            {
                nint offset = lane + (t * tileStride);
                Outputs<One>(weights, inputStride, outputStride, start, x + offset, inputs, y + offset, outputs, tileStride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Outputs<TTiles>(
        float* weights, nint inputStride, nint outputStride, float* start, float* x, int inputs, float* y, int outputs, nint tileStride)
        where TTiles : struct, IWidth
    {
        int o = 0;
        for (; o + 4 <= outputs; o += 4)
        {
            Block<Four, TTiles>(weights + (o * outputStride), inputStride, outputStride, start == null ? null : start + o, x, inputs, y + (o * Tile.Rows), tileStride);
        }

        if (o + 2 <= outputs)
        {
            Block<Two, TTiles>(weights + (o * outputStride), inputStride, outputStride, start == null ? null : start + o, x, inputs, y + (o * Tile.Rows), tileStride);
            o += 2;
        }

        if (o < outputs)
        {
            Block<One, TTiles>(weights + (o * outputStride), inputStride, outputStride, start == null ? null : start + o, x, inputs, y + (o * Tile.Rows), tileStride);
        }
    }

    // Sums are named by output (a to d) and tile (0 to 3); those beyond the block's widths vanish when it is compiled.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Block<TOutputs, TTiles>(
        float* w, nint inputStride, nint outputStride, float* start, float* x, nint inputs, float* y, nint tileStride)
        where TOutputs : struct, IWidth
        where TTiles : struct, IWidth
    {
        // SAFETY: as said above.
        TVector a0 = start == null ? TLanes.Broadcast(0) : TLanes.BroadcastFrom(start), a1 = a0, a2 = a0, a3 = a0;
        TVector b0 = TOutputs.Value < 2 || start == null ? TLanes.Broadcast(0) : TLanes.BroadcastFrom(start + 1), b1 = b0, b2 = b0, b3 = b0;
        TVector c0 = TOutputs.Value < 4 || start == null ? TLanes.Broadcast(0) : TLanes.BroadcastFrom(start + 2), c1 = c0, c2 = c0, c3 = c0;
        TVector d0 = TOutputs.Value < 4 || start == null ? TLanes.Broadcast(0) : TLanes.BroadcastFrom(start + 3), d1 = d0, d2 = d0, d3 = d0;
        for (nint i = 0; i < inputs; i++)
        {
            TVector x0 = TLanes.Load(x), x1 = x0, x2 = x0, x3 = x0;
            if (TTiles.Value == 4)
            {
                x1 = TLanes.Load(x + tileStride);
                x2 = TLanes.Load(x + (2 * tileStride));
                x3 = TLanes.Load(x + (3 * tileStride));
            }

            TVector v = TLanes.BroadcastFrom(w);
            Add<TTiles>(v, x0, x1, x2, x3, ref a0, ref a1, ref a2, ref a3);
            if (TOutputs.Value >= 2)
            {
                v = TLanes.BroadcastFrom(w + outputStride);
                Add<TTiles>(v, x0, x1, x2, x3, ref b0, ref b1, ref b2, ref b3);
            }

            if (TOutputs.Value == 4)
            {
                v = TLanes.BroadcastFrom(w + (2 * outputStride));
                Add<TTiles>(v, x0, x1, x2, x3, ref c0, ref c1, ref c2, ref c3);
                v = TLanes.BroadcastFrom(w + (3 * outputStride));
                Add<TTiles>(v, x0, x1, x2, x3, ref d0, ref d1, ref d2, ref d3);
            }

            x += Tile.Rows;
            w += inputStride;
        }

        Store<TTiles>(y, tileStride, a0, a1, a2, a3);
        if (TOutputs.Value >= 2)
        {
            Store<TTiles>(y + Tile.Rows, tileStride, b0, b1, b2, b3);
        }

        if (TOutputs.Value == 4)
        {
            Store<TTiles>(y + (2 * Tile.Rows), tileStride, c0, c1, c2, c3);
            Store<TTiles>(y + (3 * Tile.Rows), tileStride, d0, d1, d2, d3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TTiles>(
        TVector v, TVector x0, TVector x1, TVector x2, TVector x3, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
        where TTiles : struct, IWidth
    {
        s0 = TLanes.FusedMultiplyAdd(x0, v, s0);
        if (TTiles.Value == 4)
        {
            s1 = TLanes.FusedMultiplyAdd(x1, v, s1);
            s2 = TLanes.FusedMultiplyAdd(x2, v, s2);
            s3 = TLanes.FusedMultiplyAdd(x3, v, s3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TTiles>(float* y, nint tileStride, TVector s0, TVector s1, TVector s2, TVector s3)
        where TTiles : struct, IWidth
    {
        TLanes.Store(y, s0);
        if (TTiles.Value == 4)
        {
            TLanes.Store(y + tileStride, s1);
            TLanes.Store(y + (2 * tileStride), s2);
            TLanes.Store(y + (3 * tileStride), s3);
        }
    }
}
