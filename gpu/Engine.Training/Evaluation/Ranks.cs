using MathNet.Numerics.Statistics;

namespace Engine.Training.Evaluation;

/// <summary>Ranks from 1, equal values the mean of theirs.</summary>
internal static class Ranks
{
    /// <summary>The ranks of values.</summary>
    public static double[] Of(double[] values) => values.Length == 0 ? [] : ArrayStatistics.RanksInplace((double[])values.Clone(), RankDefinition.Average);
}
