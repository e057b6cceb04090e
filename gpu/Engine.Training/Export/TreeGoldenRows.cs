using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;

namespace Engine.Training.Export;

/// <summary>
/// Golden vectors of trees: raw rows on, beside and between the thresholds that the trees compare with, NaN and both infinities
/// among them, and what the ensemble answers.
/// </summary>
public static class TreeGoldenRows
{
    private const double MissingChance = 0.02;

    /// <summary>Draws and answers.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="count">Rows, at least 3.</param>
    /// <param name="seed">The same seed gives the same rows.</param>
    /// <exception cref="ArtefactException">An answer is not finite.</exception>
    public static GoldenVectors Of(TreeEnsemble ensemble, int count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 3);
        var random = new SeededRandom(seed);
        float[][] thresholds = ThresholdsByFeature(ensemble);
        using var predictor = new NativeTreePredictor(ensemble, Kernel.Scalar);
        int features = ensemble.FeatureCount;
        var rows = new float[count * features];
        var outputs = new float[count];
        for (int r = 0; r < count; r++)
        {
            Span<float> row = rows.AsSpan(r * features, features);
            for (int i = 0; i < features; i++)
            {
                row[i] = r == 1 && i % 3 == 0 ? float.NaN : Draw(thresholds[i], random);
            }

            if (r == 2)
            {
                row[0] = float.PositiveInfinity;
                row[^1] = float.NegativeInfinity;
            }

            outputs[r] = predictor.Predict(row);
            if (!float.IsFinite(outputs[r]))
            {
                throw new ArtefactException("export", $"the trees' output for golden row {r} is not finite: the leaves are far too large");
            }
        }

        return new GoldenVectors(rows, outputs, features);
    }

    private static float Draw(float[] thresholds, SeededRandom random)
    {
        if (thresholds.Length == 0)
        {
            return (float)random.NextNormal();
        }

        if (random.Chance(MissingChance))
        {
            return float.NaN;
        }

        float at = thresholds[random.Next(thresholds.Length)];
        return random.Next(4) switch
        {
            0 => at,
            1 => MathF.BitIncrement(at),
            _ => (float)(at + (random.NextDouble() * (thresholds[random.Next(thresholds.Length)] - (double)at))),
        };
    }

    private static float[][] ThresholdsByFeature(TreeEnsemble ensemble)
    {
        var sets = new SortedSet<float>[ensemble.FeatureCount];
        foreach (DecisionTree tree in ensemble.Trees)
        {
            foreach (TreeNode node in tree.Nodes)
            {
                if (!node.IsLeaf && float.IsFinite(node.Threshold))
                {
                    (sets[node.Feature] ??= []).Add(node.Threshold);
                }
            }
        }

        return [.. sets.Select(s => s is null ? [] : s.ToArray())];
    }
}
