using Engine.Training.Backends;
using Engine.Training.Optimisation;

namespace Engine.Training.Training;

/// <summary>A training from its first epoch to its last.</summary>
public sealed record TrainerOptions
{
    /// <summary>Most epochs that are allowed.</summary>
    public const int MaxEpochs = 100_000;

    /// <summary>What a step does; its batch size and seed are also the training's.</summary>
    public StepOptions Step { get; init; } = new();

    /// <summary>The learning rate.</summary>
    public LearningRate Rate { get; init; } = new();

    /// <summary>Most epochs.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Epochs without a better validation loss after which training ends; 0: never.</summary>
    public int Patience { get; init; } = 5;

    /// <summary>How much lower a validation loss must be to count as better, as a share of the best.</summary>
    public double MinImprovement { get; init; }

    /// <summary>Where everything is written after every epoch, for going on from there; null: nowhere.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is outside its range.</exception>
    public void Check()
    {
        Rate.Check();
        if (Epochs is < 1 or > MaxEpochs || Patience < 0 || !(MinImprovement is >= 0 and < 1))
        {
            throw new ArgumentException($"{Epochs} epochs, patience {Patience}, least improvement {MinImprovement}: 1 to {MaxEpochs}, 0 or more and [0, 1) are allowed.");
        }
    }
}
