using Engine.Core.Numerics;

namespace Engine.Training.Evaluation;

/// <summary>What a family of features is worth to a model.</summary>
/// <param name="Family">Name of the family (silo).</param>
/// <param name="Loss">Loss with the family's columns shuffled together among the rows.</param>
/// <param name="Increase">By how much that is more than the loss as it is.</param>
public sealed record FamilyImportance(string Family, double Loss, double Increase);

/// <summary>
/// Permutation importance by family (Breiman 2001, of random forests): all columns of a family take the values of another row together, so
/// that what the columns say to each other stays, and what they say about the label goes.
/// </summary>
public static class PermutationImportance
{
    /// <summary>Measures every family.</summary>
    /// <param name="features">Rows × columns, one row after the other; not changed.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="families">Name and columns of each family.</param>
    /// <param name="loss">The loss of the model over rows of features: rows × columns.</param>
    /// <param name="seed">Seed of the shuffles.</param>
    public static IReadOnlyList<FamilyImportance> Of(
        ReadOnlyMemory<float> features, int columns, IReadOnlyList<(string Name, int[] Columns)> families, Func<float[], double> loss, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(families);
        ArgumentNullException.ThrowIfNull(loss);
        float[] changed = features.ToArray();
        double before = loss(changed);
        int rows = changed.Length / columns;
        int[] from = Shuffled(rows, seed);
        var result = new List<FamilyImportance>();
        foreach ((string name, int[] own) in families)
        {
            Copy(features.Span, changed, columns, own, from);
            double after = loss(changed);
            result.Add(new FamilyImportance(name, after, after - before));
            Copy(features.Span, changed, columns, own, null);
        }

        return result;
    }

    private static void Copy(ReadOnlySpan<float> source, float[] target, int columns, int[] own, int[]? from)
    {
        for (int row = 0; row < target.Length / columns; row++)
        {
            int other = from is null ? row : from[row];
            foreach (int column in own)
            {
                target[(row * columns) + column] = source[(other * columns) + column];
            }
        }
    }

    private static int[] Shuffled(int rows, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, rows)];
        var random = new SeededRandom(seed);
        for (int i = rows - 1; i > 0; i--)
        {
            int j = random.Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
