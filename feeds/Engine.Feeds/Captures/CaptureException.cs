namespace Engine.Feeds.Captures;

/// <summary>A capture that cannot be opened: one line that says what, where and what to do. Thrown at open only.</summary>
public sealed class CaptureException : Exception
{
    /// <param name="message">One line.</param>
    /// <param name="exitCode">What the process should exit with: 1 for damage in the data, 2 for unusable input.</param>
    public CaptureException(string message, int exitCode)
        : base(message)
    {
        ExitCode = exitCode;
    }

    /// <summary>1: the data is damaged. 2: the input is not something that can be read.</summary>
    public int ExitCode { get; }
}
