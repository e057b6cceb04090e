namespace Engine.Inference.Networks;

/// <summary>What a prediction of a sequence model follows from.</summary>
public enum SequenceMode
{
    /// <summary>The last T ticks and nothing before them.</summary>
    Windows,

    /// <summary>Every tick since the instrument's first: the state is carried from tick to tick.</summary>
    Streaming,
}
