using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// Lays a network out in memory for registers of a given width. The arena starts with a copy of the row, then gathered
/// inputs of silos whose features are not contiguous, then the outputs of every layer. What is kept of an instrument starts with a
/// row too, then the embeddings.
/// </summary>
internal sealed unsafe class SiloPacker
{
    private readonly SiloNetwork _network;
    private readonly int _lanes;
    private readonly PackedMemory _memory;
    private readonly List<(int From, int To)> _copies = [];
    private readonly List<(nint Slots, int Count)> _unplaced = [];
    private readonly int[] _inputAt;
    private int _arenaFloats;

    private SiloPacker(SiloNetwork network, int lanes, PackedMemory memory)
    {
        _network = network;
        _lanes = lanes;
        _memory = memory;
        _inputAt = new int[network.Silos.Count];
        _arenaFloats = KeptFloats = Padded(network.FeatureCount, 16);
        EmbeddingAt = new int[network.Silos.Count];
        EmbeddingStride = new int[network.Silos.Count];
    }

    /// <summary>Groups of equal silos: every silo is in one.</summary>
    public SiloGroup[] Groups { get; private set; } = [];

    /// <summary>Silos that can be computed a lane a silo: none, some or all.</summary>
    public SiloBundle[] Bundles { get; private set; } = [];

    /// <summary>For each silo: where in what is kept its embedding begins.</summary>
    public int[] EmbeddingAt { get; }

    /// <summary>For each silo: from one value of its embedding to the next.</summary>
    public int[] EmbeddingStride { get; }

    /// <summary>Floats that are kept of an instrument.</summary>
    public int KeptFloats { get; private set; }

    /// <summary>Floats of each of the two areas where bundles work.</summary>
    public int WorkFloats { get; private set; } = 16;

    /// <summary>The fusion's layers, each as a group of one.</summary>
    public PackedLayer[] Fusion { get; private set; } = [];

    /// <summary>For each input of the first fusion layer its offset: of a direct feature in the arena, then of embeddings in what is kept.</summary>
    public int[] FusionInputs { get; private set; } = [];

    /// <summary>Floats to copy inside the arena once the row is there: (from, to).</summary>
    public IReadOnlyList<(int From, int To)> Copies => _copies;

    /// <summary>The row, gathered inputs and outputs; a register to spare behind it.</summary>
    public float* Arena { get; private set; }

    /// <summary>Packs a network.</summary>
    /// <param name="network">What to pack.</param>
    /// <param name="lanes">Floats in a register.</param>
    /// <param name="memory">Owns what is allocated.</param>
    public static SiloPacker Pack(SiloNetwork network, int lanes, PackedMemory memory)
    {
        var packer = new SiloPacker(network, lanes, memory);
        packer.Groups = network.Silos
            .Select((silo, index) => (silo, index))
            .GroupBy(s => Shape(s.silo), StringComparer.Ordinal)
            .Select(g => packer.Group(g.Select(s => s.index).ToArray()))
            .ToArray();
        packer.Bundles = packer.PackBundles();
        packer.PlaceEmbeddings();
        packer.PackFusion();
        packer.Place();
        return packer;
    }

    /// <summary>Where a silo's inputs lie.</summary>
    // SAFETY: an offset in the arena.
    public nint InputOf(int silo) => (nint)(Arena + _inputAt[silo]);

    private static int Padded(int count, int lanes) => (count + lanes - 1) / lanes * lanes;

    // The stride of a layer: one narrow register if that holds all outputs, else whole registers of the kernel's.
    private static int Narrowest(int outputs, int lanes) =>
        lanes > 4 && outputs <= 4 ? 4 : lanes > 8 && outputs <= 8 ? 8 : Padded(outputs, lanes);

    private static string Shape(Silo silo) =>
        string.Join(' ', silo.Layers.Select(l => $"{l.Inputs}x{l.Outputs}{l.Activation}"));

    private SiloGroup Group(int[] members)
    {
        int[] inputAt = members.Select(m => _inputAt[m] = InputOffset(_network.Silos[m].Features)).ToArray();
        int depth = _network.Silos[members[0]].Layers.Count;
        var layers = new PackedLayer[depth];
        for (int depthAt = 0; depthAt < depth; depthAt++)
        {
            int at = depthAt;
            layers[depthAt] = PackLayer(members.Select(m => _network.Silos[m].Layers[at]).ToArray(), inputAt, out inputAt);
        }

        return new SiloGroup { Layers = layers, Members = members, Embedding = _network.Silos[members[0]].Outputs };
    }

