namespace Engine.Training.Evaluation;

/// <summary>What can be said of a model, in one word.</summary>
public enum Verdict
{
    /// <summary>Its predictions tell something about the labels, at the level asked for.</summary>
    Signal,

    /// <summary>Its predictions vary and tell nothing that chance would not.</summary>
    NoSignal,

    /// <summary>It predicts the mean: what it says hardly varies, and is no better than always saying the mean.</summary>
    CollapsedToMean,

    /// <summary>It says the same for every row.</summary>
    Constant,

    /// <summary>It is reliably wrong: high where labels are low.</summary>
    Inverted,

    /// <summary>Labels are all the same: there is nothing to tell.</summary>
    NothingToTell,

    /// <summary>Too few independent rows: nothing can be concluded at the level asked for.</summary>
    TooShort,
}
