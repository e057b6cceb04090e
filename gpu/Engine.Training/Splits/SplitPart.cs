namespace Engine.Training.Splits;

/// <summary>Which rows of a data set train, choose and test a model, once: a split has one, a K-fold or a walk-forward one a fold.
/// Indices are ascending, in no two lists, and name rows that have a label; a row in none is purged, in embargo or outside.</summary>
/// <param name="Id">What the artefact calls it, e.g. `days`, `fold-2`.</param>
/// <param name="Train">Rows to fit on: weights, and statistics of the normaliser.</param>
/// <param name="Valid">Rows to stop early and to choose by; of a fold, those left out of its training.</param>
/// <param name="Test">Rows to report on, looked at once; may be empty.</param>
public sealed record SplitPart(string Id, int[] Train, int[] Valid, int[] Test);
