using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Engine.Core.Threads;

namespace Engine.Core.Rings;

/// <summary>
/// What a thread does while it waits for another. Implemented by structs and given as a type parameter, so that the wait is
/// compiled into the loop. A wait begins with a default value of the struct.
/// </summary>
public interface IWaitStrategy
{
    /// <summary>
    /// A moment before a consumer looks at an upstream that streams (its last look found news at once): to let a batch gather
    /// instead of taking the producer's line away for every event. Not called for events that come one by one.
    /// </summary>
    void Gather();

    /// <summary>One idle step between two looks at the other's sequence.</summary>
    /// <param name="attempt">Looks so far that found nothing, from 0; stops at <see cref="int.MaxValue"/>.</param>
    void Idle(int attempt);
}

/// <summary>Never leaves the core: the lowest latency, for a pinned thread with a core of its own.</summary>
public struct BusySpinWait : IWaitStrategy
{
    /// <summary>
    /// Pauses of <see cref="Gather"/>, about 10 ns each on Zen 4: what an event close behind another may wait longer, for
    /// about 72 instead of 65 (2 pauses) million events a second one at a time between near cores, native.
    /// </summary>
    public const int GatherPauses = 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gather()
    {
        for (int i = 0; i < GatherPauses; i++)
        {
            Idle(i);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Idle(int attempt)
    {
        // The pause keeps the loop from flooding the load queue with reads of a line that the other side wants to write.
        if (X86Base.IsSupported)
        {
            X86Base.Pause();
        }
        else if (ArmBase.IsSupported)
        {
            ArmBase.Yield();
        }
        else
        {
            Thread.SpinWait(1);
        }
    }
}

/// <summary>Spins a little, then lets other threads of the core run: right where threads may outnumber cores.</summary>
public struct YieldingWait : IWaitStrategy
{
    /// <summary>Looks before the first yield.</summary>
    public const int SpinLimit = 100;

    /// <inheritdoc/>
    public void Gather()
    {
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Idle(int attempt)
    {
        if (attempt < SpinLimit)
        {
            default(BusySpinWait).Idle(attempt);
        }
        else
        {
            Thread.Yield();
        }
    }
}

/// <summary>Spins, yields, then sleeps for short whiles: for a cold thread, such as the recorder, that must not cost a core.</summary>
public struct ParkingWait : IWaitStrategy
{
    /// <summary>Looks before the first yield.</summary>
    public const int SpinLimit = 100;

    /// <summary>Looks before the first sleep.</summary>
    public const int YieldLimit = 200;

    /// <summary>Length of one sleep, ns; the kernel's timer slack (50 µs by default) comes on top.</summary>
    public const long SleepNanos = 100_000;

    /// <inheritdoc/>
    public void Gather()
    {
    }

    /// <inheritdoc/>
    public void Idle(int attempt)
    {
        if (attempt < SpinLimit)
        {
            default(BusySpinWait).Idle(attempt);
        }
        else if (attempt < YieldLimit)
        {
            Thread.Yield();
        }
        else
        {
            ShortSleep.Sleep(SleepNanos);
        }
    }
}
