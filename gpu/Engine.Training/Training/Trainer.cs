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
/// </remarks>
public sealed class Trainer
{
    private readonly NetworkSpec _network;
    private readonly TrainingRows _rows;
    private readonly TrainerOptions _options;
    private readonly IClock _clock;
    private readonly int[] _train;
    private readonly int[] _valid;
    private readonly int _trainWithout;
    private readonly int _validWithout;

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
        (_network, _rows, _options, _clock) = (network, rows, options, clock);
        _train = rows.WithWindow(train, network.Window);
        _valid = rows.WithWindow(valid, network.Window);
        (_trainWithout, _validWithout) = (train.Length - _train.Length, valid.Length - _valid.Length);
        if (_train.Length == 0 || (_valid.Length == 0 && options.Patience > 0))
        {
            throw new ArgumentException(
                $"{_train.Length} training and {_valid.Length} validation rows have the {network.Window} ticks that the network reads: training needs rows, and so does early stopping.");
        }

        int smallest = _train.Length / BatchOrder.Count(_train.Length, options.Step.BatchSize);
        if (network is LstmSpec { HasBatchNorm: true } && smallest < 2)
        {
            throw new ArgumentException($"Batches of {options.Step.BatchSize} of {_train.Length} training rows leave one of a single row, which batch normalisation cannot be trained on.");
        }
    }

    /// <summary>Trains, from the checkpoint if there is one.</summary>
    /// <param name="backend">What trains.</param>
    /// <param name="progress">Told after every step; null for nobody.</param>
    /// <param name="cancellation">Ends the training after the step at hand; what an epoch has begun is not in the checkpoint.</param>
    /// <exception cref="InvalidDataException">The checkpoint is damaged or another training's.</exception>
    public TrainingOutcome Run(ITrainingBackend backend, Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        using ITrainingSession session = backend.Create(_network, _rows, _options.Step);
        byte[] fingerprint = _options.CheckpointPath is null ? [] : Fingerprint();
        Checkpoint at = _options.CheckpointPath is { } path && File.Exists(path) ? Checkpoint.Read(path, fingerprint) : Begin(fingerprint);
        session.Restore(at.Last);
        var speed = new Speed(_clock.NowNanos);
        StopReason reason = StopReason.Finished;
        while (at.Epochs < _options.Epochs)
        {
            if (_options.Patience > 0 && at.SinceBest >= _options.Patience)
            {
                reason = StopReason.EarlyStop;
                break;
            }

            EpochRecord? record = RunEpoch(session, at, speed, progress, cancellation, out reason);
            if (record is null)
            {
                break;
            }

            at = Next(at, record.Value, session);
            if (_options.CheckpointPath is { } file)
            {
                at.Write(file);
            }
        }

        return new TrainingOutcome
        {
            Best = at.Best,
            BestEpoch = at.BestEpoch,
            History = at.History,
            Reason = reason,
            TrainRows = _train.Length,
            ValidRows = _valid.Length,
            TrainRowsWithoutWindow = _trainWithout,
            ValidRowsWithoutWindow = _validWithout,
        };
    }

    private Checkpoint Begin(byte[] fingerprint)
    {
        TrainingState state = TrainingState.Begin(_network, _options.Step.Seed);
        return new Checkpoint
        {
            Fingerprint = fingerprint, Epochs = 0, BestEpoch = -1, BestLoss = double.PositiveInfinity, SinceBest = 0, History = [], Last = state, Best = state,
        };
    }

    private EpochRecord? RunEpoch(
        ITrainingSession session, Checkpoint at, Speed speed, Action<TrainingProgress>? progress, CancellationToken cancellation, out StopReason reason)
    {
        int[] order = BatchOrder.Shuffle(_train, _options.Step.Seed, at.Epochs);
        int batches = BatchOrder.Count(order.Length, _options.Step.BatchSize);
        double validLoss = at.History.Count > 0 ? at.History[^1].ValidLoss : double.NaN;
        double loss = 0, norm = 0, rate = 0;
        int done = 0;
        for (int b = 0; b < batches; b++)
        {
            if (cancellation.IsCancellationRequested)
            {
                reason = StopReason.Cancelled;
                return null;
            }

            ReadOnlySpan<int> batch = BatchOrder.Batch(order, batches, b);
            rate = _options.Rate.At(((long)at.Epochs * batches) + b, at.Epochs, (long)_options.Epochs * batches);
            StepResult step = session.Step(batch, rate);
            if (!step.IsFinite)
            {
                reason = StopReason.Diverged;
                return null;
            }

            loss += step.Loss * batch.Length;
            norm += step.GradientNorm;
            done += batch.Length;
            speed.Samples += batch.Length;
            progress?.Invoke(Progress(at.Epochs, b + 1, batches, loss / done, validLoss, order.Length - done, speed));
        }

        double valid = _valid.Length == 0 ? double.NaN : session.Evaluate(_valid);
        if (_valid.Length > 0 && !double.IsFinite(valid))
        {
            reason = StopReason.Diverged;
            return null;
        }

        reason = StopReason.Finished;
        return new EpochRecord(at.Epochs, loss / done, valid, norm / batches, rate, (long)(at.Epochs + 1) * batches);
    }

    private TrainingProgress Progress(int epoch, int step, int steps, double loss, double validLoss, int leftOfEpoch, Speed speed)
    {
        double seconds = (_clock.NowNanos - speed.StartNanos) / 1e9;
        double rate = seconds > 0 ? speed.Samples / seconds : 0;
        double left = leftOfEpoch + ((double)(_options.Epochs - epoch - 1) * _train.Length);
        TimeSpan time = rate > 0 ? TimeSpan.FromSeconds(Math.Min(left / rate, TimeSpan.MaxValue.TotalSeconds / 2)) : TimeSpan.Zero;
        return new TrainingProgress(epoch, _options.Epochs, step, steps, loss, validLoss, rate, time);
    }

    private Checkpoint Next(Checkpoint at, EpochRecord record, ITrainingSession session)
    {
        TrainingState last = session.Save();
        bool isBetter = _valid.Length == 0 || at.BestEpoch < 0 || record.ValidLoss < at.BestLoss * (1 - _options.MinImprovement);
        return at with
        {
            Epochs = at.Epochs + 1,
            BestEpoch = isBetter ? record.Epoch : at.BestEpoch,
            BestLoss = isBetter ? record.ValidLoss : at.BestLoss,
            SinceBest = isBetter ? 0 : at.SinceBest + 1,
            History = [.. at.History, record],
            Last = last,
            Best = isBetter ? last : at.Best,
        };
    }

    private byte[] Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var text = new StringBuilder(NetworkText.Of(_network));
        text.Append(CultureInfo.InvariantCulture, $"{_options.Step.Loss}\n{_options.Step.Optimiser}\n{_options.Rate}\n");
        text.Append(CultureInfo.InvariantCulture, $"batch {_options.Step.BatchSize}, seed {_options.Step.Seed}, patience {_options.Patience}, least improvement {_options.MinImprovement:R}\n");
        if (_options.Rate.Schedule == Optimisation.RateSchedule.Cosine)
        {
            text.Append(CultureInfo.InvariantCulture, $"epochs {_options.Epochs}\n");
        }

        hash.AppendData(Encoding.UTF8.GetBytes(text.ToString()));
        ByteSlices.Give<int>(_train, hash.AppendData);
        hash.AppendData([0xFF]);
        ByteSlices.Give<int>(_valid, hash.AppendData);
        ByteSlices.Give<float>(_rows.Labels, hash.AppendData);
        ByteSlices.Give(_rows.Features, hash.AppendData);
        return hash.GetHashAndReset();
    }

    private sealed class Speed(long startNanos)
    {
        public long StartNanos { get; } = startNanos;

        public long Samples { get; set; }
    }
}
