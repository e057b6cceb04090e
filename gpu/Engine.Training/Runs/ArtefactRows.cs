using Engine.Core.Memory;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Training.Datasets;

namespace Engine.Training.Runs;

/// <summary>A model file over the rows of a data set, by the code that serves it: its own normaliser and the native predictor, a day after the
/// other, each instrument's ticks in order.</summary>
internal static class ArtefactRows
{
    /// <summary>Predicts.</summary>
    /// <param name="artefact">The model.</param>
    /// <param name="data">The rows, of the model's contract.</param>
    /// <param name="asked">Rows that are asked about; ticks before them are fed to a model of windows.</param>
    /// <returns>By row of the data; NaN for rows that were not asked about, or before the first whole window.</returns>
    /// <exception cref="ArtefactException">No native kernel runs it.</exception>
    public static float[] Predict(ModelArtefact artefact, TrainingData data, ReadOnlySpan<int> asked)
    {
        using Predictor predictor = Create(artefact, data.Symbols.Count);
        Normaliser normaliser = artefact.CreateNormaliser();
        var scratch = new float[data.Columns];
        var values = new float[data.Rows];
        Array.Fill(values, float.NaN);
        var isAsked = new bool[data.Rows];
        var isDay = new bool[data.DayIds.Count];
        foreach (int row in asked)
        {
            isAsked[row] = isDay[data.Days[row]] = true;
        }

        int day = -1;
        for (int row = 0; row < data.Rows; row++)
        {
            if (data.Days[row] != day)
            {
                predictor.Forget();
                day = data.Days[row];
            }

            if (isAsked[row] || (predictor.Sequence is not null && isDay[day]))
            {
                float value = predictor.PredictRaw(data.Instruments[row], data.Row(row), normaliser, scratch, out _);
                values[row] = isAsked[row] ? value : float.NaN;
                Settle(predictor);
            }
        }

        return values;
    }

    /// <summary>The native predictor, with room for the instruments.</summary>
    public static Predictor Create(ModelArtefact artefact, int instruments) => PredictorFactory.Create(
        artefact, InferenceMode.Native, KernelChoice.FromEnvironment(),
        new EngineLimits { Instruments = Math.Max(1, instruments), SequenceInstruments = Math.Max(1, instruments), SiloInstruments = Math.Max(1, instruments) });

    private static void Settle(Predictor predictor)
    {
        while (predictor.Background())
        {
        }
    }
}
