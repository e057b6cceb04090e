namespace Engine.Training.Datasets;

/// <summary>A data set, a label or a split that cannot be used: one line that says what, where and what to do.</summary>
/// <param name="message">One line.</param>
/// <param name="isData">The data is at fault (exit 1); otherwise how it was asked for (exit 2).</param>
public sealed class DatasetException(string message, bool isData = false) : Exception(message)
{
    /// <summary>The data is at fault.</summary>
    public bool IsData { get; } = isData;
}
