using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Engine.Core.Time;
using Engine.Training.Backends;
using Engine.Training.Networks;

namespace Engine.Training.Training;

/// <summary>
/// Trains a network: epochs of shuffled batches of the training rows, the validation loss after each, the best state kept. The same
/// network, rows and options give the same bits, in one run or in several from checkpoint to checkpoint.
/// </summary>
/// <remarks>
/// Rows are shuffled within the training part only. What must be the same for a training to go on from a checkpoint (its
/// fingerprint): the network, loss, optimiser, schedule, batch, seed, epochs where the schedule depends on them, rows, labels and features.
/// What trains is not among them: a training that goes on elsewhere goes on to numbers within that backend's tolerance.
/// </remarks>
public sealed class Trainer
{
    /// <param name="network">The network.</param>
    /// <param name="rows">Normalised by statistics of the training rows only.</param>
    /// <param name="train">Rows to fit on.</param>
    /// <param name="valid">Rows to choose the epoch by; may be empty if <see cref="TrainerOptions.Patience"/> is 0.</param>
    /// <param name="options">The rest.</param>
    /// <param name="clock">For speeds; no result depends on it.</param>
    /// <exception cref="ArgumentException">Nothing to train or to choose on, or options that make no sense.</exception>
    public Trainer(NetworkSpec network, TrainingRows rows, ReadOnlySpan<int> train, ReadOnlySpan<int> valid, TrainerOptions options, IClock clock)
    {
        options.Check();
        network.Check();
        (Network, Rows, Options, Clock) = (network, rows, options, clock);
        TrainRows = rows.WithWindow(train, network.Window);
        ValidRows = rows.WithWindow(valid, network.Window);
        (TrainRowsWithoutWindow, ValidRowsWithoutWindow) = (train.Length - TrainRows.Length, valid.Length - ValidRows.Length);
        if (TrainRows.Length == 0 || (ValidRows.Length == 0 && options.Patience > 0))
        {
            throw new ArgumentException(
                $"{TrainRows.Length} training and {ValidRows.Length} validation rows have the {network.Window} ticks that the network reads: training needs rows, and so does early stopping.");
        }

        int smallest = TrainRows.Length / BatchOrder.Count(TrainRows.Length, options.Step.BatchSize);
        if (network is LstmSpec { HasBatchNorm: true } && smallest < 2)
        {
            throw new ArgumentException($"Batches of {options.Step.BatchSize} of {TrainRows.Length} training rows leave one of a single row, which batch normalisation cannot be trained on.");
        }
    }

    /// <summary>The network.</summary>
    internal NetworkSpec Network { get; }

    /// <summary>What it learns from.</summary>
    internal TrainingRows Rows { get; }

    /// <summary>The rest.</summary>
    internal TrainerOptions Options { get; }

    /// <summary>For speeds.</summary>
    internal IClock Clock { get; }

    /// <summary>Rows to fit on that have a whole window.</summary>
    internal int[] TrainRows { get; }

    /// <summary>Rows to choose the epoch by that have one.</summary>
    internal int[] ValidRows { get; }

    /// <summary>Rows to fit on that have none.</summary>
    internal int TrainRowsWithoutWindow { get; }

    /// <summary>Rows to choose by that have none.</summary>
    internal int ValidRowsWithoutWindow { get; }

    /// <summary>Trains, from the checkpoint if there is one.</summary>
    /// <param name="backend">What trains.</param>
    /// <param name="progress">Told after every step; null for nobody.</param>
    /// <param name="cancellation">Ends the training after the burst at hand; what an epoch has begun is not in the checkpoint.</param>
    /// <exception cref="InvalidDataException">The checkpoint is damaged or another training's.</exception>
    public TrainingOutcome Run(ITrainingBackend backend, Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        using ITrainingGroup group = GroupTrainer.CreateGroup(backend, [this]);
        return GroupTrainer.Run(group, [this], progress is null ? null : (_, p) => progress(p), cancellation)[0];
    }

    /// <summary>SHA-256 over what must be the same for a training to go on from a checkpoint.</summary>
    internal byte[] Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var text = new StringBuilder(NetworkText.Of(Network));
        text.Append(CultureInfo.InvariantCulture, $"{Options.Step.Loss}\n{Options.Step.Optimiser}\n{Options.Rate}\n");
        text.Append(CultureInfo.InvariantCulture, $"batch {Options.Step.BatchSize}, seed {Options.Step.Seed}, patience {Options.Patience}, least improvement {Options.MinImprovement:R}\n");
        if (Options.Rate.Schedule == Optimisation.RateSchedule.Cosine)
        {
            text.Append(CultureInfo.InvariantCulture, $"epochs {Options.Epochs}\n");
        }

        hash.AppendData(Encoding.UTF8.GetBytes(text.ToString()));
        ByteSlices.Give<int>(TrainRows, hash.AppendData);
        hash.AppendData([0xFF]);
        ByteSlices.Give<int>(ValidRows, hash.AppendData);
        ByteSlices.Give<float>(Rows.Labels, hash.AppendData);
        ByteSlices.Give(Rows.Features, hash.AppendData);
        return hash.GetHashAndReset();
    }
}
