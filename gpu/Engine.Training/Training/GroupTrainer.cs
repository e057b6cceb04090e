using Engine.Training.Backends;
using Engine.Training.Networks;

namespace Engine.Training.Training;

/// <summary>
/// Trains networks of one shape in lockstep: in each round every training that goes on has its next steps made, and at the end of an epoch of its own it
/// evaluates and writes its checkpoint. What comes of each is what would have come of it alone, to the same bits, whatever becomes of the others.
/// </summary>
public static class GroupTrainer
{
    /// <summary>Makes the group of some trainings, a member each in their order.</summary>
    /// <param name="backend">What trains.</param>
    /// <param name="trainers">Of one network, batch size and kind of loss.</param>
    /// <exception cref="ArgumentException">They cannot be of one group, or two would write the same checkpoint.</exception>
    public static ITrainingGroup CreateGroup(ITrainingBackend backend, IReadOnlyList<Trainer> trainers)
    {
        ArgumentNullException.ThrowIfNull(backend);
        GroupMember[] members = [.. trainers.Select(t => new GroupMember(t.Rows, t.Options.Step))];
        GroupMember.Check(members);
        if (trainers.Select(t => NetworkText.Of(t.Network)).Distinct(StringComparer.Ordinal).Count() > 1)
        {
            throw new ArgumentException("Members of a group have one network.", nameof(trainers));
        }

        string[] files = [.. trainers.Select(t => t.Options.CheckpointPath).OfType<string>().Select(Path.GetFullPath)];
        if (files.Distinct(StringComparer.Ordinal).Count() < files.Length)
        {
            throw new ArgumentException("Two members of a group would write the same checkpoint.", nameof(trainers));
        }

        return backend.CreateGroup(trainers[0].Network, members);
    }

    /// <summary>Trains, each from its checkpoint if there is one.</summary>
    /// <param name="group">Of these trainings; it may have trained others before.</param>
    /// <param name="trainers">By member.</param>
    /// <param name="progress">Told after every step of a member; null for nobody.</param>
    /// <param name="cancellation">Ends all after the burst at hand; what an epoch has begun is not in the checkpoint.</param>
    /// <returns>By member.</returns>
    /// <exception cref="InvalidDataException">A checkpoint is damaged or another training's.</exception>
    public static TrainingOutcome[] Run(
        ITrainingGroup group, IReadOnlyList<Trainer> trainers, Action<int, TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (trainers.Count != group.Count)
        {
            throw new ArgumentException($"{trainers.Count} trainings for a group of {group.Count}.", nameof(trainers));
        }

        TrainingRun[] runs = [.. trainers.Select((t, member) => new TrainingRun(t, member, progress is null ? null : p => progress(member, p)))];
        for (int member = 0; member < runs.Length; member++)
        {
            group.Restore(member, runs[member].Start);
        }

        while (Array.FindAll(runs, r => !r.IsOver) is { Length: > 0 } going)
        {
            if (cancellation.IsCancellationRequested)
            {
                Array.ForEach(going, r => r.Cancel());
                break;
            }

            StepResult[][] results = group.Run([.. going.Select(r => r.Next(group.BurstSteps))]);
            for (int i = 0; i < going.Length; i++)
            {
                going[i].Take(results[i], group);
            }
        }

        return [.. runs.Select(r => r.Outcome)];
    }
}
