using Engine.Core.Numerics;
using Engine.Core.Rings;
using Engine.Core.Threads;

namespace Engine.Core.Tests.Rings;

/// <summary>Drives one producer against one consumer on real threads and counts what is not exactly once, in order and whole.</summary>
public static class RingStress
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Slots that did not hold their own event; 0 for a ring that works.</summary>
    public static long CountFaults(StressPort port, int events, ulong seed)
    {
        SequenceBarrier<YieldingWait> barrier = port.NewBarrier();
        Sequence consumer = new();
        port.SetGating(consumer);
        long faults = 0;
        HotThread reader = HotThread.Start(new ThreadWish { Role = "reader" }, () => faults = Read(port.Ring, barrier, consumer, events, seed));
        HotThread writer = HotThread.Start(new ThreadWish { Role = "writer" }, () =>
        {
            for (int i = 0; i < events; i++)
            {
                port.Send(i);
            }
        });
        Assert.That(writer.Join(Limit), Is.True, "the writer hangs");
        Assert.That(reader.Join(Limit), Is.True, "the reader hangs");
        return faults;
    }

    private static long Read(RingBuffer<StressEvent> ring, SequenceBarrier<YieldingWait> barrier, Sequence consumer, int events, ulong seed)
    {
        SeededRandom random = new(seed);
        long faults = 0;
        for (long next = 0; next < events;)
        {
            long available = barrier.WaitFor(next);
            if (random.Next(64) == 0)
            {
                // A reader that is late now and then is the one that an unchecked writer overtakes.
                Thread.SpinWait(random.Next(200));
            }

            for (; next <= available; next++)
            {
                faults += ring[next].IsWhole(next) ? 0 : 1;
            }

            consumer.SetRelease(available);
        }

        return faults;
    }
}
