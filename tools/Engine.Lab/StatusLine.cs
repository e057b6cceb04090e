namespace Engine.Lab;

/// <summary>One line on standard error that is rewritten while something goes on; only where that is a terminal.</summary>
/// <param name="error">Standard error.</param>
internal sealed class StatusLine(TextWriter error) : IDisposable
{
    private const long MillisBetween = 200;

    private readonly bool _terminal = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
    private long _next;
    private bool _shown;

    /// <summary>Shows a line, if the last one has stood long enough.</summary>
    public void Show(string line)
    {
        if (_terminal && Environment.TickCount64 is var now && now >= _next)
        {
            error.Write($"\r{line}\u001b[K");
            _next = now + MillisBetween;
            _shown = true;
        }
    }

    /// <summary>Removes the line.</summary>
    public void Clear()
    {
        if (_shown)
        {
            error.Write("\r\u001b[K");
            _shown = false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();
}
