namespace Engine.Inference;

/// <summary>What runs a model.</summary>
public enum InferenceMode
{
    /// <summary>Our kernels; graphs that they recognise only.</summary>
    Native,

    /// <summary>ONNX Runtime; any graph.</summary>
    Ort,

    /// <summary>Both; the prediction is native's and the largest difference is kept.</summary>
    Both,
}
