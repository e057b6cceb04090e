using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>Lays silos out a lane a silo.</summary>
internal sealed unsafe class BundlePacker(SiloNetwork network, int lanes, PackedMemory memory)
{
    /// <summary>Lanes below which bundles do not pay.</summary>
    public const int MinLanes = 8;

    private const int Quad = 4;

    /// <summary>What silos of one bundle have in common: the units and activations of every layer.</summary>
    public static string Units(Silo silo) => string.Join(' ', silo.Layers.Select(l => $"{l.Outputs}{l.Activation}"));

    /// <summary>
    /// From how many silos on all of them together take less time than those few one by one. In registers of weights: silo by silo
    /// each comes with a broadcast and branches that follow the data, which makes it twice as dear, or half as dear again in chains
    /// (measured); together, the inputs have to be turned first.
    /// </summary>
    /// <param name="silos">The bundle's.</param>
    /// <param name="lanes">Floats in a register.</param>
    /// <param name="chained">Silos that go one by one go in chains.</param>
    public static int Threshold(Silo[] silos, int lanes, bool chained)
    {
        long together = 6L * silos[0].Features.Count;
        for (int l = 0; l < silos[0].Layers.Count; l++)
        {
            together += (long)silos[0].Layers[l].Inputs * silos[0].Layers[l].Outputs;
        }

        long single = silos.Sum(s => s.Layers.Sum(l => (long)l.Inputs * ((l.Outputs + lanes - 1) / lanes)));
        return (int)Math.Min(int.MaxValue, 1 + (2 * together * silos.Length / ((chained ? 3 : 4) * single)));
    }

    /// <summary>Floats of an area that holds what goes into or comes out of any layer.</summary>
    public static int WorkFloats(SiloBundle bundle, int lanes) =>
        bundle.Layers.Max(l => Math.Max((l.Inputs + Quad - 1) / Quad * Quad, l.Outputs)) * lanes;

    /// <summary>Packs a bundle.</summary>
    /// <param name="members">Indices of its silos, that with the most inputs first; at most a register full.</param>
    /// <param name="inputAt">For each its inputs' offset in the arena.</param>
    /// <param name="embeddingAt">Where its embeddings go in what is kept.</param>
    /// <param name="threshold">From how many silos on it is computed.</param>
    public SiloBundle Pack(int[] members, int[] inputAt, int embeddingAt, int threshold)
    {
        Silo[] silos = [.. members.Select(m => network.Silos[m])];
        ulong* bits = memory.Words((network.Silos.Count + 63) / 64);
        foreach (int member in members)
        {
            // SAFETY: there is a bit for each silo.
            bits[member / 64] |= 1UL << (member % 64);
        }

        return new SiloBundle
        {
            InputAt = memory.Integers([.. Enumerable.Range(0, lanes).Select(i => inputAt[i < inputAt.Length ? i : 0])]),
            Mask = Mask(silos),
            Layers = [.. Enumerable.Range(0, silos[0].Layers.Count).Select(l => Layer([.. silos.Select(s => s.Layers[l])]))],
            Members = members,
            MemberBits = bits,
            EmbeddingAt = embeddingAt,
            Threshold = threshold,
        };
    }

    private float* Mask(Silo[] silos)
    {
        int inputs = (silos[0].Features.Count + Quad - 1) / Quad * Quad;
        float* mask = memory.Floats(checked(inputs * lanes));
        for (int lane = 0; lane < silos.Length; lane++)
        {
            for (int i = 0; i < silos[lane].Features.Count; i++)
            {
                // SAFETY: i is below inputs, since the first silo has the most.
                mask[(i * lanes) + lane] = BitConverter.Int32BitsToSingle(-1);
            }
        }

        return mask;
    }

    private BundledLayer Layer(DenseLayer[] layers)
    {
        var bundled = new BundledLayer { Inputs = layers[0].Inputs, Outputs = layers[0].Outputs, Activation = layers[0].Activation };
        int row = checked(bundled.Outputs * lanes);
        bundled.Weights = memory.Floats(checked((bundled.Inputs + 1) * row));
        for (int lane = 0; lane < layers.Length; lane++)
        {
            DenseLayer layer = layers[lane];
            for (int o = 0; o < layer.Outputs; o++)
            {
                // SAFETY: there are Inputs + 1 rows of Outputs registers, and no layer has more inputs than the first.
                float* unit = bundled.Weights + (o * lanes) + lane;
                *unit = layer.Bias[o];
                for (int i = 0; i < layer.Inputs; i++)
                {
                    unit[(i + 1) * (nint)row] = layer.Weights[(i * layer.Outputs) + o];
                }
            }
        }

        return bundled;
    }
}
