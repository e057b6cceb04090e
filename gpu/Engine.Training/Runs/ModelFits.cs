using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Training.Baselines;
using Engine.Training.Datasets;
using Engine.Training.Export;
using Engine.Training.Losses;
using Engine.Training.Reports;
using Engine.Training.Splits;
using Engine.Training.Trees;

namespace Engine.Training.Runs;

/// <summary>Fits what is no network in one round.</summary>
/// <param name="context">The run.</param>
internal sealed class ModelFits(RunContext context)
{
    private readonly RoundFacts _facts = new(context);

    private TrainingData Data => context.Rows.Data;

    /// <summary>Fits, or goes on from the round's checkpoint.</summary>
    /// <param name="model">What.</param>
    /// <param name="part">On which rows.</param>
    /// <param name="trees">Exactly as many trees, without looking at validation rows; null: as the model's plan says.</param>
    /// <exception cref="OperationCanceledException">Somebody wants the run to end.</exception>
    public RoundFit Fit(ModelPlan model, SplitPart part, int? trees)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        return model.Kind == ModelKind.Trees ? Trees(model, part, trees) : Rung(model, part);
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
            return SiloExport.ToBytes(Baseline.Constant(Data.Columns, constant), _facts.Describe(part, new PartStatistics(mean, deviation), new NormaliserPlan(NormaliserKind.ZScore, double.PositiveInfinity), 1, 1, "a constant"), withOrt);
        };
        return new RoundFit(record, RoundFit.Scatter(Data, rows, values), kind == BaselineKind.Mean ? 1 : 0, export);
    }

    private RoundFit Trees(ModelPlan model, SplitPart part, int? rounds)
    {
        LossSpec loss = _facts.LossOf(model, part);
        LabelScale scale = _facts.ScaleOf(model, part, loss);
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
            trees, Data.Contract, context.Rows.LabelText, context.Rows.Definition.Horizon.Nanos, _facts.SplitIds(part), ArtefactDescription.Trained, note, withOrt));
    }
}
