namespace Engine.Training.Splits;

/// <summary>The ways in which a model gets to know what it will be asked.</summary>
public enum LeakKind
{
    /// <summary>A label that is trained on looks at a time that a label of valid or test looks at too; or a row is in two lists.</summary>
    SpanOverlap,

    /// <summary>The normaliser's statistics are not those of the training rows.</summary>
    LeakedStatistics,

    /// <summary>Rows are not in the order of time, or the lists of a split are mixed in time.</summary>
    ShuffledTime,

    /// <summary>A feature tells the label.</summary>
    LabelAsFeature,

    /// <summary>A row holds what the engine does not make of the events up to it.</summary>
    FutureWindow,

    /// <summary>A label is not what its definition makes of the tape: shifted, changed, of another day.</summary>
    WrongLabel,

    /// <summary>Rows are of another contract than the model's, or than each other's.</summary>
    ContractMismatch,

    /// <summary>Data is not what its own hash, or the split, says it is.</summary>
    ChangedData,
}

/// <summary>A leak that was found.</summary>
/// <param name="Kind">Its name.</param>
/// <param name="What">What it is.</param>
/// <param name="Where">Where.</param>
/// <param name="ToDo">What to do about it.</param>
public sealed record Leak(LeakKind Kind, string What, string Where, string ToDo)
{
    private static readonly string[] s_names =
        ["span_overlap", "leaked_statistics", "shuffled_time", "label_as_feature", "future_window", "wrong_label", "contract_mismatch", "changed_data"];

    /// <summary>The kinds, spelled.</summary>
    public static IReadOnlyList<string> Names => s_names;

    /// <summary>A kind, spelled.</summary>
    public static string NameOf(LeakKind kind) => s_names[(int)kind];

    /// <summary>Reads a kind.</summary>
    public static bool TryParse(string text, out LeakKind kind)
    {
        int index = Array.IndexOf(s_names, text);
        kind = (LeakKind)Math.Max(0, index);
        return index >= 0;
    }

    /// <summary>One line.</summary>
    public override string ToString() => $"{NameOf(Kind)}: {Where}: {What}; {ToDo}";
}
