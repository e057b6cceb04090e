namespace Engine.Signals;

/// <summary>Where predictions go: a ring to the recording thread, a test.</summary>
public interface IPredictionSink
{
    /// <summary>Takes one prediction, or by its <see cref="Prediction.Kind"/> a <see cref="MemberRecord"/> or a <see cref="ModelRecord"/>.</summary>
    void Publish(ref Prediction prediction);
}
