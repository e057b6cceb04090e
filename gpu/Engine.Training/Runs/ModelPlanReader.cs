using Engine.Training.Backends;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Optimisation;
using Engine.Training.Training;
using Engine.Training.Trees;

namespace Engine.Training.Runs;

/// <summary>Reads the models of a configuration: the keys that a kind has, and no others.</summary>
internal static class ModelPlanReader
{
    private const int MaxBatch = 1 << 20;

    /// <summary>A rung of the ladder that nobody named.</summary>
    public static ModelPlan Rung(ModelKind kind, RunPlan plan) => new()
    {
        Name = RunPlan.Kinds[(int)kind],
        Kind = kind,
        Training = Usual(kind) with { Step = Usual(kind).Step with { Seed = plan.Seed, Loss = new LossSpec { Kind = RunPlanReader.UsualLoss(plan) } } },
    };

    /// <summary>Reads a model.</summary>
    /// <exception cref="RunException">A key that its kind does not have, or a value that cannot be.</exception>
    public static ModelPlan Read(RunSection section, RunPlan plan)
    {
        string name = RunPlanReader.Name(section);
        var kind = (ModelKind)section.Word("kind", -1, RunPlan.Kinds);
        ModelPlan model = new() { Name = name, Kind = kind };
        if (kind == ModelKind.Logistic && !plan.IsClassification)
        {
            throw section.Wrong("kind", "is logistic, which predicts the probability of a class; say which by class_above, or use linear");
        }

        if (model.IsNetwork)
        {
            model = Training(section, Shape(section, model), plan);
            model = model with { Normaliser = Normaliser(section), ScalesLabel = section.Flag("scale_label", true) };
        }
        else if (kind == ModelKind.Trees)
        {
            model = Boosting(section, model, plan) with { ScalesLabel = section.Flag("scale_label", true) };
        }

        section.Finish();
        if (kind == ModelKind.Logistic && !model.Loss.IsLogit)
        {
            throw section.Wrong("loss", "of a logistic model is binary_cross_entropy; use linear for another");
        }

        return model;
    }

    private static NormaliserPlan Normaliser(RunSection section)
    {
        var kind = (NormaliserKind)section.Word("normaliser", 0, NormaliserPlan.Kinds);
        if (kind != NormaliserKind.ZScore)
        {
            return new NormaliserPlan(kind, double.PositiveInfinity);
        }

        double clip = section.Number("clip", NormaliserPlan.UsualClip);
        return clip is 0 or (>= 1 and <= 1e6)
            ? new NormaliserPlan(kind, clip == 0 ? double.PositiveInfinity : (float)clip)
            : throw section.Wrong("clip", "must be a number of deviations in 1 to 1000000, or 0 for none");
    }

    // A single layer is quickly trained, and a lowest rung that is not trained to its end would flatter all above it.
    private static TrainerOptions Usual(ModelKind kind) => kind is ModelKind.Linear or ModelKind.Logistic
        ? new TrainerOptions { Epochs = 60, Patience = 8, Rate = new LearningRate { Rate = 0.01 }, Step = new StepOptions { BatchSize = 256 } }
        : new TrainerOptions();

    private static ModelPlan Shape(RunSection section, ModelPlan model)
    {
        ModelPlan usual = model with
        {
            Hidden = model.Kind switch { ModelKind.Silo => [SeededSilo.Hidden, SeededSilo.Hidden], ModelKind.Lstm => [SeededLstm.Hidden], ModelKind.Mlp => [32], _ => [] },
            Fusion = model.Kind == ModelKind.Silo ? [SeededSilo.Hidden] : [],
            Embedding = SeededSilo.Embedding,
        };
        return model.Kind switch
        {
            ModelKind.Mlp => usual with { Hidden = section.Sizes("hidden", usual.Hidden), Dropout = section.Number("dropout", 0) },
            ModelKind.Silo => usual with
            {
                Families = section.Texts("families"),
                Hidden = section.Sizes("hidden", usual.Hidden),
                Dropout = section.Number("dropout", 0),
                Embedding = (int)section.Integer("embedding", usual.Embedding, 1, 1_024),
                Fusion = section.Sizes("fusion", usual.Fusion),
            },
            ModelKind.Lstm => usual with
            {
                Families = section.Texts("families"),
                Steps = (int)section.Integer("steps", usual.Steps, 1, int.MaxValue),
                Units = (int)section.Integer("units", usual.Units, 1, int.MaxValue),
                HasBatchNorm = section.Flag("batch_norm", true),
                Hidden = section.Sizes("hidden", usual.Hidden),
                Dropout = section.Number("dropout", 0),
            },
            _ => usual,
        };
    }

