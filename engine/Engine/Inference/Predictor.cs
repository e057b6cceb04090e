namespace Engine.Inference;

/// <summary>placeholder until merge</summary>
public abstract class Predictor : IDisposable
{
    /// <summary>x</summary>
    public abstract float Predict(ReadOnlySpan<float> normalised);
    /// <summary>x</summary>
    public abstract string Kernel { get; }
    /// <summary>x</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
