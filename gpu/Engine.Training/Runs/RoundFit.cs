using Engine.Training.Datasets;
using Engine.Training.Reports;
using Engine.Training.Splits;

namespace Engine.Training.Runs;

/// <summary>What became of a model in one round.</summary>
/// <param name="Round">The round's name.</param>
/// <param name="TrainRows">Rows it was fitted on.</param>
/// <param name="ValidRows">Rows that its best epoch was chosen by.</param>
/// <param name="WithoutWindow">Rows of all three lists that have no whole window before them.</param>
/// <param name="BestEpoch">The epoch (of trees: the tree) that was kept, from 0; −1 for none, and of what has none.</param>
/// <param name="IsDiverged">A loss or a gradient was not finite.</param>
/// <param name="History">Epoch by epoch.</param>
internal sealed record RoundRecord(
    string Round, int TrainRows, int ValidRows, int WithoutWindow, int BestEpoch, bool IsDiverged, IReadOnlyList<EpochPoint> History)
{
    /// <summary>Rows of the training list that were not fitted on, because their window reaches into what the round leaves out.</summary>
    public int Reaching { get; init; }
}

/// <summary>A model fitted in one round.</summary>
/// <param name="Record">What became of it.</param>
/// <param name="Predictions">By row of the data; NaN for rows that were not asked about, or cannot be predicted.</param>
/// <param name="Parameters">Numbers that were fitted.</param>
/// <param name="Export">Makes its file's bytes, with or without ONNX Runtime reproducing them; null where it has no file.</param>
internal sealed record RoundFit(RoundRecord Record, float[] Predictions, long Parameters, Func<bool, byte[]>? Export)
{
    /// <summary>Why the model is of no use; null where it is of some.</summary>
    public string? Fault { get; init; }

    /// <summary>Predictions for the rows of a round, and NaN for all others.</summary>
    public static float[] Scatter(TrainingData data, ReadOnlySpan<int> rows, ReadOnlySpan<float> values)
    {
        var all = new float[data.Rows];
        Array.Fill(all, float.NaN);
        for (int i = 0; i < rows.Length; i++)
        {
            all[rows[i]] = values[i];
        }

        return all;
    }

    /// <summary>All rows of a round.</summary>
    public static int[] RowsOf(SplitPart part) => [.. part.Train, .. part.Valid, .. part.Test];
}
