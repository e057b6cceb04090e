using MathNet.Numerics.Statistics;

namespace Engine.Training.Evaluation;

/// <summary>The scores of one model on one set of rows. NaN where a score has no meaning: no rows, or nothing varies.</summary>
/// <param name="Rows">Rows.</param>
/// <param name="MeanSquaredError">Mean of (prediction − label)².</param>
/// <param name="MeanAbsoluteError">Mean of |prediction − label|.</param>
/// <param name="R2">1 − error ÷ error of always saying the mean of the training part; negative for worse than that.</param>
/// <param name="LogLoss">Mean cross-entropy in nats of a classification; NaN for a regression.</param>
/// <param name="Pearson">Linear correlation of prediction and label.</param>
/// <param name="InformationCoefficient">Rank correlation (Spearman) of prediction and label.</param>
/// <param name="Auc">Area under the ROC curve for label &gt; 0 (a regression) or label = 1 (a classification), ties counted as a half.</param>
public sealed record Scores(
    int Rows, double MeanSquaredError, double MeanAbsoluteError, double R2, double LogLoss, double Pearson, double InformationCoefficient, double Auc)
{
    private const double ProbabilityFloor = 1e-7;

    /// <summary>Computes every score.</summary>
    /// <param name="scored">Predictions and labels.</param>
    /// <param name="trainingMean">Mean label of the training part.</param>
    /// <param name="isClassification">Labels are 0 or 1 and predictions probabilities.</param>
    public static Scores Of(Scored scored, double trainingMean, bool isClassification)
    {
        ArgumentNullException.ThrowIfNull(scored);
        int rows = scored.Rows;
        double squares = 0, absolutes = 0, baseline = 0, entropy = 0;
        for (int i = 0; i < rows; i++)
        {
            double p = scored.Predictions[i], y = scored.Labels[i];
            squares += (p - y) * (p - y);
            absolutes += Math.Abs(p - y);
            baseline += (y - trainingMean) * (y - trainingMean);
            if (isClassification)
            {
                double sure = Math.Clamp(y > 0.5 ? p : 1 - p, ProbabilityFloor, 1);
                entropy -= Math.Log(sure);
            }
        }

        double[] predictions = [.. scored.Predictions.Select(x => (double)x)];
        double[] labels = [.. scored.Labels.Select(x => (double)x)];
        return new Scores(
            rows,
            squares / rows,
            absolutes / rows,
            baseline > 0 ? 1 - (squares / baseline) : double.NaN,
            isClassification ? entropy / rows : double.NaN,
            Correlate(predictions, labels),
            Correlate(Ranks.Of(predictions), Ranks.Of(labels)),
            AreaUnderRoc(predictions, labels, isClassification ? 0.5 : 0));
    }

    /// <summary>How likely a row with a label above the threshold has the greater prediction of a pair; NaN where one class is missing.</summary>
    /// <param name="predictions">Predictions.</param>
    /// <param name="labels">Labels, as many.</param>
    /// <param name="threshold">What a positive label is above.</param>
    public static double AreaUnderRoc(double[] predictions, double[] labels, double threshold)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(labels);

        // The Mann-Whitney statistic: ranks of the positives, with the mean rank for ties.
        double[] ranks = Ranks.Of(predictions);
        double sum = 0;
        long positives = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] > threshold)
            {
                sum += ranks[i];
                positives++;
            }
        }

        long negatives = labels.Length - positives;
        return positives == 0 || negatives == 0
            ? double.NaN
            : (sum - (positives * (positives + 1) / 2.0)) / ((double)positives * negatives);
    }

    private static double Correlate(double[] a, double[] b) => a.Length < 2 ? double.NaN : Correlation.Pearson(a, b);
}
