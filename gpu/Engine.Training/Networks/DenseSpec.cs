using Engine.Inference.Networks;

namespace Engine.Training.Networks;

/// <summary>One dense layer to be trained.</summary>
/// <param name="Outputs">Units.</param>
/// <param name="Activation">Applied to each.</param>
/// <param name="Dropout">Share of the outputs that a training step puts to 0, in [0, 1); the others are scaled up to make good for it.</param>
public sealed record DenseSpec(int Outputs, Activation Activation = Activation.Identity, float Dropout = 0);