    // Silos whose layers have the same units and activations, those with the most inputs first, a register full at a time.
    private SiloBundle[] PackBundles()
    {
        var bundles = new List<SiloBundle>();
        if (_lanes < BundlePacker.MinLanes)
        {
            return [];
        }

        bool chained = new ChainPacker(_lanes, _memory).Fits(_network);
        foreach (var units in Enumerable.Range(0, _network.Silos.Count).GroupBy(s => BundlePacker.Units(_network.Silos[s]), StringComparer.Ordinal))
        {
            foreach (int[] members in units.OrderByDescending(s => _network.Silos[s].Features.Count).Chunk(_lanes))
            {
                int threshold = BundlePacker.Threshold([.. members.Select(m => _network.Silos[m])], _lanes, chained);
                if (threshold <= members.Length)
                {
                    bundles.Add(new BundlePacker(_network, _lanes, _memory).Pack(members, [.. members.Select(m => _inputAt[m])], KeptFloats, threshold));
                    KeptFloats += Padded(_network.Silos[members[0]].Outputs * _lanes, 16);
                    WorkFloats = Math.Max(WorkFloats, BundlePacker.WorkFloats(bundles[^1], _lanes));
                }
            }
        }

        // A bundle reads every silo's inputs as if it had as many as the widest.
        _ = Reserve(WorkFloats);
        return [.. bundles];
    }

    private void PlaceEmbeddings()
    {
        Array.Fill(EmbeddingAt, -1);
        foreach (SiloBundle bundle in Bundles)
        {
            for (int lane = 0; lane < bundle.Members.Length; lane++)
            {
                EmbeddingAt[bundle.Members[lane]] = bundle.EmbeddingAt + lane;
                EmbeddingStride[bundle.Members[lane]] = _lanes;
            }
        }

        for (int s = 0; s < EmbeddingAt.Length; s++)
        {
            if (EmbeddingAt[s] < 0)
            {
                EmbeddingAt[s] = KeptFloats;
                EmbeddingStride[s] = 1;
                KeptFloats = checked(KeptFloats + _network.Silos[s].Outputs);
            }
        }
    }

    private void PackFusion()
    {
        var inputs = new List<int>(_network.Direct);
        for (int s = 0; s < EmbeddingAt.Length; s++)
        {
            inputs.AddRange(Enumerable.Range(0, _network.Silos[s].Outputs).Select(o => EmbeddingAt[s] + (o * EmbeddingStride[s])));
        }

        FusionInputs = [.. inputs];

        int[] at = [0];
        Fusion = new PackedLayer[_network.Fusion.Count];
        for (int i = 0; i < Fusion.Length; i++)
        {
            Fusion[i] = PackLayer([_network.Fusion[i]], at, out at, narrow: i > 0);
        }
    }

    private PackedLayer PackLayer(DenseLayer[] layers, int[] inputAt, out int[] outputAt, bool narrow = true)
    {
        var packed = new PackedLayer
        {
            Inputs = layers[0].Inputs,
            Stride = narrow ? Narrowest(layers[0].Outputs, _lanes) : Padded(layers[0].Outputs, _lanes),
            Activation = layers[0].Activation,
        };
        int piece = checked((packed.Inputs + 1) * packed.Stride);
        float* weights = _memory.Floats(checked(piece * layers.Length));
        packed.Slots = _memory.Slots(layers.Length);
        _unplaced.Add(((nint)packed.Slots, layers.Length));
        outputAt = new int[layers.Length];
        for (int s = 0; s < layers.Length; s++)
        {
            outputAt[s] = Reserve(packed.Stride);
            Fill(layers[s], weights + ((nint)s * piece), packed.Stride);

            // SAFETY: a slot for each layer was allocated. Place adds the arena's address to the two offsets.
            packed.Slots[s] = new SiloSlot
            {
                Weights = weights + ((nint)s * piece),
                Input = (float*)0 + inputAt[s],
                Output = (float*)0 + outputAt[s],
            };
        }

        return packed;
    }

    private static void Fill(DenseLayer layer, float* rows, int stride)
    {
        // SAFETY: there are Inputs + 1 rows of `stride` floats, the bias first.
        layer.Bias.CopyTo(new Span<float>(rows, stride));
        for (int i = 0; i < layer.Inputs; i++)
        {
            layer.Weights.Slice(i * layer.Outputs, layer.Outputs).CopyTo(new Span<float>(rows + ((i + 1) * (nint)stride), stride));
        }
    }

    // The arena's size is known only at the end; until then slots hold offsets.
    private void Place()
    {
        Arena = _memory.Floats(_arenaFloats);
        foreach ((nint slots, int count) in _unplaced)
        {
            for (int s = 0; s < count; s++)
            {
                // SAFETY: `count` slots were allocated there, and each is placed once.
                SiloSlot* slot = (SiloSlot*)slots + s;
                slot->Input = Arena + ((nint)slot->Input / sizeof(float));
                slot->Output = Arena + ((nint)slot->Output / sizeof(float));
            }
        }
    }

    // Contiguous features are read where they are; others are gathered first.
    private int InputOffset(IReadOnlyList<int> features)
    {
        if (features.Select((f, i) => f - i).Distinct().Count() == 1)
        {
            return features[0];
        }

        int to = Reserve(features.Count);
        _copies.AddRange(features.Select((f, i) => (f, to + i)));
        return to;
    }

    // Whole cache lines, so that a store never straddles two.
    private int Reserve(int floats)
    {
        int at = _arenaFloats;
        _arenaFloats = checked(_arenaFloats + Padded(floats, 16));
        return at;
    }
}
