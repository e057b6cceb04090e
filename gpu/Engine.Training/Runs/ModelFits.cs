using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Training.Backends;
using Engine.Training.Baselines;
using Engine.Training.Datasets;
using Engine.Training.Export;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Reports;
using Engine.Training.Splits;
using Engine.Training.Training;
using Engine.Training.Trees;

namespace Engine.Training.Runs;

/// <summary>Fits a model in one round.</summary>
/// <param name="context">The run.</param>
internal sealed class ModelFits(RunContext context)
{
    /// <summary>Golden rows of a trained model beyond its window.</summary>
    private const int GoldenCount = 96;

    private TrainingData Data => context.Rows.Data;

    /// <summary>Fits, or goes on from the round's checkpoint.</summary>
    /// <param name="model">What.</param>
    /// <param name="part">On which rows.</param>
    /// <param name="statistics">The normaliser's, of the round's training rows.</param>
    /// <param name="epochs">Exactly as many epochs (or trees), without looking at validation rows; null: as the model's plan says.</param>
    /// <exception cref="OperationCanceledException">Somebody wants the run to end.</exception>
    public RoundFit Fit(ModelPlan model, SplitPart part, PartStatistics statistics, int? epochs)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        return model.IsNetwork ? Network(model, part, statistics, epochs)
            : model.Kind == ModelKind.Trees ? Trees(model, part, epochs)
            : Rung(model, part);
    }

    private RoundFit Rung(ModelPlan model, SplitPart part)
    {
        BaselineKind kind = model.Kind switch { ModelKind.Zero => BaselineKind.Zero, ModelKind.Mean => BaselineKind.Mean, _ => BaselineKind.LastValue };
        int[] rows = RoundFit.RowsOf(part);
        float[] values = Baseline.Predict(kind, Data, part.Train, rows);
        var record = new RoundRecord(part.Id, part.Train.Length, part.Valid.Length, 0, -1, false, []);
        float constant = kind == BaselineKind.Mean ? Baseline.Mean(Data, part.Train) : 0;
        Func<bool, byte[]>? export = kind == BaselineKind.LastValue ? null : withOrt =>
        {
            float[] mean = new float[Data.Columns], deviation = [.. Enumerable.Repeat(1f, Data.Columns)];
            return SiloExport.ToBytes(Baseline.Constant(Data.Columns, constant), Describe(part, new PartStatistics(mean, deviation), new NormaliserPlan(NormaliserKind.ZScore, double.PositiveInfinity), 1, 1, "a constant"), withOrt);
        };
        return new RoundFit(record, RoundFit.Scatter(Data, rows, values), kind == BaselineKind.Mean ? 1 : 0, export);
    }

    private RoundFit Network(ModelPlan model, SplitPart part, PartStatistics statistics, int? epochs)
    {
        NetworkSpec spec = ModelNetworks.Of(model, Data.Contract);
        LossSpec loss = LossOf(model, part);
        LabelScale scale = model.ScalesLabel && !loss.IsLogit ? LabelScale.Of(Data, part.Train) : LabelScale.None;
        TrainerOptions options = model.Training with
        {
            Step = model.Training.Step with { Loss = loss },
            Epochs = epochs ?? model.Training.Epochs,
            Patience = epochs is null ? model.Training.Patience : 0,
            CheckpointPath = context.Folder.Checkpoint(model.Name, part.Id),
        };
        using TrainingRows rows = TrainingRows.Of(Data, model.Normaliser.Create(statistics));
        scale.Apply(Data.Labels).CopyTo(rows.Labels, 0);
        TrainingOutcome outcome = Train(model, part, spec, rows, options);
        int[] asked = rows.WithWindow(RoundFit.RowsOf(part), spec.Window);
        var record = new RoundRecord(
            part.Id, outcome.TrainRows, outcome.ValidRows, RoundFit.RowsOf(part).Length - asked.Length, outcome.BestEpoch, outcome.Reason == StopReason.Diverged,
            [.. outcome.History.Select(h => new EpochPoint(h.Epoch + 1, h.TrainLoss, h.ValidLoss, h.Rate))]);
        TrainingState state = scale.Undo(spec, outcome.Best);
        var values = new float[asked.Length];
        using (ITrainingSession session = context.Backend.Create(spec, rows, options.Step))
        {
            session.Restore(state);
            session.Predict(asked, values);
        }

        string note = FormattableString.Invariant($"{RunPlan.Kinds[(int)model.Kind]}, best of {outcome.History.Count} epochs: {outcome.BestEpoch + 1}, seed {options.Step.Seed}");
        return new RoundFit(
            record, RoundFit.Scatter(Data, asked, values), ParameterTable.Of(spec).Count,
            withOrt => TrainedNetwork.ToBytes(spec, state, loss, Describe(part, statistics, model.Normaliser, spec.Window, options.Step.Seed, note), withOrt))
        {
            Fault = outcome.BestEpoch < 0 ? "no epoch was whole" : Array.Exists(values, v => !float.IsFinite(v)) ? "it predicts what is no finite number" : null,
        };
    }

    private TrainingOutcome Train(ModelPlan model, SplitPart part, NetworkSpec spec, TrainingRows rows, TrainerOptions options)
    {
        try
        {
            var trainer = new Trainer(spec, rows, part.Train, part.Valid, options, context.Clock);
            TrainingOutcome outcome = trainer.Run(
                context.Backend,
                p => context.Observer.At(new RunProgress(model.Name, part.Id, p.Epoch, p.Epochs, p.Step, p.Steps, p.Loss, p.ValidLoss, p.SamplesPerSecond, p.Left)),
                context.Cancellation);
            return outcome.Reason == StopReason.Cancelled ? throw new OperationCanceledException(context.Cancellation) : outcome;
        }
        catch (ArgumentException e)
        {
            throw new RunException($"model {model.Name}, {part.Id}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private RoundFit Trees(ModelPlan model, SplitPart part, int? rounds)
    {
        LossSpec loss = LossOf(model, part);
        LabelScale scale = model.ScalesLabel && !loss.IsLogit ? LabelScale.Of(Data, part.Train) : LabelScale.None;
        BoostingSpec spec = model.Boosting with { Loss = loss, Rounds = rounds ?? model.Boosting.Rounds, Patience = rounds is null ? model.Boosting.Patience : 0 };
        TrainingData data = scale == LabelScale.None ? Data : RunData.WithLabels(Data, scale.Apply(Data.Labels));
        BoostingOutcome outcome = XgboostTrainer.Train(
            data, part.Train, part.Valid, spec,
            r => context.Observer.At(new RunProgress(model.Name, part.Id, r.Round, spec.Rounds, 1, 1, r.TrainLoss, r.ValidLoss, 0, TimeSpan.Zero)),
            context.Folder.Checkpoint(model.Name, part.Id), context.Cancellation);
        context.Cancellation.ThrowIfCancellationRequested();
        TreeEnsemble trees = scale.Undo(outcome.Ensemble);
        int[] rows = RoundFit.RowsOf(part);
        using var predictor = new NativeTreePredictor(trees, Kernel.Scalar);
        float[] values = [.. rows.Select(row => predictor.Predict(Data.Row(row)))];
        var record = new RoundRecord(
            part.Id, part.Train.Length, part.Valid.Length, 0, outcome.BestRound, false,
            [.. outcome.History.Select(h => new EpochPoint(h.Round + 1, h.TrainLoss, h.ValidLoss, spec.Rate))]);
        string note = FormattableString.Invariant($"{trees.Trees.Count} trees, best of {outcome.History.Count}, seed {spec.Seed}");
        return new RoundFit(record, RoundFit.Scatter(Data, rows, values), trees.Trees.Sum(t => (long)t.Nodes.Length), withOrt => TreeExport.ToBytes(
            trees, Data.Contract, context.Rows.LabelText, context.Rows.Definition.Horizon.Nanos, SplitIds(part), ArtefactDescription.Trained, note, withOrt));
    }

    private LossSpec LossOf(ModelPlan model, SplitPart part)
    {
        if (!model.BalancesClasses)
        {
            return model.Loss;
        }

        try
        {
            return LossSpec.Balanced([.. part.Train.Select(r => Data.Labels[r])]);
        }
        catch (ArgumentException e)
        {
            throw new RunException($"model {model.Name}, {part.Id}: {e.Message.ReplaceLineEndings(" ")}", isData: true);
        }
    }

    private string[] SplitIds(SplitPart part) =>
        [context.Rows.Split.IdOf(part), .. part.Train.Select(r => Data.Days[r]).Distinct().Order().Select(d => Data.DayIds[d])];

    private ArtefactDescription Describe(SplitPart part, PartStatistics statistics, NormaliserPlan normaliser, int window, ulong seed, string note) => new()
    {
        Contract = Data.Contract,
        Mean = statistics.Mean,
        Deviation = statistics.Deviation,
        Clip = normaliser.ClipOfScores,
        Ranks = normaliser.RanksOf(statistics),
        Label = context.Rows.LabelText,
        HorizonNanos = context.Rows.Definition.Horizon.Nanos,
        TrainingSplit = SplitIds(part),
        Weights = ArtefactDescription.Trained,
        Note = note,
        Golden = GoldenRows.Draw(statistics.Mean, statistics.Deviation, window + GoldenCount, seed, normaliser.GoldenReach).WithoutOutputs(),
    };
}
