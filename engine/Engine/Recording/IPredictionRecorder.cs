using Engine.Signals;

namespace Engine.Recording;

/// <summary>What the recording thread hands predictions to.</summary>
public interface IPredictionRecorder
{
    /// <summary>Predictions so far.</summary>
    long Predictions { get; }

    /// <summary>Hash over every prediction record so far; 0 before the first.</summary>
    ulong Digest { get; }

    /// <summary>What one model predicted.</summary>
    /// <param name="model">Its number in the run.</param>
    ModelTally Tally(int model);

    /// <summary>Takes one published item, in order: a prediction, or what its <see cref="Prediction.Kind"/> says.</summary>
    void Append(ref Prediction prediction);

    /// <summary>No more predictions wait just now: make what was taken safe.</summary>
    void Flush();
}
