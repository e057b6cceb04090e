using Engine.Inference.Networks;
using Engine.Training.Datasets;

namespace Engine.Training.Baselines;

/// <summary>What a model must beat.</summary>
public enum BaselineKind
{
    /// <summary>0 for every row.</summary>
    Zero,

    /// <summary>The mean of the training labels.</summary>
    Mean,

    /// <summary>The newest label of the same instrument that is known to the row: whose span ended before the row's time. 0 before there is one.</summary>
    LastValue,
}

/// <summary>The lowest rungs of the ladder.</summary>
public static class Baseline
{
    /// <summary>The predictions of some rows.</summary>
    /// <param name="kind">Which baseline.</param>
    /// <param name="data">The rows, in time order within a day.</param>
    /// <param name="train">Rows that the mean is of.</param>
    /// <param name="rows">Rows to predict.</param>
    /// <exception cref="ArgumentException">The mean of no rows.</exception>
    public static float[] Predict(BaselineKind kind, TrainingData data, ReadOnlySpan<int> train, ReadOnlySpan<int> rows)
    {
        var predictions = new float[rows.Length];
        switch (kind)
        {
            case BaselineKind.Mean:
                Array.Fill(predictions, Mean(data, train));
                break;
            case BaselineKind.LastValue:
                float[] last = LastKnown(data);
                for (int i = 0; i < rows.Length; i++)
                {
                    predictions[i] = last[rows[i]];
                }

                break;
            default:
                break;
        }

        return predictions;
    }

    /// <summary>The mean of the training labels.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static float Mean(TrainingData data, ReadOnlySpan<int> train)
    {
        if (train.IsEmpty)
        {
            throw new ArgumentException("The mean of no training rows.", nameof(train));
        }

        double sum = 0;
        foreach (int row in train)
        {
            sum += data.Labels[row];
        }

        return (float)(sum / train.Length);
    }

    /// <summary>A constant as a network, for an artefact.</summary>
    /// <param name="featureCount">Features of a row, none of which counts.</param>
    /// <param name="value">The constant.</param>
    public static SiloNetwork Constant(int featureCount, float value) =>
        new(featureCount, [], [0], [new DenseLayer([0f], [value], Activation.Identity)]);

    // A day's labels become known in the order of their ends. What ends exactly at a row's time is not known: a row of a grid comes before the events of its time.
    private static float[] LastKnown(TrainingData data)
    {
        var last = new float[data.Rows];
        var known = new Dictionary<int, float>();
        var pending = new PriorityQueue<int, (long End, int Row)>();
        for (int row = 0; row < data.Rows; row++)
        {
            if (row > 0 && data.Days[row] != data.Days[row - 1])
            {
                pending.Clear();
                known.Clear();
            }

            while (pending.TryPeek(out int ended, out (long End, int Row) at) && at.End < data.Times[row])
            {
                pending.Dequeue();
                known[data.Instruments[ended]] = data.Labels[ended];
            }

            last[row] = known.GetValueOrDefault(data.Instruments[row]);
            if (float.IsFinite(data.Labels[row]))
            {
                pending.Enqueue(row, (data.Ends[row], row));
            }
        }

        return last;
    }
}
