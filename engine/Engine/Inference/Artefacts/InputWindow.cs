namespace Engine.Inference.Artefacts;

/// <summary>How a graph's input lies.</summary>
/// <param name="Steps">T: ticks of a window; 1 where the model reads a row.</param>
/// <param name="IsSequence">[1, T, F] or [T, 1, F]; otherwise [1, F].</param>
/// <param name="IsTimeFirst">[T, 1, F].</param>
public readonly record struct InputWindow(int Steps, bool IsSequence, bool IsTimeFirst)
{
    /// <summary>A model that reads a row.</summary>
    public static InputWindow Row => new(1, false, false);
}
