namespace Engine.Host;

/// <summary>Ends a command with one line on stderr: what, where, what to do.</summary>
internal sealed class HostException : Exception
{
    /// <param name="exitCode">1 a fault in the data, 2 usage, configuration or a missing library.</param>
    /// <param name="message">The line.</param>
    public HostException(int exitCode, string message)
        : base(message)
    {
        ExitCode = exitCode;
    }

    /// <summary>The process's exit code.</summary>
    public int ExitCode { get; }
}
