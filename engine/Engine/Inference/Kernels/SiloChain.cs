using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>One layer of a chain.</summary>
internal struct ChainLayer
{
    /// <summary>Inputs; of every layer but the first, units of the layer before.</summary>
    public int Inputs;

    /// <summary>Applied to each unit.</summary>
    public Activation Activation;
}

/// <summary>
/// Dense layers, one after the other, none with more units than a register has lanes: each layer's units stay in a register, from
/// which the next one takes its inputs.
/// </summary>
// SAFETY: the pointers lie in memory of the kernel that the chain belongs to, which outlives it.
internal unsafe struct SiloChain
{
    /// <summary>Of each layer the bias, then a row of weights for each input; every row one register, padded with zeros.</summary>
    public float* Weights;

    /// <summary>The first layer's inputs, contiguous.</summary>
    public float* Input;

    /// <summary>The layers, first to last.</summary>
    public ChainLayer* Layers;

    /// <summary>How many layers there are.</summary>
    public int Depth;

    /// <summary>Units of the last layer.</summary>
    public int Outputs;

    /// <summary>Where the embedding begins among the inputs of the fusion.</summary>
    public int FusionAt;
}

/// <summary>Lays layers out as chains.</summary>
internal sealed unsafe class ChainPacker(int lanes, PackedMemory memory)
{
    /// <summary>
    /// Whether every layer of a network's silos and of its fusion fits a register, and none but the last has an activation that does
    /// not stay in one.
    /// </summary>
    public bool Fits(SiloNetwork network) =>
        network.Silos.SelectMany(s => s.Layers).Concat(network.Fusion.SkipLast(1)).All(l => l.Outputs <= lanes && l.Activation <= Activation.Relu)
        && network.Fusion[^1].Outputs <= lanes;

    /// <summary>Whether the layers behind the first are of the same shape and activations in all silos, so that two go side by side.</summary>
    public static bool Alike(IReadOnlyList<Silo> silos) =>
        silos.Select(s => $"{s.Layers.Count} {s.Layers[0].Outputs} {string.Join(' ', s.Layers.Skip(1).Select(l => $"{l.Outputs}{l.Activation}"))}").Distinct().Count() == 1;

    /// <summary>Packs a network's silos, in order.</summary>
    /// <param name="network">A network that fits.</param>
    /// <param name="inputAt">For each silo where its inputs lie.</param>
    public SiloChain* Silos(SiloNetwork network, Func<int, nint> inputAt)
    {
        var chains = (SiloChain*)memory.Bytes(Math.Max(1, network.Silos.Count) * sizeof(SiloChain));
        int at = network.Direct.Count;
        for (int s = 0; s < network.Silos.Count; s++)
        {
            // SAFETY: there is room for a chain a silo.
            chains[s] = Pack(network.Silos[s].Layers, (float*)inputAt(s), at);
            at += network.Silos[s].Outputs;
        }

        return chains;
    }

    /// <summary>Packs some layers.</summary>
    /// <param name="layers">At least one, none wider than a register.</param>
    /// <param name="input">The first one's inputs; null where it finds them otherwise.</param>
    /// <param name="fusionAt">As <see cref="SiloChain.FusionAt"/>.</param>
    public SiloChain Pack(IReadOnlyList<DenseLayer> layers, float* input, int fusionAt)
    {
        var chain = new SiloChain
        {
            Weights = memory.Floats(checked(layers.Sum(l => l.Inputs + 1) * lanes)),
            Layers = (ChainLayer*)memory.Bytes(layers.Count * sizeof(ChainLayer)),
            Input = input,
            Depth = layers.Count,
            Outputs = layers[^1].Outputs,
            FusionAt = fusionAt,
        };
        float* row = chain.Weights;
        for (int l = 0; l < layers.Count; l++)
        {
            // SAFETY: there is room for each layer, and for Inputs + 1 rows of each.
            DenseLayer layer = layers[l];
            chain.Layers[l] = new ChainLayer { Inputs = layer.Inputs, Activation = layer.Activation };
            layer.Bias.CopyTo(new Span<float>(row, lanes));
            for (int i = 0; i < layer.Inputs; i++)
            {
                row += lanes;
                layer.Weights.Slice(i * layer.Outputs, layer.Outputs).CopyTo(new Span<float>(row, lanes));
            }

            row += lanes;
        }

        return chain;
    }
}
