using Engine.Features;

namespace Engine.Training.Datasets;

/// <summary>
/// Rows with their labels in memory, in time order within a day, the days one after the other: what a trainer reads. Features are raw,
/// as the engine made them; nothing is normalised and no row is left out, so that a model with a window finds its ticks.
/// </summary>
public sealed class TrainingData
{
    /// <summary>Most values of <see cref="Features"/>: what one array holds.</summary>
    public const long MaxValues = 0x7FFFFFC7;

    /// <summary>The contract of the rows: names, families and order of the columns.</summary>
    public required FeatureContract Contract { get; init; }

    /// <summary>Raw features, rows × columns, one row after the other.</summary>
    public required ReadOnlyMemory<float> Features { get; init; }

    /// <summary>Name of the label.</summary>
    public required string Label { get; init; }

    /// <summary>The label's definition, as its attribute has it; empty where the label comes from elsewhere.</summary>
    public string LabelDefinition { get; init; } = "";

    /// <summary>The label by row; NaN where there is none.</summary>
    public required float[] Labels { get; init; }

    /// <summary>Exchange time by row, ns since the Unix epoch.</summary>
    public required long[] Times { get; init; }

    /// <summary>End of the span that the label looks at, by row, ns since the Unix epoch; at or after the row's time.</summary>
    public required long[] Ends { get; init; }

    /// <summary>Instrument by row: index into <see cref="Symbols"/>, the same for all days.</summary>
    public required int[] Instruments { get; init; }

    /// <summary>Symbols of the instruments.</summary>
    public required IReadOnlyList<string> Symbols { get; init; }

    /// <summary>Day by row: index into <see cref="DayIds"/>.</summary>
    public required int[] Days { get; init; }

    /// <summary>Ids of the days, in time order.</summary>
    public required IReadOnlyList<string> DayIds { get; init; }

    /// <summary>Hashes over the rows of the days, lower-case hex; empty where they come from elsewhere.</summary>
    public IReadOnlyList<string> DayHashes { get; init; } = [];

    /// <summary>How many rows there are.</summary>
    public int Rows => Labels.Length;

    /// <summary>Features of a row.</summary>
    public int Columns => Contract.Count;

    /// <summary>The features of one row.</summary>
    public ReadOnlySpan<float> Row(int row) => Features.Span.Slice(row * Columns, Columns);
}
