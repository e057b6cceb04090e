using Engine.Training.Backends;

namespace Engine.Training.Training;

/// <summary>One epoch, for the report.</summary>
/// <param name="Epoch">From 0.</param>
/// <param name="TrainLoss">Mean over the epoch's rows, each before the step that it was part of, with dropout.</param>
/// <param name="ValidLoss">Mean over the validation rows after the epoch; NaN where there are none.</param>
/// <param name="GradientNorm">Mean over the epoch's steps, before the bound.</param>
/// <param name="Rate">Learning rate of its last step.</param>
/// <param name="Steps">Steps done since the training's begin.</param>
public readonly record struct EpochRecord(int Epoch, double TrainLoss, double ValidLoss, double GradientNorm, double Rate, long Steps);

/// <summary>How far a training is.</summary>
/// <param name="Epoch">The epoch at hand, from 0.</param>
/// <param name="Epochs">Most epochs.</param>
/// <param name="Step">Steps of the epoch that are done.</param>
/// <param name="Steps">Steps of an epoch.</param>
/// <param name="Loss">Mean of the epoch so far.</param>
/// <param name="ValidLoss">The validation loss of the epoch before; NaN in the first.</param>
/// <param name="SamplesPerSecond">Since this run began, validation included.</param>
/// <param name="Left">Until the last epoch's end, at that speed; early stopping may make it shorter.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, int Step, int Steps, double Loss, double ValidLoss, double SamplesPerSecond, TimeSpan Left);

/// <summary>Why a training ended.</summary>
public enum StopReason
{
    /// <summary>All epochs are done.</summary>
    Finished,

    /// <summary>The validation loss did not get better.</summary>
    EarlyStop,

    /// <summary>It was asked to.</summary>
    Cancelled,

    /// <summary>A loss, of training or validation, or a gradient was not finite. The epoch at hand is not in the history.</summary>
    Diverged,
}

/// <summary>What a training came to.</summary>
public sealed record TrainingOutcome
{
    /// <summary>
    /// The state with the lowest validation loss; without validation rows the last epoch's. Where no epoch was whole it is the drawn state, which has
    /// learnt nothing: ask <see cref="IsTrained"/> before it is used as a model.
    /// </summary>
    public required TrainingState Best { get; init; }

    /// <summary>The epoch of <see cref="Best"/>; −1 where none was whole.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Whether <see cref="Best"/> is a trained state: one epoch at least was whole, and its losses were finite.</summary>
    public bool IsTrained => BestEpoch >= 0;

    /// <summary>Every epoch, those before a checkpoint too.</summary>
    public required IReadOnlyList<EpochRecord> History { get; init; }

    /// <summary>Why it ended.</summary>
    public required StopReason Reason { get; init; }

    /// <summary>Training rows that were used.</summary>
    public required int TrainRows { get; init; }

    /// <summary>Validation rows that were used.</summary>
    public required int ValidRows { get; init; }

    /// <summary>Training rows that have too few ticks before them for the network's window.</summary>
    public required int TrainRowsWithoutWindow { get; init; }

    /// <summary>Validation rows that have too few.</summary>
    public required int ValidRowsWithoutWindow { get; init; }
}
