using Engine.Training.Datasets;

namespace Engine.Training.Runs;

/// <summary>A model's predictions over all rounds, while a run gathers them: valid of every round of the split, train and test of the one that is kept.</summary>
/// <param name="rows">Rows and rounds.</param>
internal sealed class PredictionSet(RunData rows)
{
    private readonly List<(int Row, byte Part, int Round)> _places = [];
    private readonly List<float> _values = [];

    /// <summary>Takes one list of rows of a round; rows without a prediction are left out.</summary>
    /// <param name="part">Number of the part.</param>
    /// <param name="round">Number of the round.</param>
    /// <param name="list">The rows.</param>
    /// <param name="predictions">By row of the data.</param>
    public void Add(int part, int round, int[] list, float[] predictions)
    {
        foreach (int row in list)
        {
            if (!float.IsNaN(predictions[row]))
            {
                _places.Add((row, (byte)part, round));
                _values.Add(predictions[row]);
            }
        }
    }

    /// <summary>Takes what a fit predicts.</summary>
    /// <param name="fit">The fit.</param>
    /// <param name="round">Number of its round, in the order of <see cref="RunData.AllParts"/>.</param>
    public void Add(RoundFit fit, int round)
    {
        Splits.SplitPart part = rows.AllParts.ElementAt(round);
        bool isKept = ReferenceEquals(part, rows.Final);
        if (isKept)
        {
            Add(0, round, part.Train, fit.Predictions);
            Add(2, round, part.Test, fit.Predictions);
        }

        // The extra round has no valid rows of its own.
        Add(1, round, part.Valid, fit.Predictions);
    }

    /// <summary>The predictions of a part by row of the data; NaN elsewhere.</summary>
    /// <param name="part">Number of the part.</param>
    public float[] Of(int part)
    {
        var all = new float[rows.Data.Rows];
        Array.Fill(all, float.NaN);
        foreach ((int i, (int row, byte own, int _)) in _places.Index())
        {
            all[row] = own == part ? _values[i] : all[row];
        }

        return all;
    }

    /// <summary>As a table, rows in their order within each part.</summary>
    public PredictionTable ToTable()
    {
        TrainingData data = rows.Data;
        int[] order = [.. Enumerable.Range(0, _places.Count).OrderBy(i => _places[i].Part).ThenBy(i => _places[i].Row)];
        int[] own = [.. order.Select(i => _places[i].Row)];
        int column = Array.FindIndex(data.Contract.Features.ToArray(), f => f.Family == "volatility");
        return new PredictionTable
        {
            Times = [.. own.Select(r => data.Times[r])],
            Ends = [.. own.Select(r => data.Ends[r])],
            Instruments = [.. own.Select(r => data.Instruments[r])],
            DayNumbers = [.. own.Select(r => data.Days[r])],
            Parts = [.. order.Select(i => _places[i].Part)],
            RoundNumbers = [.. order.Select(i => _places[i].Round)],
            Labels = [.. own.Select(r => data.Labels[r])],
            Predictions = [.. order.Select(i => _values[i])],
            Volatility = column < 0 ? [] : [.. own.Select(r => data.Features.Span[(r * data.Columns) + column])],
            SymbolNames = data.Symbols,
            DayNames = data.DayIds,
            RoundNames = [.. rows.AllParts.Select(p => p.Id)],
        };
    }
}
