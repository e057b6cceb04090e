namespace Engine.TestKit.Learning;

/// <summary>Plain classifiers that say how much a set of features tells: fitted on the first half of the rows, scored on the second.</summary>
public static class NaiveClassifier
{
    private const int Steps = 400;
    private const double Rate = 0.5, Decay = 1e-3;
    private const int Neighbours = 15;

    /// <summary>AUC of a logistic regression on standardised features, by gradient descent.</summary>
    /// <param name="rows">Features, one row after the other in time.</param>
    /// <param name="labels">The classes.</param>
    public static double LogisticAuc(IReadOnlyList<double[]> rows, IReadOnlyList<bool> labels)
    {
        double[][] x = Standardised(rows);
        int half = x.Length / 2;
        double[] weights = new double[x[0].Length + 1];
        for (int step = 0; step < Steps; step++)
        {
            double[] gradient = new double[weights.Length];
            for (int i = 0; i < half; i++)
            {
                double error = (1 / (1 + Math.Exp(-Sum(weights, x[i])))) - (labels[i] ? 1 : 0);
                for (int k = 0; k < x[i].Length; k++)
                {
                    gradient[k] += error * x[i][k] / half;
                }

                gradient[^1] += error / half;
            }

            for (int k = 0; k < weights.Length; k++)
            {
                weights[k] -= Rate * (gradient[k] + (Decay * weights[k]));
            }
        }

        return Auc([.. x.Skip(half).Select(row => Sum(weights, row))], [.. labels.Skip(half)]);
    }

    /// <summary>AUC of the share of the nearest neighbours (Euclidean, standardised features) that are of the class.</summary>
    /// <param name="rows">Features, one row after the other in time.</param>
    /// <param name="labels">The classes.</param>
    public static double NeighbourAuc(IReadOnlyList<double[]> rows, IReadOnlyList<bool> labels)
    {
        double[][] x = Standardised(rows);
        int half = x.Length / 2;
        double[] scores = new double[x.Length - half];
        for (int i = half; i < x.Length; i++)
        {
            double[] distances = new double[half];
            int[] order = new int[half];
            for (int j = 0; j < half; j++)
            {
                order[j] = j;
                for (int k = 0; k < x[i].Length; k++)
                {
                    double off = x[i][k] - x[j][k];
                    distances[j] += off * off;
                }
            }

            Array.Sort(distances, order);
            scores[i - half] = order.Take(Neighbours).Count(j => labels[j]);
        }

        return Auc(scores, [.. labels.Skip(half)]);
    }

    /// <summary>Probability that a row of the class scores above one that is not; ties count half.</summary>
    public static double Auc(IReadOnlyList<double> scores, IReadOnlyList<bool> labels)
    {
        double wins = 0, pairs = 0;
        for (int i = 0; i < scores.Count; i++)
        {
            for (int j = 0; j < scores.Count && labels[i]; j++)
            {
                if (!labels[j])
                {
                    wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                    pairs++;
                }
            }
        }

        return wins / pairs;
    }

    private static double Sum(double[] weights, double[] row)
    {
        double sum = weights[^1];
        for (int k = 0; k < row.Length; k++)
        {
            sum += weights[k] * row[k];
        }

        return sum;
    }

    // By mean and deviation of the first half; what never varies becomes 0.
    private static double[][] Standardised(IReadOnlyList<double[]> rows)
    {
        int half = rows.Count / 2, width = rows[0].Length;
        double[] mean = new double[width], deviation = new double[width];
        for (int k = 0; k < width; k++)
        {
            mean[k] = rows.Take(half).Average(row => row[k]);
            deviation[k] = Math.Sqrt(rows.Take(half).Average(row => (row[k] - mean[k]) * (row[k] - mean[k])));
        }

        return [.. rows.Select(row => row.Select((value, k) => deviation[k] > 0 ? (value - mean[k]) / deviation[k] : 0).ToArray())];
    }
}
