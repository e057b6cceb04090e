using Engine.Training.Evaluation;

namespace Engine.Training.Reports;

/// <summary>Everything that a run found out: what its page shows and its JSON holds.</summary>
public sealed record RunReport
{
    /// <summary>Name of the run.</summary>
    public required string Title { get; init; }

    /// <summary>What the run is made of, to repeat it: name and value, e.g. hashes of data set, contract, split and configuration.</summary>
    public required IReadOnlyList<(string Name, string Value)> Origin { get; init; }

    /// <summary>What a reader must know before the numbers, e.g. that the data are too short to conclude.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The labels of the test part.</summary>
    public required Distribution Labels { get; init; }

    /// <summary>The models, the ladder of baselines first.</summary>
    public required IReadOnlyList<ModelReport> Models { get; init; }
}

/// <summary>What a run found out about one model.</summary>
public sealed record ModelReport
{
    /// <summary>Name, unique in the run.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, e.g. `linear`, `silo`, `lstm`.</summary>
    public required string Kind { get; init; }

    /// <summary>Weights that were fitted.</summary>
    public required long Parameters { get; init; }

    /// <summary>Labels are 0 or 1 and predictions probabilities.</summary>
    public required bool IsClassification { get; init; }

    /// <summary>The loss as training went on; empty for what is not trained by steps.</summary>
    public IReadOnlyList<EpochPoint> History { get; init; } = [];

    /// <summary>Scores by part: `train`, `valid`, `test`.</summary>
    public required IReadOnlyList<(string Name, Scores Scores)> Parts { get; init; }

    /// <summary>Scores of the test part by regime: a fold, an instrument, an hour, a level of volatility.</summary>
    public IReadOnlyList<(string Name, Scores Scores)> Regimes { get; init; } = [];

    /// <summary>What the model is worth on the test part.</summary>
    public required Diagnosis Diagnosis { get; init; }

    /// <summary>Prediction against label by quantile of the prediction, test part.</summary>
    public required IReadOnlyList<QuantileBin> Quantiles { get; init; }

    /// <summary>Predictions beyond thresholds, test part.</summary>
    public required IReadOnlyList<ThresholdCount> Thresholds { get; init; }

    /// <summary>What each family is worth to it; empty where nothing was shuffled.</summary>
    public IReadOnlyList<FamilyImportance> Importance { get; init; } = [];
}

/// <summary>One epoch of training.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="TrainLoss">Mean loss over the training part as its batches were learnt.</param>
/// <param name="ValidLoss">Mean loss over the validation part after it; NaN where there is none.</param>
/// <param name="LearningRate">At its end.</param>
public sealed record EpochPoint(int Epoch, double TrainLoss, double ValidLoss, double LearningRate);
