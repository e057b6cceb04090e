using System.Globalization;
using MathNet.Numerics.Statistics;

namespace Engine.Training.Evaluation;

/// <summary>
/// Whether a model says something, or looks fine and only predicts the mean. Where labels are heavy-tailed, always saying about the mean has
/// a good loss: so the loss is held against that of the mean, and the spread of the predictions against that of the labels. Of a heavy tail a handful of
/// enormous labels would decide both spread and shrinkage: they are taken over labels cut at their outer hundredths, and over labels as they are only
/// where nothing varies between the cuts.
/// </summary>
/// <param name="Verdict">In one word.</param>
/// <param name="Spread">Deviation of the predictions ÷ deviation of the cut labels. The best spread of a model with correlation ρ is |ρ|.</param>
/// <param name="Shrinkage">Deviation of the predictions ÷ that of the best straight line through them, which is spread ÷ |Pearson correlation|: 1 for a model whose size
/// is right, near 0 for one that has shrunk to the mean.</param>
/// <param name="R2">Against the mean of the training part.</param>
/// <param name="Test">The test of the information coefficient.</param>
/// <param name="Level">The level that its p-value was held against.</param>
public sealed record Diagnosis(Verdict Verdict, double Spread, double Shrinkage, double R2, ShiftTest Test, double Level)
{
    /// <summary>A spread below this is next to none.</summary>
    public const double LeastSpread = 0.05;

    /// <summary>Predictions this many times smaller than their correlation allows have shrunk to the mean, signal or not.</summary>
    public const double LeastShrinkage = 0.1;

    private const double SameValue = 1e-6;
    private const double Outer = 0.01;

    /// <summary>Judges a model.</summary>
    /// <param name="scored">Predictions and labels of the test part.</param>
    /// <param name="scores">Its scores.</param>
    /// <param name="level">Level of the test, e.g. 0.05 ÷ the number of models looked at.</param>
    /// <param name="seed">Seed of the test.</param>
    public static Diagnosis Of(Scored scored, Scores scores, double level, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(scored);
        ArgumentNullException.ThrowIfNull(scores);
        ShiftTest test = ShiftTest.Of(scored, level, seed);
        double[] labels = [.. scored.Labels.Select(v => (double)v)], predictions = [.. scored.Predictions.Select(v => (double)v)], cut = Cut(labels);
        double ofLabels = labels.PopulationStandardDeviation(), ofCut = cut.PopulationStandardDeviation(), ofPredictions = predictions.PopulationStandardDeviation();
        double spread = ofPredictions / (ofCut > 0 ? ofCut : ofLabels);
        double core = ofPredictions / ofCut / Math.Abs(Correlation.Pearson(predictions, cut));
        double shrinkage = double.IsFinite(core) ? core : ofPredictions / ofLabels / Math.Abs(scores.Pearson);
        Verdict verdict = test switch
        {
            _ when scored.Rows == 0 => Verdict.TooShort,
            _ when !(ofLabels > 0) => Verdict.NothingToTell,
            _ when !(spread > SameValue) => Verdict.Constant,
            _ when !test.CanConclude(level) => Verdict.TooShort,
            _ when test.PValue < level && test.InformationCoefficient < 0 => Verdict.Inverted,
            _ when test.PValue < level => shrinkage < LeastShrinkage ? Verdict.CollapsedToMean : Verdict.Signal,
            _ => spread < LeastSpread ? Verdict.CollapsedToMean : Verdict.NoSignal,
        };
        return new Diagnosis(verdict, spread, shrinkage, scores.R2, test, level);
    }

    /// <summary>The verdict in a sentence.</summary>
    public string Describe() => Verdict switch
    {
        Verdict.TooShort => Say($"too short to conclude: about {Test.IndependentSpans:F0} independent rows ({ShiftTest.FewestSpans} are needed), which show no p-value below {Test.LeastPValue:G2} (level {Level:G2})"),
        Verdict.Constant => "says the same for every row",
        Verdict.NothingToTell => "all labels are the same: there is nothing to tell",
        Verdict.CollapsedToMean => Say($"collapsed to the mean: predictions vary {Spread:G2} times as much as labels, and explain {100 * R2:F2} % of them"),
        Verdict.Inverted => Say($"reliably wrong: information coefficient {Coefficient}"),
        Verdict.NoSignal => Say($"no signal: information coefficient {Coefficient}"),
        _ => Say($"signal: information coefficient {Coefficient}"),
    };

    /// <summary>Labels cut at their outer hundredths.</summary>
    private static double[] Cut(double[] labels)
    {
        double[] sorted = [.. labels.Order()];
        int outside = (int)(Outer * Math.Max(0, sorted.Length - 1));
        return [.. labels.Select(y => Math.Clamp(y, sorted[outside], sorted[^(outside + 1)]))];
    }

    private string Coefficient => Say($"{Test.InformationCoefficient:F4}, which chance reaches in {100 * Test.PValue:G2} % of turns (level {100 * Level:G2} %)");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
