using Engine.Core.Memory;
using Engine.Features;
using Engine.Training.Datasets;

namespace Engine.Training.Backends;

/// <summary>Normalised rows, labels, and which row is the tick before which: what a backend reads.</summary>
public sealed class TrainingRows : IDisposable
{
    private readonly NativeBuffer<float> _features;

    private TrainingRows(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        if ((long)rows * columns > TrainingData.MaxValues)
        {
            throw new ArgumentException($"{rows} rows of {columns} features; at most {TrainingData.MaxValues} values are allowed.");
        }

        Columns = columns;
        _features = new NativeBuffer<float>(rows * columns);
        Labels = new float[rows];
        Previous = new int[rows];
        Ticks = new int[rows];
    }

    /// <summary>Rows.</summary>
    public int Rows => Labels.Length;

    /// <summary>Features of a row.</summary>
    public int Columns { get; }

    /// <summary>Rows × columns, normalised.</summary>
    public ReadOnlySpan<float> Features => _features.Span;

    /// <summary>The label by row; NaN where there is none.</summary>
    public float[] Labels { get; }

    /// <summary>Values that were NaN or infinite and became 0 when they were normalised.</summary>
    public long Missing { get; private set; }

    /// <summary>The tick before each row: the row before it of the same instrument and day; −1 where there is none.</summary>
    internal int[] Previous { get; }

    /// <summary>Ticks up to each row, itself counted.</summary>
    internal int[] Ticks { get; }

    /// <summary>The features' memory.</summary>
    // SAFETY: valid until disposed; Rows × Columns floats.
    internal unsafe float* Pointer => _features.Pointer;

    /// <summary>Rows of a data set, through a normaliser.</summary>
    /// <param name="data">Raw rows.</param>
    /// <param name="normaliser">Its statistics are of the training rows only.</param>
    public static TrainingRows Of(TrainingData data, Normaliser normaliser)
    {
        if (normaliser.Count != data.Columns)
        {
            throw new ArgumentException($"A normaliser of {normaliser.Count} features for rows of {data.Columns}.", nameof(normaliser));
        }

        var result = new TrainingRows(data.Rows, data.Columns);
        for (int row = 0; row < data.Rows; row++)
        {
            result.Missing += normaliser.Apply(data.Row(row), result._features.Span.Slice(row * data.Columns, data.Columns));
        }

        data.Labels.CopyTo(result.Labels, 0);
        result.Link(row => ((long)data.Days[row] << 32) | (uint)data.Instruments[row]);
        return result;
    }

    /// <summary>Rows that are normalised already.</summary>
    /// <param name="features">Rows × columns.</param>
    /// <param name="columns">Features of a row.</param>
    /// <param name="labels">The label by row; NaN where there is none.</param>
    /// <param name="series">Whose tick each row is: rows of one series are its ticks in order. Null: all of one.</param>
    /// <exception cref="ArgumentException">Lengths that do not fit.</exception>
    public static TrainingRows Of(ReadOnlySpan<float> features, int columns, ReadOnlySpan<float> labels, int[]? series = null)
    {
        if (features.Length != (long)labels.Length * columns || (series is not null && series.Length != labels.Length))
        {
            throw new ArgumentException($"{features.Length} values and {series?.Length} series do not fit {labels.Length} rows of {columns}.");
        }

        var result = new TrainingRows(labels.Length, columns);
        features.CopyTo(result._features.Span);
        labels.CopyTo(result.Labels);
        result.Link(row => series is null ? 0 : series[row]);
        return result;
    }

    /// <summary>Those of some rows that have a whole window; the others have too few ticks of their instrument and day before them.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="window">Ticks of a window.</param>
    public int[] WithWindow(ReadOnlySpan<int> rows, int window)
    {
        var kept = new List<int>(rows.Length);
        foreach (int row in rows)
        {
            if (Ticks[row] >= window)
            {
                kept.Add(row);
            }
        }

        return [.. kept];
    }

    /// <summary>Frees the rows.</summary>
    public void Dispose() => _features.Dispose();

    private void Link(Func<int, long> series)
    {
        var last = new Dictionary<long, int>();
        for (int row = 0; row < Rows; row++)
        {
            long key = series(row);
            Previous[row] = last.GetValueOrDefault(key, -1);
            Ticks[row] = Previous[row] < 0 ? 1 : Ticks[Previous[row]] + 1;
            last[key] = row;
        }
    }
}
