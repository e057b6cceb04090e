using Engine.Features.Families;

namespace Engine.Features;

/// <summary>A family that a contract may choose: what it is, and what may be chosen of it.</summary>
/// <param name="Name">Its name, also its columns' family.</param>
/// <param name="Formula">What its columns are, in a line.</param>
/// <param name="Source">Where the formula comes from: literature, or what it is taken from.</param>
/// <param name="Levels">Levels of the book it shows unless chosen otherwise; 0 where that is no choice.</param>
/// <param name="Windows">How it looks back.</param>
/// <param name="WindowNanos">Lengths of its windows, ns, unless chosen otherwise.</param>
/// <param name="Make">Makes it.</param>
internal sealed record FamilyKind(
    string Name, string Formula, string Source, int Levels, FamilyWindows Windows, IReadOnlyList<long> WindowNanos,
    Func<FamilyChoice, TradeWindows?, FeatureFamily> Make)
{
    /// <summary>The family as it is unless chosen otherwise.</summary>
    public FamilyChoice Default => new(this, Levels, WindowNanos);
}

/// <summary>How a family looks back.</summary>
internal enum FamilyWindows
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>Exactly: (t − w, t].</summary>
    Exact,

    /// <summary>By sixteenths of a window: <see cref="BucketedSums"/>.</summary>
    Bucketed,
}

/// <summary>A family with what was chosen of it.</summary>
/// <param name="Kind">The family.</param>
/// <param name="Levels">Levels of the book, from the best; 0 where that is no choice.</param>
/// <param name="WindowNanos">Lengths of its windows, ns, shortest first; empty where it has none.</param>
internal sealed record FamilyChoice(FamilyKind Kind, int Levels, IReadOnlyList<long> WindowNanos);
