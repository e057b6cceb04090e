namespace Engine.Signals;

/// <summary>Where predictions go: a ring to the recording thread, a test.</summary>
public interface IPredictionSink
{
    /// <summary>Takes one prediction.</summary>
    void Publish(ref Prediction prediction);
}
