namespace Engine.Inference.Networks;

/// <summary>What a layer does to each of its outputs.</summary>
public enum Activation
{
    /// <summary>Nothing.</summary>
    Identity,

    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>1 / (1 + e^−x).</summary>
    Sigmoid,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,
}
