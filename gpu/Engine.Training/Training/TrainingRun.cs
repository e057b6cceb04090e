using Engine.Training.Backends;

namespace Engine.Training.Training;

/// <summary>
/// One training on its way: epoch, order, batches, history, early stopping, checkpoint. It says which steps come next and is told what came of them;
/// who makes them, and what is trained beside it, is nothing to it.
/// </summary>
internal sealed class TrainingRun
{
    private readonly Trainer _trainer;
    private readonly TrainerOptions _options;
    private readonly int _member;
    private readonly Action<TrainingProgress>? _progress;
    private readonly long _startNanos;
    private readonly int _batches;
    private long _samples;
    private Checkpoint _at;
    private StopReason? _reason;
    private int[]? _order;
    private int _batch;
    private int _rows;
    private double _loss;
    private double _norm;
    private double _rate;

    /// <param name="trainer">What is trained.</param>
    /// <param name="member">Its place in the group.</param>
    /// <param name="progress">Told after every step; null for nobody.</param>
    /// <exception cref="InvalidDataException">The checkpoint is damaged or another training's.</exception>
    public TrainingRun(Trainer trainer, int member, Action<TrainingProgress>? progress)
    {
        (_trainer, _options, _member, _progress) = (trainer, trainer.Options, member, progress);
        _batches = BatchOrder.Count(trainer.TrainRows.Length, _options.Step.BatchSize);
        byte[] fingerprint = _options.CheckpointPath is null ? [] : trainer.Fingerprint();
        _at = _options.CheckpointPath is { } path && File.Exists(path) ? Checkpoint.Read(path, fingerprint) : Begin(fingerprint);
        _startNanos = trainer.Clock.NowNanos;
        LookForEnd();
    }

    /// <summary>Whether no step comes any more.</summary>
    public bool IsOver => _reason is not null;

    /// <summary>What the member of the group is to begin with.</summary>
    public TrainingState Start => _at.Last;

    /// <summary>What it came to; of a training that is over.</summary>
    public TrainingOutcome Outcome => new()
    {
        Best = _at.Best,
        BestEpoch = _at.BestEpoch,
        History = _at.History,
        Reason = _reason ?? throw new InvalidOperationException("The training goes on."),
        TrainRows = _trainer.TrainRows.Length,
        ValidRows = _trainer.ValidRows.Length,
        TrainRowsWithoutWindow = _trainer.TrainRowsWithoutWindow,
        ValidRowsWithoutWindow = _trainer.ValidRowsWithoutWindow,
    };

    /// <summary>The next steps, none of them beyond the end of the epoch.</summary>
    /// <param name="most">Most steps.</param>
    public MemberSteps Next(int most)
    {
        _order ??= BatchOrder.Shuffle(_trainer.TrainRows, _options.Step.Seed, _at.Epochs);
        int count = Math.Min(most, _batches - _batch), first = BatchOrder.Begin(_order.Length, _batches, _batch);
        int[] ends = [.. Enumerable.Range(_batch + 1, count).Select(b => BatchOrder.Begin(_order.Length, _batches, b) - first)];
        double[] rates = [.. Enumerable.Range(_batch, count).Select(RateOf)];
        return new MemberSteps(_member, _order.AsMemory(first, ends[^1]), ends, rates);
    }

    /// <summary>Takes what came of the steps asked for last; behind those of an epoch's end, evaluates and keeps what the training goes on from.</summary>
    /// <param name="results">Of each step that was made.</param>
    /// <param name="group">Who made them.</param>
    /// <exception cref="IOException">The checkpoint cannot be written.</exception>
    public void Take(ReadOnlySpan<StepResult> results, ITrainingGroup group)
    {
        if (results.IsEmpty)
        {
            throw new InvalidOperationException("A group made none of the steps that it was asked for.");
        }

        foreach (StepResult step in results)
        {
            if (!step.IsFinite)
            {
                _reason = StopReason.Diverged;
                return;
            }

            _rate = RateOf(_batch);
            int rows = BatchOrder.Batch(_order, _batches, _batch++).Length;
            _loss += step.Loss * rows;
            _norm += step.GradientNorm;
            _rows += rows;
            _samples += rows;
            _progress?.Invoke(Progress());
        }

        if (_batch == _batches)
        {
            EndEpoch(group);
        }
    }

    /// <summary>Ends it; what the epoch at hand has done is not kept.</summary>
    public void Cancel() => _reason = StopReason.Cancelled;

    private double RateOf(int batch) => _options.Rate.At(((long)_at.Epochs * _batches) + batch, _at.Epochs, (long)_options.Epochs * _batches);

    private Checkpoint Begin(byte[] fingerprint)
    {
        TrainingState state = TrainingState.Begin(_trainer.Network, _options.Step.Seed);
        return new Checkpoint
        {
            Fingerprint = fingerprint, Epochs = 0, BestEpoch = -1, BestLoss = double.PositiveInfinity, SinceBest = 0, History = [], Last = state, Best = state,
        };
    }

    private void LookForEnd() => _reason = _at.Epochs >= _options.Epochs ? StopReason.Finished
        : _options.Patience > 0 && _at.SinceBest >= _options.Patience ? StopReason.EarlyStop : null;

    private void EndEpoch(ITrainingGroup group)
    {
        double valid = _trainer.ValidRows.Length == 0 ? double.NaN : group.Evaluate(_member, _trainer.ValidRows);
        if (_trainer.ValidRows.Length > 0 && !double.IsFinite(valid))
        {
            _reason = StopReason.Diverged;
            return;
        }

        _at = After(new EpochRecord(_at.Epochs, _loss / _rows, valid, _norm / _batches, _rate, (long)(_at.Epochs + 1) * _batches), group.Save(_member));
        if (_options.CheckpointPath is { } file)
        {
            _at.Write(file);
        }

        (_order, _batch, _rows, _loss, _norm) = (null, 0, 0, 0, 0);
        LookForEnd();
    }

    private Checkpoint After(EpochRecord record, TrainingState last)
    {
        bool isBetter = _trainer.ValidRows.Length == 0 || _at.BestEpoch < 0 || record.ValidLoss < _at.BestLoss * (1 - _options.MinImprovement);
        return _at with
        {
            Epochs = _at.Epochs + 1,
            BestEpoch = isBetter ? record.Epoch : _at.BestEpoch,
            BestLoss = isBetter ? record.ValidLoss : _at.BestLoss,
            SinceBest = isBetter ? 0 : _at.SinceBest + 1,
            History = [.. _at.History, record],
            Last = last,
            Best = isBetter ? last : _at.Best,
        };
    }

    private TrainingProgress Progress()
    {
        int epochRows = _trainer.TrainRows.Length;
        double seconds = (_trainer.Clock.NowNanos - _startNanos) / 1e9;
        double speed = seconds > 0 ? _samples / seconds : 0;
        double left = epochRows - _rows + ((double)(_options.Epochs - _at.Epochs - 1) * epochRows);
        TimeSpan time = speed > 0 ? TimeSpan.FromSeconds(Math.Min(left / speed, TimeSpan.MaxValue.TotalSeconds / 2)) : TimeSpan.Zero;
        double validLoss = _at.History.Count > 0 ? _at.History[^1].ValidLoss : double.NaN;
        return new TrainingProgress(_at.Epochs, _options.Epochs, _batch, _batches, _loss / _rows, validLoss, speed, time);
    }
}
