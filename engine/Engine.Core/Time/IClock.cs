namespace Engine.Core.Time;

/// <summary>The one source of the present; given by constructor, so that a replay can set it.</summary>
public interface IClock
{
    /// <summary>Now, nanoseconds since the Unix epoch, UTC.</summary>
    long NowNanos { get; }
}
