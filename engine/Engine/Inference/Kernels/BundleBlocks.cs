using System.Runtime.CompilerServices;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// Dense layers where a lane is a silo and a register holds one unit of each. A unit's sum starts from its bias and takes the
/// inputs in order, each by a fused multiply-add, as silo by silo.
/// </summary>
/// <remarks>
/// SAFETY, for all of it: the packer sized everything. There are (Inputs + 1) × Outputs registers of weights, and the work area
/// holds the widest layer's registers twice. Inputs that a silo lacks are 0, and so are their weights: such a step can turn −0 into
/// +0, which no later one can tell.
/// </remarks>
internal static unsafe class BundleBlocks<TLanes, TRows, TVector>
    where TLanes : struct, ILanes<TVector>
    where TRows : struct, IRowLanes<TVector>
    where TVector : struct
{
    private const int Quad = 4;

    /// <summary>Makes a register of each input, a lane a silo: four inputs at a time, quad by quad the rows of four silos become columns.</summary>
    /// <param name="bundle">The silos.</param>
    /// <param name="arena">What their inputs' offsets count from.</param>
    /// <param name="columns">Room for the first layer's inputs, in whole quads.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(SiloBundle bundle, float* arena, float* columns)
    {
        // SAFETY: behind every silo's inputs the arena has at least a quad more; what is read there is masked away.
        int* at = bundle.InputAt;
        int lanes = TLanes.Count;
        int inputs = bundle.Layers[0].Inputs;
        for (int i = 0; i < inputs; i += Quad)
        {
            TVector a = TRows.LoadQuads(arena + i, at);
            TVector b = TRows.LoadQuads(arena + i, at + 1);
            TVector c = TRows.LoadQuads(arena + i, at + 2);
            TVector d = TRows.LoadQuads(arena + i, at + 3);
            TVector low = TRows.InterleaveLow(a, b);
            TVector high = TRows.InterleaveHigh(a, b);
            TVector nextLow = TRows.InterleaveLow(c, d);
            TVector nextHigh = TRows.InterleaveHigh(c, d);
            float* mask = bundle.Mask + (i * lanes);
            float* column = columns + (i * lanes);
            TLanes.Store(column, TRows.And(TRows.PairsLow(low, nextLow), TLanes.Load(mask)));
            TLanes.Store(column + lanes, TRows.And(TRows.PairsHigh(low, nextLow), TLanes.Load(mask + lanes)));
            TLanes.Store(column + (2 * lanes), TRows.And(TRows.PairsLow(high, nextHigh), TLanes.Load(mask + (2 * lanes))));
            TLanes.Store(column + (3 * lanes), TRows.And(TRows.PairsHigh(high, nextHigh), TLanes.Load(mask + (3 * lanes))));
        }
    }

    /// <summary>One layer of all silos.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">A register for each input.</param>
    /// <param name="y">Room for a register for each unit.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Layer(ref readonly BundledLayer layer, float* x, float* y)
    {
        // SAFETY: as said above.
        int outputs = layer.Outputs;
        nint row = (nint)outputs * TLanes.Count;
        bool relu = layer.Activation == Activation.Relu;
        int unit = 0;
        for (; unit + 5 <= outputs; unit += 5)
        {
            Five(layer.Weights + (unit * TLanes.Count), x, layer.Inputs, row, y + (unit * TLanes.Count), relu);
        }

        for (; unit + 2 <= outputs; unit += 2)
        {
            Two(layer.Weights + (unit * TLanes.Count), x, layer.Inputs, row, y + (unit * TLanes.Count), relu);
        }

        if (unit < outputs)
        {
            One(layer.Weights + (unit * TLanes.Count), x, layer.Inputs, row, y + (unit * TLanes.Count), relu);
        }

        if (layer.Activation > Activation.Relu)
        {
            Activations<TLanes, TVector>.ApplyInPlace(layer.Activation, y, row);
        }
    }

    // Five units side by side hide the latency of one multiply-add behind the others.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Five(float* w, float* x, nint inputs, nint row, float* y, bool relu)
    {
        // SAFETY: as said above, with five units inside the row.
        int lanes = TLanes.Count;
        TVector a0 = TLanes.Load(w);
        TVector a1 = TLanes.Load(w + lanes);
        TVector a2 = TLanes.Load(w + (2 * lanes));
        TVector a3 = TLanes.Load(w + (3 * lanes));
        TVector a4 = TLanes.Load(w + (4 * lanes));
        for (float* end = x + (inputs * lanes); x != end; x += lanes)
        {
            w += row;
            TVector value = TLanes.Load(x);
            a0 = TLanes.FusedMultiplyAdd(value, TLanes.Load(w), a0);
            a1 = TLanes.FusedMultiplyAdd(value, TLanes.Load(w + lanes), a1);
            a2 = TLanes.FusedMultiplyAdd(value, TLanes.Load(w + (2 * lanes)), a2);
            a3 = TLanes.FusedMultiplyAdd(value, TLanes.Load(w + (3 * lanes)), a3);
            a4 = TLanes.FusedMultiplyAdd(value, TLanes.Load(w + (4 * lanes)), a4);
        }

        TLanes.Store(y, relu ? Activations<TLanes, TVector>.Relu(a0) : a0);
        TLanes.Store(y + lanes, relu ? Activations<TLanes, TVector>.Relu(a1) : a1);
        TLanes.Store(y + (2 * lanes), relu ? Activations<TLanes, TVector>.Relu(a2) : a2);
        TLanes.Store(y + (3 * lanes), relu ? Activations<TLanes, TVector>.Relu(a3) : a3);
        TLanes.Store(y + (4 * lanes), relu ? Activations<TLanes, TVector>.Relu(a4) : a4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(float* w, float* x, nint inputs, nint row, float* y, bool relu)
    {
        // SAFETY: as said above, with two units inside the row.
        int lanes = TLanes.Count;
        TVector a0 = TLanes.Load(w);
        TVector a1 = TLanes.Load(w + lanes);
        for (float* end = x + (inputs * lanes); x != end; x += lanes)
        {
            w += row;
            TVector value = TLanes.Load(x);
            a0 = TLanes.FusedMultiplyAdd(value, TLanes.Load(w), a0);
            a1 = TLanes.FusedMultiplyAdd(value, TLanes.Load(w + lanes), a1);
        }

        TLanes.Store(y, relu ? Activations<TLanes, TVector>.Relu(a0) : a0);
        TLanes.Store(y + lanes, relu ? Activations<TLanes, TVector>.Relu(a1) : a1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(float* w, float* x, nint inputs, nint row, float* y, bool relu)
    {
        // SAFETY: as said above, with one unit inside the row.
        int lanes = TLanes.Count;
        TVector a = TLanes.Load(w);
        for (float* end = x + (inputs * lanes); x != end; x += lanes)
        {
            w += row;
            a = TLanes.FusedMultiplyAdd(TLanes.Load(x), TLanes.Load(w), a);
        }

        TLanes.Store(y, relu ? Activations<TLanes, TVector>.Relu(a) : a);
    }
}
