namespace Engine.Recording;

/// <summary>A file is no prediction log, or its head is damaged; the message is one line: what, where, what is wrong.</summary>
public sealed class LogFormatException : Exception
{
    /// <summary>Creates it.</summary>
    public LogFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it.</summary>
    public LogFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Creates it.</summary>
    public LogFormatException()
    {
    }
}
