namespace Engine.Lab.Truth;

/// <summary>A capture or truth file that cannot be scored: a fault in the data. One line that says what, where and what to do.</summary>
internal sealed class TruthException(string message) : Exception(message);
