using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Engine.Inference.Networks;
using Engine.Training.Datasets;
using Engine.Training.Losses;
using Engine.Training.Training;

namespace Engine.Training.Trees;

/// <summary>One round of boosting.</summary>
/// <param name="Round">From 0.</param>
/// <param name="TrainLoss">XGBoost's metric (root mean square, mean pseudo-Huber or log loss) over the training rows, by the weights of their classes.</param>
/// <param name="ValidLoss">Over the validation rows; NaN where there are none.</param>
public readonly record struct BoostingRound(int Round, double TrainLoss, double ValidLoss);

/// <summary>What boosting came to.</summary>
/// <param name="Ensemble">The trees up to the best round, over raw rows.</param>
/// <param name="BestRound">The round with the lowest validation loss; without validation rows the last.</param>
/// <param name="History">Every round.</param>
public sealed record BoostingOutcome(TreeEnsemble Ensemble, int BestRound, IReadOnlyList<BoostingRound> History);

/// <summary>Gradient-boosted trees by XGBoost (Chen and Guestrin, KDD 2016), over raw rows: missing values have a way of their own.</summary>
/// <remarks>
/// Boosting goes in stretches of <see cref="StretchRounds"/> rounds, each by a booster of its own that takes the trees before as they were saved,
/// with a seed of its own for the rows and features that trees see. What a booster keeps beside its trees, the state of its random numbers, ends
/// with the stretch: so going on from a checkpoint at the end of one is what an uninterrupted training does.
/// </remarks>
public static class XgboostTrainer
{
    /// <summary>Rounds of a stretch.</summary>
    public const int StretchRounds = 25;

    // From a stretch's seed to the next: a prime, so that neighbouring seeds of two models do not meet.
    private const long SeedStep = 1_000_003;

    /// <summary>Trains.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="train">Rows to fit on.</param>
    /// <param name="valid">Rows to stop by; may be empty if the patience is 0.</param>
    /// <param name="spec">How.</param>
    /// <param name="progress">Told after every round; null for nobody.</param>
    /// <param name="checkpoint">Where the trees are kept after every stretch, and gone on from; null for nowhere.</param>
    /// <param name="cancellation">Ends after the round at hand; the stretch that it is in is not in the checkpoint.</param>
    /// <exception cref="XgboostUnavailableException">The library cannot be had.</exception>
    /// <exception cref="ArgumentException">No rows, a row without a label, or options that make no sense.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged or another training's.</exception>
    public static BoostingOutcome Train(
        TrainingData data, ReadOnlySpan<int> train, ReadOnlySpan<int> valid, BoostingSpec spec, Action<BoostingRound>? progress = null,
        string? checkpoint = null, CancellationToken cancellation = default)
    {
        spec.Check();
        if (train.IsEmpty || (valid.IsEmpty && spec.Patience > 0))
        {
            throw new ArgumentException($"{train.Length} training and {valid.Length} validation rows: training needs rows, and so does early stopping.");
        }

        using var trainRows = new XgboostMatrix(data, train, spec.Loss);
        using XgboostMatrix? validRows = valid.IsEmpty ? null : new XgboostMatrix(data, valid, spec.Loss);
        byte[] fingerprint = checkpoint is null ? [] : Fingerprint(data, train, valid, spec);
        TreeCheckpoint? kept = checkpoint is not null && File.Exists(checkpoint) ? TreeCheckpoint.Read(checkpoint, fingerprint) : null;
        var run = new BoostingRun(spec, Base(data, train, spec.Loss), trainRows, validRows, kept, progress, cancellation);
        while (!run.IsDone && !cancellation.IsCancellationRequested)
        {
            run.Stretch();
            if (checkpoint is not null && !cancellation.IsCancellationRequested)
            {
                new TreeCheckpoint(fingerprint, run.History, run.Model).Write(checkpoint);
            }
        }

        return run.History.Count == 0
            ? throw new OperationCanceledException("Boosting was ended before its first round.", cancellation)
            : new BoostingOutcome(XgboostModel.Read(run.Model, data.Columns, run.Best + 1), run.Best, run.History);
    }

    /// <summary>Where the trees start from: the mean of the training labels, of probabilities by the weights of their classes and within what a logit can say.</summary>
    internal static double Base(TrainingData data, ReadOnlySpan<int> train, LossSpec loss)
    {
        double sum = 0, weights = 0;
        foreach (int row in train)
        {
            (float label, float weight) = Weighted(data.Labels[row], loss);
            sum += (double)weight * label;
            weights += weight;
        }

        double mean = sum / weights;
        return loss.IsLogit ? Math.Clamp(mean, 0.001, 0.999) : mean;
    }

    /// <summary>
    /// A label and its row's weight. Cross-entropy with class weights, −w₁ t ln p − w₀ (1 − t) ln(1 − p), is that without them of the label
    /// w₁ t ÷ w, w = w₁ t + w₀ (1 − t), weighted by w: of a label 0 or 1, the label itself and its class's weight.
    /// </summary>
    internal static (float Label, float Weight) Weighted(float label, LossSpec loss)
    {
        if (!loss.IsLogit || label is not (>= 0 and <= 1))
        {
            return (label, 1);
        }

        float ones = loss.PositiveWeight * label;
        float weight = ones + (loss.NegativeWeight * (1 - label));
        return (ones / weight, weight);
    }

    /// <summary>XGBoost's parameters.</summary>
    /// <param name="spec">How.</param>
    /// <param name="start">Where the trees start from.</param>
    /// <param name="stretch">The stretch, from 0.</param>
    internal static IEnumerable<(string Name, string Value)> Parameters(BoostingSpec spec, double start, int stretch = 0)
    {
        static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
        yield return ("objective", spec.Loss.Kind switch
        {
            LossKind.BinaryCrossEntropy => "binary:logistic",
            LossKind.Huber => "reg:pseudohubererror",
            _ => "reg:squarederror",
        });
        yield return ("eval_metric", spec.Loss.Kind switch { LossKind.BinaryCrossEntropy => "logloss", LossKind.Huber => "mphe", _ => "rmse" });
        yield return ("huber_slope", Number(spec.Loss.Delta));
        yield return ("base_score", Number(start));
        yield return ("tree_method", "hist");
        yield return ("eta", Number(spec.Rate));
        yield return ("max_depth", Number(spec.Depth));
        yield return ("subsample", Number(spec.RowShare));
        yield return ("colsample_bytree", Number(spec.FeatureShare));
        yield return ("lambda", Number(spec.Lambda));
        yield return ("min_child_weight", Number(spec.MinChildWeight));
        yield return ("seed", Number(((long)spec.Seed + (SeedStep * stretch)) % int.MaxValue));
        yield return ("nthread", Number(spec.Threads));
        yield return ("verbosity", "0");
    }

    private static byte[] Fingerprint(TrainingData data, ReadOnlySpan<int> train, ReadOnlySpan<int> valid, BoostingSpec spec)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{spec}\n{data.Columns} columns\n")));
        ByteSlices.Give(train, hash.AppendData);
        hash.AppendData([0xFF]);
        ByteSlices.Give(valid, hash.AppendData);
        ByteSlices.Give<float>(data.Labels, hash.AppendData);
        ByteSlices.Give(data.Features.Span, hash.AppendData);
        return hash.GetHashAndReset();
    }
}
