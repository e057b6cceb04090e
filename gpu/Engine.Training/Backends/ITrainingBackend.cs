using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Optimisation;

namespace Engine.Training.Backends;

/// <summary>What a training step does.</summary>
public sealed record StepOptions
{
    /// <summary>The loss.</summary>
    public LossSpec Loss { get; init; } = new();

    /// <summary>The optimiser.</summary>
    public OptimiserSpec Optimiser { get; init; } = new();

    /// <summary>Most rows of a batch; memory is sized by it.</summary>
    public int BatchSize { get; init; } = 1_024;

    /// <summary>Of dropout: its stream is a function of seed, step, layer, unit and row of the batch.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>What came out of a training step.</summary>
/// <param name="Loss">Mean over the batch, before the step, with dropout.</param>
/// <param name="GradientNorm">Euclidean norm of the gradient over all parameters, before it was bounded.</param>
/// <param name="IsFinite">Whether both are finite. If not, nothing was changed.</param>
public readonly record struct StepResult(double Loss, double GradientNorm, bool IsFinite);

/// <summary>What trains networks: the CPU, or a device. The same network, data and options give the same results within a stated tolerance.</summary>
public interface ITrainingBackend : IDisposable
{
    /// <summary>Most members of a group, whatever trains it.</summary>
    const int MaxGroup = 64;

    /// <summary>A name for reports, e.g. `cpu-avx512 ×2`, with whatever decides what comes out.</summary>
    string Name { get; }

    /// <summary>Networks that should be trained side by side, from 1 (one after another is as fast, and takes less memory) to <see cref="MaxGroup"/>.</summary>
    int GroupSize { get; }

    /// <summary>Whether it rounds what it multiplies: predictions are then near those of the engine, and not the same.</summary>
    bool IsRounding { get; }

    /// <summary>Refuses a network that no group of it can have, before anything is trained.</summary>
    /// <param name="network">The network.</param>
    /// <param name="batchSize">Most rows of a batch.</param>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    /// <exception cref="Devices.DeviceException">The device cannot do what is asked.</exception>
    void Check(NetworkSpec network, int batchSize)
    {
    }

    /// <summary>Makes a group.</summary>
    /// <param name="network">The network, of every member.</param>
    /// <param name="members">At least one and at most <see cref="MaxGroup"/>.</param>
    /// <exception cref="ArgumentException">Network, rows and options do not fit, or members cannot be of one group.</exception>
    ITrainingGroup CreateGroup(NetworkSpec network, IReadOnlyList<GroupMember> members);
}
