namespace Engine.Lab;

/// <summary>Wrong usage or configuration: exit 2, its message printed as one line behind the command's name.</summary>
/// <param name="message">What, where, what to do; one line.</param>
public sealed class UsageException(string message) : Exception(message);
