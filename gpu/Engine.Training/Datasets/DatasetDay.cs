using Engine.Recording;

namespace Engine.Training.Datasets;

/// <summary>A file of a data set: the rows of one day, or of whatever its captures hold.</summary>
public sealed record DatasetDay
{
    /// <summary>Its name in splits: that of its first capture without endings.</summary>
    public required string Id { get; init; }

    /// <summary>The session's date (yyyy-MM-dd) as the captures tell it, else the UTC date of the first row; empty where there is no row.</summary>
    public required string Date { get; init; }

    /// <summary>What it was made from.</summary>
    public required IReadOnlyList<LoggedFile> Captures { get; init; }

    /// <summary>Hash of the run's configuration, as in the file.</summary>
    public required string ConfigurationHash { get; init; }

    /// <summary>Rows.</summary>
    public required long Rows { get; init; }

    /// <summary>Entries of the tape.</summary>
    public required long Quotes { get; init; }

    /// <summary>Exchange times of the earliest and the latest row, and the latest that the run saw, ns; 0 where there is none.</summary>
    public required long FirstTime { get; init; }

    /// <inheritdoc cref="FirstTime"/>
    public required long LastTime { get; init; }

    /// <inheritdoc cref="FirstTime"/>
    public required long EndTime { get; init; }

    /// <summary>Hash over all rows, lower-case hex.</summary>
    public required string RowsHash { get; init; }

    /// <summary>Why the captures did not end in order; null where they did.</summary>
    public string? Fault { get; init; }

    /// <summary>The file's name in the data set's folder.</summary>
    public string FileName => Id + DatasetFormat.Ending;
}
