namespace Engine.Core.Rings;

/// <summary>
/// Runs every stage of a wait once, so that what the runtime does on a thread's first yield or sleep is done before the
/// thread is hot.
/// </summary>
public static class WaitRehearsal
{
    private static readonly int[] s_attempts = [0, ParkingWait.SpinLimit, ParkingWait.YieldLimit, int.MaxValue];

    /// <summary>Waits a moment in every way the strategy knows.</summary>
    /// <typeparam name="TWait">The strategy.</typeparam>
    public static void Run<TWait>()
        where TWait : struct, IWaitStrategy
    {
        TWait wait = default;
        wait.Gather();
        foreach (int attempt in s_attempts)
        {
            wait.Idle(attempt);
        }
    }
}
