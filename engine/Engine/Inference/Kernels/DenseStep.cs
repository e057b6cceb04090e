using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>What a packed stage does.</summary>
internal enum DenseStepKind
{
    /// <summary>A dense layer.</summary>
    Product,

    /// <summary>An activation by itself.</summary>
    Activate,

    /// <summary>x, or a part of it below 0.</summary>
    LeakyRelu,

    /// <summary>A layer normalisation.</summary>
    LayerNorm,

    /// <summary>A softmax.</summary>
    Softmax,

    /// <summary>Some of the values.</summary>
    Pick,
}

/// <summary>A packed stage. What its kind does not use is 0.</summary>
// SAFETY: the pointers lie in memory of the kernel that the steps belong to, which outlives them.
internal unsafe struct DenseStep
{
    /// <summary>What it does.</summary>
    public DenseStepKind Kind;

    /// <summary>Applied by <see cref="DenseStepKind.Activate"/>.</summary>
    public Activation Activation;

    /// <summary>Values: those that go in, of <see cref="DenseStepKind.Pick"/> those that come out.</summary>
    public int Count;

    /// <summary>The slope or the epsilon.</summary>
    public float Number;

    /// <summary>The values, in whole registers.</summary>
    public float* Input;

    /// <summary>Room for the results, in whole registers.</summary>
    public float* Output;

    /// <summary>A factor for each value, in whole registers.</summary>
    public float* Scale;

    /// <summary>An offset for each value, in whole registers.</summary>
    public float* Offset;

    /// <summary>What is picked.</summary>
    public int* Indices;

    /// <summary>The dense layer.</summary>
    public PackedLayer Layer;
}
