namespace Engine.Feeds.Network.Live;

/// <summary>A live feed that cannot be set up: one line that says what, where and what to do. Thrown at construction only.</summary>
public sealed class LiveFeedException : Exception
{
    /// <param name="message">One line.</param>
    public LiveFeedException(string message)
        : base(message)
    {
    }

    /// <summary>What the process should exit with: 2, the configuration or the host does not allow it.</summary>
    public int ExitCode => 2;
}
