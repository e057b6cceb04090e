namespace Engine.Training.Labels;

/// <summary>What a label says of the future; the formulas are at <see cref="Labeller"/>.</summary>
public enum LabelKind
{
    /// <summary>Relative change of the mid-price at the end of the span.</summary>
    Return,

    /// <summary>Largest relative move up within the span; 0 at least.</summary>
    MaxUp,

    /// <summary>Largest relative move down within the span; 0 at most.</summary>
    MaxDown,

    /// <summary>The larger of both, without its sign.</summary>
    MaxAbs,

    /// <summary>1, 0 or −1: whether the return is beyond a dead zone.</summary>
    Direction,

    /// <summary>1 or −1, which way the return is beyond a dead zone; there is no label where it is not.</summary>
    Move,

    /// <summary>1, −1 or 0: which of two barriers the mid-price meets first, or none.</summary>
    TripleBarrier,

    /// <summary>What a file says, row by row; nothing is computed.</summary>
    Given,
}

/// <summary>Why a row has no label.</summary>
public enum MissingCause : byte
{
    /// <summary>It has one.</summary>
    None,

    /// <summary>The row's own book was not good.</summary>
    OwnBook,

    /// <summary>The row's own book had no bid, no ask, or a mid-price of 0 or below.</summary>
    OwnPrice,

    /// <summary>Within the span a gap was met, the book was recovering or suspect, or another session began.</summary>
    Distrust,

    /// <summary>The book had no bid or no ask where the label needs both.</summary>
    OneSided,

    /// <summary>The data ends within the span.</summary>
    EndOfData,

    /// <summary>The label is one of a file, and that has none for the row.</summary>
    NotGiven,

    /// <summary>The label says which way the price moves, and it does not.</summary>
    NoMove,
}

/// <summary>How the parts of labels are spelled.</summary>
public static class LabelNames
{
    private static readonly string[] s_kinds = ["return", "max_up", "max_down", "max_abs", "direction", "move", "triple_barrier", "given"];
    private static readonly string[] s_causes = ["labelled", "own_book", "own_price", "distrust", "one_sided", "end_of_data", "not_given", "no_move"];

    /// <summary>The kinds that are made from prices, spelled.</summary>
    public static IReadOnlyList<string> Kinds { get; } = s_kinds[..(int)LabelKind.Given];

    /// <summary>A kind, spelled.</summary>
    public static string Of(LabelKind kind) => s_kinds[(int)kind];

    /// <summary>A cause, spelled.</summary>
    public static string Of(MissingCause cause) => s_causes[(int)cause];

    /// <summary>Reads a kind.</summary>
    public static bool TryParse(string text, out LabelKind kind)
    {
        int index = Array.IndexOf(s_kinds, text);
        kind = (LabelKind)Math.Max(0, index);
        return index >= 0;
    }
}
