using Engine.Inference.Networks;
using MathNet.Numerics.LinearAlgebra;

namespace Engine.Training.Runs;

/// <summary>
/// Fits the weights that fuse several models, on their predictions for rows that none of them was fitted on. Weighted: least squares with a
/// constant and weights of at least 0 (Breiman, Stacked Regressions, 1996), by Lawson and Hanson's active set (1974). Logistic: the
/// likeliest weights (Newton's method) with a slight pull towards 0, so that classes which can be told apart have finite ones.
/// </summary>
internal static class FusionFit
{
    private const int MostTurns = 300;
    private const int MostNewtonSteps = 50;
    private const double Pull = 1e-4;
    private const double Settled = 1e-10;

    /// <summary>Fits.</summary>
    /// <param name="kind">What follows the sum.</param>
    /// <param name="members">Predictions of each member; finite, all of one length.</param>
    /// <param name="labels">As many labels; of logistic 0 or 1.</param>
    /// <exception cref="RunException">There are fewer rows than numbers to fit.</exception>
    public static Fusion Fit(FusionKind kind, IReadOnlyList<float[]> members, float[] labels)
    {
        if (labels.Length <= members.Count + 1)
        {
            throw new RunException($"a fusion of {members.Count} members cannot be fitted on {labels.Length} validation rows", isData: true);
        }

        double[][] columns = [.. members.Select(m => m.Select(v => (double)v).ToArray())];
        double[] y = [.. labels.Select(v => (double)v)];
        (double[] weights, double bias) = kind == FusionKind.Weighted ? Weighted(columns, y) : Logistic(columns, y);
        return new Fusion(kind, [.. weights.Select(w => (float)w)], (float)bias);
    }

    private static (double[] Weights, double Bias) Weighted(double[][] columns, double[] y)
    {
        double[] means = [.. columns.Select(c => c.Average())];
        double mean = y.Average();
        double[] sizes = [.. columns.Select((c, i) => Math.Sqrt(c.Average(v => (v - means[i]) * (v - means[i]))))];
        double[][] scaled = [.. columns.Select((c, i) => c.Select(v => sizes[i] > 0 ? (v - means[i]) / sizes[i] : 0).ToArray())];
        double size = Math.Sqrt(y.Average(v => (v - mean) * (v - mean)));
        double[] target = [.. y.Select(v => size > 0 ? (v - mean) / size : 0)];
        int count = columns.Length;
        Matrix<double> gram = Matrix<double>.Build.Dense(count, count, (i, j) => Mean(scaled[i], scaled[j]));
        double[] cross = [.. scaled.Select(c => Mean(c, target))];
        double[] weights = NonNegative(gram, cross);
        double[] raw = [.. weights.Select((w, i) => sizes[i] > 0 ? w * size / sizes[i] : 0)];
        return (raw, mean - raw.Zip(means, (w, m) => w * m).Sum());
    }

    // Lawson and Hanson's NNLS on the normal equations.
    private static double[] NonNegative(Matrix<double> gram, double[] cross)
    {
        int count = cross.Length;
        var weights = new double[count];
        var active = new List<int>();
        for (int turn = 0; turn < MostTurns; turn++)
        {
            double[] gain = [.. Enumerable.Range(0, count).Select(i => cross[i] - Enumerable.Range(0, count).Sum(j => gram[i, j] * weights[j]))];
            int next = Enumerable.Range(0, count).Where(i => !active.Contains(i) && gain[i] > Settled).DefaultIfEmpty(-1).MaxBy(i => i < 0 ? 0 : gain[i]);
            if (next < 0)
            {
                break;
            }

            active.Add(next);
            while (active.Count > 0)
            {
                double[] solved = Solve(gram, cross, active);
                int[] bad = [.. Enumerable.Range(0, active.Count).Where(k => solved[k] <= 0)];
                if (bad.Length == 0)
                {
                    Array.Clear(weights);
                    active.Index().ToList().ForEach(a => weights[a.Item] = solved[a.Index]);
                    break;
                }

                double step = bad.Min(k => weights[active[k]] / Math.Max(double.Epsilon, weights[active[k]] - solved[k]));
                active.Index().ToList().ForEach(a => weights[a.Item] += step * (solved[a.Index] - weights[a.Item]));
                int gone = active.RemoveAll(i => weights[i] <= Settled);
                if (gone == 0)
                {
                    active.Remove(active[bad[0]]);
                }
            }
        }

        return weights;
    }

    private static double[] Solve(Matrix<double> gram, double[] cross, List<int> active)
    {
        // The slightest ridge: two members that say the same share a weight.
        Matrix<double> part = Matrix<double>.Build.Dense(active.Count, active.Count, (i, j) => gram[active[i], active[j]] + (i == j ? 1e-9 : 0));
        return [.. part.Solve(Vector<double>.Build.Dense(active.Count, i => cross[active[i]]))];
    }

    private static (double[] Weights, double Bias) Logistic(double[][] columns, double[] y)
    {
        int count = columns.Length + 1;
        Vector<double> at = Vector<double>.Build.Dense(count);
        for (int turn = 0; turn < MostNewtonSteps; turn++)
        {
            Vector<double> slope = Pull * at;
            Matrix<double> bend = Matrix<double>.Build.DenseDiagonal(count, count, Pull);
            var x = new double[count];
            for (int row = 0; row < y.Length; row++)
            {
                for (int i = 0; i < columns.Length; i++)
                {
                    x[i] = columns[i][row];
                }

                x[^1] = 1;
                double p = 1 / (1 + Math.Exp(-x.Select((v, i) => v * at[i]).Sum()));
                for (int i = 0; i < count; i++)
                {
                    slope[i] += (p - y[row]) * x[i] / y.Length;
                    for (int j = 0; j < count; j++)
                    {
                        bend[i, j] += p * (1 - p) * x[i] * x[j] / y.Length;
                    }
                }
            }

            Vector<double> move = bend.Solve(slope);
            at -= move;
            if (move.L2Norm() < Settled * (1 + at.L2Norm()))
            {
                break;
            }
        }

        return ([.. at.Take(columns.Length)], at[^1]);
    }

    private static double Mean(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum / a.Length;
    }
}
