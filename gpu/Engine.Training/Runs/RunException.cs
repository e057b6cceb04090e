namespace Engine.Training.Runs;

/// <summary>A run that cannot go on: one line that says what, where and what to do.</summary>
/// <param name="message">One line.</param>
/// <param name="isData">The data, or a model of the run, is at fault (exit 1); otherwise how it was asked for (exit 2).</param>
public sealed class RunException(string message, bool isData = false) : Exception(message)
{
    /// <summary>The data, or a model of the run, is at fault.</summary>
    public bool IsData { get; } = isData;
}
