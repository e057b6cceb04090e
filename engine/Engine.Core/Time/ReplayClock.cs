namespace Engine.Core.Time;

/// <summary>A clock that stands where the source of a replay puts it. One thread sets it; any may read it.</summary>
public sealed class ReplayClock : IClock
{
    private long _nowNanos;

    /// <param name="startNanos">Where it stands at first, ns since the Unix epoch.</param>
    public ReplayClock(long startNanos = 0) => _nowNanos = startNanos;

    /// <inheritdoc/>
    public long NowNanos => Volatile.Read(ref _nowNanos);

    /// <summary>How often <see cref="Set"/> was given a time before the one that stood.</summary>
    public long StepsBack { get; private set; }

    /// <summary>Puts the clock to a time, ns since the Unix epoch; one that goes back is obeyed and counted.</summary>
    public void Set(long nanos)
    {
        if (nanos < _nowNanos)
        {
            StepsBack++;
        }

        Volatile.Write(ref _nowNanos, nanos);
    }
}
