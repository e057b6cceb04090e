using Engine.Core.Numerics;

namespace Engine.Feeds.BitMex.Live;

/// <summary>
/// How long to wait before the next attempt: twice as long after each that did not last, up to a bound, and of that a random part
/// between half and all, so that many clients do not come back in one moment.
/// </summary>
/// <param name="first">The first wait at its longest.</param>
/// <param name="most">No wait is longer.</param>
/// <param name="stable">A connection that lasted as long begins the row again.</param>
/// <param name="random">Where the jitter comes from.</param>
internal sealed class ReconnectBackoff(TimeSpan first, TimeSpan most, TimeSpan stable, SeededRandom random)
{
    // 2^40 times any first wait is beyond every bound.
    private const int DoublingsMax = 40;

    /// <summary>Attempts since the last stable connection.</summary>
    public int Attempts { get; private set; }

    /// <summary>An attempt is over.</summary>
    /// <param name="openFor">How long its connection was open; zero where it never was.</param>
    public void Ended(TimeSpan openFor) => Attempts = openFor >= stable ? 1 : Math.Min(Attempts + 1, int.MaxValue - 1);

    /// <summary>The wait before the next attempt.</summary>
    /// <param name="asked">What the server asked for; obeyed up to the bound.</param>
    public TimeSpan Wait(TimeSpan asked = default)
    {
        int doublings = Math.Clamp(Attempts - 1, 0, DoublingsMax);
        double longest = Math.Min(most.Ticks, first.Ticks * (double)(1L << doublings));
        var wait = TimeSpan.FromTicks((long)(longest * (0.5 + (0.5 * random.NextDouble()))));
        TimeSpan wanted = asked < most ? asked : most;
        return wait > wanted ? wait : wanted;
    }
}
