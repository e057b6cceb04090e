using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Training.Datasets;

namespace Engine.Training.Runs;

/// <summary>
/// Holds a model's file, run by the engine's own normaliser and predictor, against what the trainer predicted. What may differ is
/// <see cref="Predictor.Tolerance"/> of the larger of the prediction and the label's deviation, so that a label of basis points is not let off.
/// </summary>
internal static class ExportCheck
{
    /// <summary>Compares.</summary>
    /// <param name="model">The file.</param>
    /// <param name="data">The rows.</param>
    /// <param name="rows">Rows to compare.</param>
    /// <param name="expected">The trainer's predictions by row of the data; NaN where it has none.</param>
    /// <param name="deviation">The label's.</param>
    /// <returns>Rows that were compared, and the largest difference in units of what is allowed.</returns>
    /// <exception cref="RunException">A row differs by more.</exception>
    public static (int Rows, double Largest) Compare(ModelArtefact model, TrainingData data, int[] rows, float[] expected, double deviation)
    {
        float[] got = ArtefactRows.Predict(model, data, rows);
        (int compared, double largest) = (0, 0);
        foreach (int row in rows)
        {
            bool isMissing = float.IsNaN(expected[row]);
            double allowed = Predictor.Tolerance * Math.Max(Math.Abs(expected[row]), Math.Min(1, deviation));
            double ratio = isMissing ? (float.IsNaN(got[row]) ? 0 : double.PositiveInfinity) : Math.Abs((double)got[row] - expected[row]) / allowed;
            if (!(ratio <= 1))
            {
                throw new RunException(
                    FormattableString.Invariant($"{model.Path}: the engine predicts {got[row]} for row {row} ({data.DayIds[data.Days[row]]}), and the trainer predicted {expected[row]}: the model is not the one that was trained"),
                    isData: true);
            }

            compared += isMissing ? 0 : 1;
            largest = Math.Max(largest, ratio);
        }

        return (compared, largest);
    }
}
