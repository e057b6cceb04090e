using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// Lays an LSTM network out in memory for registers of a given width. Units beyond a layer's own have no weights: their state
/// stays 0 where it starts at 0, and nothing reads it.
/// </summary>
internal sealed unsafe class LstmPacker
{
    private const int CacheLineFloats = 16;

    private readonly int _lanes;
    private readonly PackedMemory _memory;

    private LstmPacker(int lanes, PackedMemory memory)
    {
        _lanes = lanes;
        _memory = memory;
    }

    /// <summary>The LSTM layers.</summary>
    public PackedLstm[] Layers { get; private set; } = [];

    /// <summary>The head's layers, each as a group of one; the first reads <see cref="Last"/>.</summary>
    public PackedLayer[] Head { get; private set; } = [];

    /// <summary>Floats of a window: the hidden and cell states of every layer.</summary>
    public int WindowFloats { get; private set; }

    /// <summary>Floats of a prepared step: the sums of every layer.</summary>
    public int PreparedFloats { get; private set; }

    /// <summary>Most floats of one layer's sums.</summary>
    public int SumFloats { get; private set; }

    /// <summary>A window before its first step.</summary>
    public float* Initial { get; private set; }

    /// <summary>A window to leave the last step of a sequence in.</summary>
    public float* Last { get; private set; }

    /// <summary>Packs a network.</summary>
    /// <param name="network">What to pack.</param>
    /// <param name="lanes">Floats in a register.</param>
    /// <param name="memory">Owns what is allocated.</param>
    public static LstmPacker Pack(LstmNetwork network, int lanes, PackedMemory memory)
    {
        var packer = new LstmPacker(lanes, memory) { Layers = new PackedLstm[network.Layers.Count] };
        for (int i = 0; i < packer.Layers.Length; i++)
        {
            packer.Layers[i] = packer.PackLayer(network.Layers[i]);
        }

        packer.Initial = memory.Floats(packer.WindowFloats);
        packer.Last = memory.Floats(packer.WindowFloats);
        for (int i = 0; i < packer.Layers.Length; i++)
        {
            // SAFETY: a window has room for the states of every layer.
            network.Layers[i].InitialHidden.CopyTo(new Span<float>(packer.Initial + packer.Layers[i].HiddenAt, network.Layers[i].Units));
            network.Layers[i].InitialCell.CopyTo(new Span<float>(packer.Initial + packer.Layers[i].CellAt, network.Layers[i].Units));
        }

        packer.PackHead(network.Head);
        return packer;
    }

    /// <summary>Floats of a window of a network, the same for every kernel.</summary>
    public static int WindowFloatsOf(LstmNetwork network) => checked(network.Layers.Sum(l => 2 * Padded(l.Units, CacheLineFloats)));

    /// <summary>Floats of a prepared step.</summary>
    public static int PreparedFloatsOf(LstmNetwork network) => checked(network.Layers.Sum(l => LstmLayer.Gates * Padded(l.Units, CacheLineFloats)));

    /// <summary>Floats of a tick, whole cache lines.</summary>
    public static int TickFloatsOf(LstmNetwork network) => Padded(network.Features.Count, CacheLineFloats);

    private static int Padded(int count, int multiple) => (count + multiple - 1) / multiple * multiple;

    private PackedLstm PackLayer(LstmLayer layer)
    {
        int row = LstmLayer.Gates * _lanes;
        int stateFloats = Padded(layer.Units, CacheLineFloats);
        var packed = new PackedLstm
        {
            Inputs = layer.Inputs,
            Units = layer.Units,
            Blocks = Padded(layer.Units, _lanes) / _lanes,
            BlockFloats = checked((1 + layer.Units + layer.Inputs) * row),
            HiddenAt = WindowFloats,
            CellAt = WindowFloats + stateFloats,
            PreparedAt = PreparedFloats,
        };
        packed.Weights = _memory.Floats(checked(packed.Blocks * packed.BlockFloats));
        WindowFloats += 2 * stateFloats;
        PreparedFloats += LstmLayer.Gates * stateFloats;
        SumFloats = Math.Max(SumFloats, LstmLayer.Gates * stateFloats);
        for (int unit = 0; unit < layer.Units; unit++)
        {
            for (int gate = 0; gate < LstmLayer.Gates; gate++)
            {
                // SAFETY: each block has 1 + Units + Inputs rows of four registers.
                float* column = packed.Weights + ((nint)(unit / _lanes) * packed.BlockFloats) + (gate * _lanes) + (unit % _lanes);
                int from = (gate * layer.Units) + unit;
                column[0] = layer.Bias[from];
                Fill(column + row, row, layer.Recurrent.Slice(from * layer.Units, layer.Units));
                Fill(column + ((nint)(1 + layer.Units) * row), row, layer.Input.Slice(from * layer.Inputs, layer.Inputs));
            }
        }

        return packed;
    }

    private static void Fill(float* column, nint stride, ReadOnlySpan<float> values)
    {
        // SAFETY: the column has a row for each value.
        for (int i = 0; i < values.Length; i++)
        {
            column[i * stride] = values[i];
        }
    }

    private void PackHead(IReadOnlyList<DenseLayer> head)
    {
        Head = new PackedLayer[head.Count];

        // SAFETY: the last layer's hidden state is inside a window.
        float* input = Last + Layers[^1].HiddenAt;
        for (int i = 0; i < head.Count; i++)
        {
            DenseLayer layer = head[i];
            int stride = i == 0 ? First(layer.Outputs) : Narrowest(layer.Outputs);
            float* weights = _memory.Floats(checked((layer.Inputs + 1) * stride));
            layer.Bias.CopyTo(new Span<float>(weights, stride));
            for (int row = 0; row < layer.Inputs; row++)
            {
                // SAFETY: there are Inputs + 1 rows of `stride` floats, the bias first.
                layer.Weights.Slice(row * layer.Outputs, layer.Outputs).CopyTo(new Span<float>(weights + ((row + 1) * (nint)stride), stride));
            }

            float* output = _memory.Floats(stride);
            SiloSlot* slot = _memory.Slots(1);
            *slot = new SiloSlot { Weights = weights, Input = input, Output = output };
            Head[i] = new PackedLayer { Slots = slot, Inputs = layer.Inputs, Stride = stride, Activation = layer.Activation };
            input = output;
        }
    }

    // The first layer's sums are kept in one, two or four registers.
    private int First(int outputs) => Narrowest(outputs) == 3 * _lanes ? 4 * _lanes : Narrowest(outputs);

    // One narrow register if that holds all outputs, else whole registers of the kernel's.
    private int Narrowest(int outputs) =>
        _lanes > 4 && outputs <= 4 ? 4 : _lanes > 8 && outputs <= 8 ? 8 : Padded(outputs, _lanes);
}
