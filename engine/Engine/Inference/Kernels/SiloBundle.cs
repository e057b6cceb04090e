using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>One layer of the silos of a bundle, a lane a silo.</summary>
// SAFETY: here and below, the pointers lie in memory of the kernel that the bundle belongs to, which outlives it.
internal unsafe struct BundledLayer
{
    /// <summary>The biases, then the weights of each input; of each Outputs registers, one a unit.</summary>
    public float* Weights;

    /// <summary>Inputs of a silo; of the first layer the most of any silo, where others have weights of 0.</summary>
    public int Inputs;

    /// <summary>Units of a silo.</summary>
    public int Outputs;

    /// <summary>Applied to each output.</summary>
    public Activation Activation;
}

/// <summary>
/// As many silos as a register has lanes, side by side: one lane is one silo, and a register holds one unit of each. Where most
/// silos are to be computed this asks for fewer instructions than silo by silo, whose units leave lanes empty.
/// </summary>
internal sealed unsafe class SiloBundle
{
    /// <summary>For each lane the offset of its silo's inputs in the arena; lanes without a silo repeat the first.</summary>
    public required int* InputAt { get; init; }

    /// <summary>A register for each input, in whole quads: all bits set where the lane's silo has that input.</summary>
    public required float* Mask { get; init; }

    /// <summary>The layers, first to last.</summary>
    public required BundledLayer[] Layers { get; init; }

    /// <summary>For each lane its silo's index in the network, as far as there are silos.</summary>
    public required int[] Members { get; init; }

    /// <summary>The members as bits, 64 silos a word.</summary>
    public required ulong* MemberBits { get; init; }

    /// <summary>Where the embeddings begin in what is kept: a register for each output.</summary>
    public required int EmbeddingAt { get; init; }

    /// <summary>With this many silos to compute or more, all are computed together.</summary>
    public required int Threshold { get; init; }
}
