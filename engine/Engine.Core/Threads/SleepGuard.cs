namespace Engine.Core.Threads;

/// <summary>
/// How long a thread that must be awake at a moment may sleep before it, so that it is awake in time as this machine's own sleeps,
/// measured as they happen, have shown. The rest is to be spun.
/// </summary>
/// <remarks>
/// A sleep ends late by the timer's slack and by what waking up takes, by a virtual machine more; that is much the same each time.
/// What is kept free before the moment, the guard, is <see cref="Margin"/> times the lower quartile of the lateness. Worse sleeps may have
/// lost their core to another thread, for milliseconds: against that no guard helps, and who spins through milliseconds on a shared
/// core loses it all the sooner, so that a guard that grew with it would grow on until nothing is slept.
/// </remarks>
public sealed class SleepGuard
{
    /// <summary>How often the usual lateness is kept free.</summary>
    public const int Margin = 2;

    /// <summary>The shortest guard, ns.</summary>
    public const long MinNanos = 100_000;

    /// <summary>The longest guard, ns.</summary>
    public const long MaxNanos = 20_000_000;

    /// <summary>The shortest sleep, ns: less is spun.</summary>
    public const long ShortestNanos = 50_000;

    /// <summary>The longest sleep, ns, so that whoever waits looks at other things now and then.</summary>
    public const long LongestNanos = 50_000_000;

    // Up by one share when a sleep is later than usual, down by three when not: at rest where three sleeps in four are later.
    private const int Shares = 64;
    private const int Down = 3;

    private long _usual = MinNanos / Margin;

    /// <summary>What is kept free before the moment, ns.</summary>
    public long Nanos => Margin * _usual;

    /// <summary>How long to sleep now.</summary>
    /// <param name="left">Time to the moment, ns.</param>
    /// <returns>Ns; 0 where the rest is to be spun.</returns>
    public long SleepFor(long left) => left - Nanos < ShortestNanos ? 0 : Math.Min(left - Nanos, LongestNanos);

    /// <summary>Begins with what a rehearsal has shown.</summary>
    /// <param name="late">By how much sleeps ended late, ns, at least one; sorted here.</param>
    public void Begin(Span<long> late)
    {
        late.Sort();
        _usual = Bounded(late[late.Length / 4]);
    }

    /// <summary>Learns from a sleep.</summary>
    /// <param name="late">By how much it ended late, ns; negative where a signal ended it.</param>
    public void Slept(long late) => _usual = Bounded(late > _usual ? _usual + (_usual / Shares) : _usual - (_usual * Down / Shares));

    private static long Bounded(long usual) => Math.Clamp(usual, MinNanos / Margin, MaxNanos / Margin);
}
