using System.Globalization;
using Engine.Training.Labels;

namespace Engine.Lab.Studies;

/// <summary>One simulated day of a study.</summary>
/// <param name="Date">Its date.</param>
/// <param name="Seed">Its seed.</param>
internal sealed record StudyDay(DateOnly Date, ulong Seed)
{
    /// <summary>What the data set calls it.</summary>
    public string Id => Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary>Everything that decides what a study comes to: equal options and configurations give equal model files.</summary>
internal sealed record StudyOptions
{
    /// <summary>Fewest days: one each to train, to choose and to test.</summary>
    public const int FewestDays = 3;

    /// <summary>Most days.</summary>
    public const int MostDays = 250;

    /// <summary>Where everything goes.</summary>
    public required string Folder { get; init; }

    /// <summary>Run configurations without `dataset`, `label` and `split`.</summary>
    public required IReadOnlyList<string> Configurations { get; init; }

    /// <summary>The days in order of time: the last one tests, the one before it chooses, the others train.</summary>
    public required IReadOnlyList<StudyDay> Days { get; init; }

    /// <summary>Messages of a day.</summary>
    public required long Messages { get; init; }

    /// <summary>Instruments of a day.</summary>
    public required int Instruments { get; init; }

    /// <summary>Strength of a known drift; null for usual days, whose best forecast nobody knows.</summary>
    public double? Alpha { get; init; }

    /// <summary>Contract of the rows: a name or a file.</summary>
    public required string Contract { get; init; }

    /// <summary>When rows are taken; null: as the contract says.</summary>
    public string? Sampling { get; init; }

    /// <summary>What models predict: the return, or which way it is.</summary>
    public LabelKind Kind { get; init; } = LabelKind.Return;

    /// <summary>How far ahead the return is that models predict.</summary>
    public required LabelHorizon Horizon { get; init; }

    /// <summary>Threads that train; 0 for one a CPU.</summary>
    public int Threads { get; init; }

    /// <summary>The label's name.</summary>
    public string Label => new LabelDefinition { Kind = Kind, Horizon = Horizon }.UsualName;

    /// <summary>Days with dates and seeds one behind the other.</summary>
    /// <param name="count">How many.</param>
    /// <param name="first">The first date.</param>
    /// <param name="seed">The first seed.</param>
    public static StudyDay[] DaysFrom(int count, DateOnly first, ulong seed) =>
        [.. Enumerable.Range(0, count).Select(i => new StudyDay(first.AddDays(i), seed + (ulong)i))];
}
