using Engine.Training.Losses;
using Engine.Training.Networks;

namespace Engine.Training.Backends;

/// <summary>What every backend refuses, in the same words.</summary>
internal static class SessionChecks
{
    /// <summary>Most rows of a batch.</summary>
    public const int MaxBatch = 1 << 20;

    /// <summary>Refuses options that make no sense, or rows that are not the network's.</summary>
    public static void CheckOptions(NetworkSpec spec, TrainingRows rows, StepOptions options)
    {
        options.Loss.Check();
        options.Optimiser.Check();
        if (spec.FeatureCount != rows.Columns)
        {
            throw new ArgumentException($"A network of {spec.FeatureCount} features for rows of {rows.Columns}.", nameof(rows));
        }

        if (options.BatchSize is < 1 or > MaxBatch)
        {
            throw new ArgumentException($"A batch of {options.BatchSize} rows; 1 to {MaxBatch} are allowed.", nameof(options));
        }
    }

    /// <summary>Refuses a batch that a step cannot be made of.</summary>
    public static void CheckBatch(NetworkSpec spec, TrainingRows source, StepOptions options, ReadOnlySpan<int> rows)
    {
        if (rows.IsEmpty || rows.Length > options.BatchSize)
        {
            throw new ArgumentException($"A step of {rows.Length} rows; 1 to {options.BatchSize} are allowed.", nameof(rows));
        }

        CheckLabels(source, options.Loss, rows);
        CheckWindows(source, spec, rows);
        if (rows.Length < 2 && spec is LstmSpec { HasBatchNorm: true })
        {
            throw new InvalidOperationException("A batch of one row has no variance to normalise by; batches of two and more are asked for.");
        }
    }

    /// <summary>Refuses rows that cannot be evaluated on.</summary>
    public static void CheckEvaluated(TrainingRows source, StepOptions options, ReadOnlySpan<int> rows)
    {
        if (rows.IsEmpty)
        {
            throw new ArgumentException("No rows to evaluate on.", nameof(rows));
        }

        CheckLabels(source, options.Loss, rows);
    }

    /// <summary>Refuses rows that are not there or lack ticks before them.</summary>
    public static void CheckWindows(TrainingRows source, NetworkSpec spec, ReadOnlySpan<int> rows)
    {
        foreach (int row in rows)
        {
            if ((uint)row >= (uint)source.Rows || source.Ticks[row] < spec.Window)
            {
                throw new ArgumentException($"Row {row} is not one of the {source.Rows}, or has not the {spec.Window} ticks that the network reads.", nameof(rows));
            }
        }
    }

    /// <summary>Refuses a state of another network.</summary>
    public static void CheckState(ParameterTable table, TrainingState state)
    {
        if (state.Parameters.Length != table.Count || state.First.Length != table.Count || state.Second.Length != table.Count
            || state.Statistics.Length != table.StatisticCount)
        {
            throw new ArgumentException(
                $"A state of {state.Parameters.Length} parameters and {state.Statistics.Length} statistics for a network of {table.Count} and {table.StatisticCount}.", nameof(state));
        }
    }

    private static void CheckLabels(TrainingRows source, LossSpec loss, ReadOnlySpan<int> rows)
    {
        foreach (int row in rows)
        {
            float label = (uint)row < (uint)source.Rows ? source.Labels[row] : float.NaN;
            if (!float.IsFinite(label) || (loss.IsLogit && label is < 0 or > 1))
            {
                throw new ArgumentException($"The label of row {row} is {label}: {(loss.IsLogit ? "a number in [0, 1]" : "a finite number")} is expected.", nameof(rows));
            }
        }
    }
}
