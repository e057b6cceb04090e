using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Training.Backends;
using Engine.Training.Datasets;
using Engine.Training.Evaluation;

namespace Engine.Training.Runs;

/// <summary>
/// Permutation importance of a model file by family. Of a model of windows a window is what is shuffled: a family's columns of all its ticks
/// are those of another window.
/// </summary>
internal static class FamilyShuffle
{
    private const int TicksForEachRow = 5;

    /// <summary>Measures.</summary>
    /// <param name="artefact">The model.</param>
    /// <param name="data">The rows.</param>
    /// <param name="judged">Rows to take from, evenly; each has a label.</param>
    /// <param name="most">Most rows; of windows as many as have five times as many ticks.</param>
    /// <param name="isClassification">The loss is cross-entropy, otherwise the mean square.</param>
    /// <param name="seed">Of the shuffle.</param>
    /// <returns>How many rows, and what each family is worth; no rows where there are none to take.</returns>
    public static (int Rows, IReadOnlyList<FamilyImportance> Families) Of(
        ModelArtefact artefact, TrainingData data, int[] judged, int most, bool isClassification, ulong seed)
    {
        using Predictor predictor = ArtefactRows.Create(artefact, 1);
        int steps = predictor.Sequence?.Steps ?? 1;
        (int[] previous, int[] ticks) = Ticks(data);
        int[] able = [.. judged.Where(r => ticks[r] >= steps)];
        int bound = steps == 1 ? most : (int)Math.Min(most, (long)most * TicksForEachRow / steps);
        int[] rows = able.Length <= bound ? able : [.. Enumerable.Range(0, bound).Select(i => able[(int)((long)i * able.Length / bound)])];
        int width = steps * data.Columns;
        if (rows.Length < 2 || (long)rows.Length * width > TrainingData.MaxValues)
        {
            return (0, []);
        }

        float[] features = Windows(data, rows, previous, steps);
        float[] labels = [.. rows.Select(r => data.Labels[r])];
        Normaliser normaliser = artefact.CreateNormaliser();
        (string, int[])[] families = [.. data.Contract.Families.Select(f => (f, Columns(data.Contract, f, steps)))];
        return (rows.Length, PermutationImportance.Of(
            features, width, families, changed => Loss(predictor, normaliser, changed, labels, steps, isClassification), seed));
    }

    private static (int[] Previous, int[] Ticks) Ticks(TrainingData data)
    {
        using TrainingRows linked = TrainingRows.Of(
            new float[data.Rows], 1, data.Labels, [.. Enumerable.Range(0, data.Rows).Select(r => (data.Days[r] * data.Symbols.Count) + data.Instruments[r])]);
        return (linked.Previous, linked.Ticks);
    }

    private static float[] Windows(TrainingData data, int[] rows, int[] previous, int steps)
    {
        var features = new float[rows.Length * steps * data.Columns];
        foreach ((int i, int last) in rows.Index())
        {
            int row = last;
            for (int step = steps - 1; step >= 0; step--)
            {
                data.Row(row).CopyTo(features.AsSpan(((i * steps) + step) * data.Columns));
                row = step > 0 ? previous[row] : row;
            }
        }

        return features;
    }

    private static int[] Columns(FeatureContract contract, string family, int steps) =>
    [
        .. Enumerable.Range(0, steps * contract.Count).Where(i => contract.Features[i % contract.Count].Family == family),
    ];

    private static double Loss(Predictor predictor, Normaliser normaliser, float[] windows, float[] labels, int steps, bool isClassification)
    {
        var scratch = new float[normaliser.Count];
        double sum = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            float value = 0;
            predictor.Forget();
            for (int step = 0; step < steps; step++)
            {
                value = predictor.PredictRaw(0, windows.AsSpan(((i * steps) + step) * normaliser.Count, normaliser.Count), normaliser, scratch, out _);
            }

            double off = value - labels[i];
            sum += isClassification ? -Math.Log(Math.Clamp(labels[i] > 0.5f ? value : 1 - value, 1e-7, 1)) : off * off;
        }

        return sum / labels.Length;
    }
}