    private static ModelPlan Training(RunSection section, ModelPlan model, RunPlan plan)
    {
        TrainerOptions usual = Usual(model.Kind);
        (LossSpec loss, bool isBalanced) = Loss(section, plan);
        var options = new TrainerOptions
        {
            Step = new StepOptions
            {
                Loss = loss,
                Optimiser = Optimiser(section.Section("optimiser")),
                BatchSize = (int)section.Integer("batch_size", usual.Step.BatchSize, 1, MaxBatch),
                Seed = (ulong)section.Integer("seed", (long)plan.Seed, 0, long.MaxValue),
            },
            Rate = Rate(section.Section("learning_rate"), usual.Rate),
            Epochs = (int)section.Integer("epochs", usual.Epochs, 1, TrainerOptions.MaxEpochs),
            Patience = (int)section.Integer("patience", usual.Patience, 0, TrainerOptions.MaxEpochs),
            MinImprovement = section.Number("min_improvement", 0),
        };
        options.Check();
        options.Step.Optimiser.Check();
        return model with { Training = options, BalancesClasses = isBalanced };
    }

    private static ModelPlan Boosting(RunSection section, ModelPlan model, RunPlan plan)
    {
        var usual = new BoostingSpec();
        (LossSpec loss, bool isBalanced) = Loss(section, plan);
        var boosting = new BoostingSpec
        {
            Loss = loss,
            Rounds = (int)section.Integer("rounds", usual.Rounds, 1, BoostingSpec.MaxRounds),
            Depth = (int)section.Integer("depth", usual.Depth, 1, 16),
            Rate = section.Number("rate", usual.Rate),
            RowShare = section.Number("row_share", usual.RowShare),
            FeatureShare = section.Number("feature_share", usual.FeatureShare),
            Lambda = section.Number("lambda", usual.Lambda),
            MinChildWeight = section.Number("min_child_weight", usual.MinChildWeight),
            Patience = (int)section.Integer("patience", usual.Patience, 0, BoostingSpec.MaxRounds),
            Seed = (int)section.Integer("seed", (long)(plan.Seed % int.MaxValue), 0, int.MaxValue),
            Threads = (int)section.Integer("threads", usual.Threads, 1, 1_024),
        };
        boosting.Check();
        return model with { Boosting = boosting, BalancesClasses = isBalanced };
    }

    private static (LossSpec Loss, bool IsBalanced) Loss(RunSection model, RunPlan plan)
    {
        RunSection section = model.Section("loss");
        var loss = new LossSpec { Kind = (LossKind)section.Word("kind", (int)RunPlanReader.UsualLoss(plan), RunPlanText.Losses) };
        bool isBalanced = false;
        if (loss.IsLogit && !plan.IsClassification)
        {
            throw section.Wrong("kind", "is binary_cross_entropy, whose labels are 0 and 1; say by class_above which labels are 1");
        }

        if (loss.IsLogit)
        {
            isBalanced = section.Flag("balanced", false);
            loss = isBalanced ? loss : loss with
            {
                PositiveWeight = (float)section.Number("positive_weight", 1), NegativeWeight = (float)section.Number("negative_weight", 1),
            };
        }
        else if (loss.Kind == LossKind.Huber)
        {
            loss = loss with { Delta = (float)section.Number("delta", 1) };
        }

        section.Finish();
        loss.Check();
        return (loss, isBalanced);
    }

    private static OptimiserSpec Optimiser(RunSection section)
    {
        var usual = new OptimiserSpec();
        var spec = new OptimiserSpec
        {
            Beta1 = section.Number("beta1", usual.Beta1),
            Beta2 = section.Number("beta2", usual.Beta2),
            Epsilon = section.Number("epsilon", usual.Epsilon),
            WeightDecay = section.Number("weight_decay", usual.WeightDecay),
            IsDecoupled = section.Flag("decoupled", usual.IsDecoupled),
            ClipNorm = section.Number("clip_norm", usual.ClipNorm),
        };
        section.Finish();
        return spec;
    }

    private static LearningRate Rate(RunSection section, LearningRate usual)
    {
        var rate = new LearningRate
        {
            Schedule = (RateSchedule)section.Word("schedule", (int)usual.Schedule, RunPlanText.Schedules),
            Rate = section.Number("rate", usual.Rate),
            FloorShare = section.Number("floor_share", usual.FloorShare),
            WarmUpSteps = (int)section.Integer("warm_up_steps", usual.WarmUpSteps, 0, int.MaxValue),
            StepEpochs = (int)section.Integer("step_epochs", usual.StepEpochs, 1, TrainerOptions.MaxEpochs),
            StepFactor = section.Number("step_factor", usual.StepFactor),
        };
        section.Finish();
        return rate;
    }
}
