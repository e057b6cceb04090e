using System.Runtime.CompilerServices;
using Engine.Core.Diagnostics;
using Engine.Core.Events;
using Engine.Core.Rings;
using Engine.Core.Threads;
using Engine.Core.Time;

namespace Engine.Latency.Rings;

/// <summary>
/// Round trips between two busy CPUs: through two rings of events, and bare, through two padded words, which shows what the
/// placement of the two CPUs alone costs.
/// </summary>
public static class RoundTripRun
{
    /// <summary>Round trips before the first that counts.</summary>
    public const int WarmUp = 20_000;

    private const int RingSize = 1_024;

    /// <summary>Sends events one at a time and waits for each to come back; records every round trip, timer included, ns.</summary>
    /// <param name="into">Where the times go.</param>
    /// <param name="trips">How many count.</param>
    /// <param name="nearCpu">The CPU that measures.</param>
    /// <param name="farCpu">The CPU that echoes.</param>
    /// <returns>The mean over all trips by two timer readings only, ns.</returns>
    public static double ThroughRings(LatencyHistogram into, int trips, int nearCpu, int farCpu)
    {
        using RingBuffer<MarketEvent> ping = new(RingSize);
        using RingBuffer<MarketEvent> pong = new(RingSize);
        SingleProducer<MarketEvent, BusySpinWait> pinger = new(ping);
        SingleProducer<MarketEvent, BusySpinWait> ponger = new(pong);
        BatchEventProcessor<MarketEvent, Echo, BusySpinWait> echo = new(
            ping, pinger.NewBarrier<BusySpinWait>(), new Echo { Out = ponger });
        SequenceBarrier<BusySpinWait> back = ponger.NewBarrier<BusySpinWait>();
        Sequence received = new();
        pinger.SetGating(echo.Sequence);
        ponger.SetGating(received);
        double mean = 0;
        HotThread far = HotThread.Start(new ThreadWish { Role = "echo", Cpu = farCpu }, echo.Run);
        HotThread near = HotThread.Start(new ThreadWish { Role = "measure", Cpu = nearCpu }, () =>
        {
            Trip(pinger, back, received, WarmUp, null);
            long start = MonotonicTimer.NowNanos;
            Trip(pinger, back, received, trips, null);
            mean = (double)(MonotonicTimer.NowNanos - start) / trips;
            Trip(pinger, back, received, trips, into);
            echo.HaltWhenDrained();
        });
        if (!near.Join(ThroughputRun.Limit) || !far.Join(ThroughputRun.Limit))
        {
            throw new TimeoutException("The round trips did not finish in time.");
        }

        return mean;
    }

    /// <summary>Bounces a counter between two padded words; the mean round trip, ns.</summary>
    public static double Bare(int trips, int nearCpu, int farCpu)
    {
        Sequence ping = new();
        Sequence pong = new();
        double mean = 0;
        HotThread far = HotThread.Start(new ThreadWish { Role = "echo", Cpu = farCpu }, () => Bounce(ping, pong, trips, first: false));
        HotThread near = HotThread.Start(new ThreadWish { Role = "measure", Cpu = nearCpu }, () =>
        {
            long start = MonotonicTimer.NowNanos;
            Bounce(pong, ping, trips, first: true);
            mean = (double)(MonotonicTimer.NowNanos - start) / trips;
        });
        if (!near.Join(ThroughputRun.Limit) || !far.Join(ThroughputRun.Limit))
        {
            throw new TimeoutException("The bare round trips did not finish in time.");
        }

        return mean;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Bounce(Sequence read, Sequence write, int trips, bool first)
    {
        for (int i = 0; i < trips; i++)
        {
            if (first)
            {
                write.SetRelease(i);
            }

            while (read.Value != i)                                     // the other side answers every trip
            {
                default(BusySpinWait).Idle(0);
            }

            if (!first)
            {
                write.SetRelease(i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Trip(
        SingleProducer<MarketEvent, BusySpinWait> ping,
        SequenceBarrier<BusySpinWait> back,
        Sequence received,
        int trips,
        LatencyHistogram? into)
    {
        for (int i = 0; i < trips; i++)
        {
            long start = into is null ? 0 : MonotonicTimer.NowNanos;
            long sequence = ping.Next();
            ref MarketEvent slot = ref ping.Ring[sequence];
            slot.Sequence = (ulong)sequence;
            slot.ExchangeTime = start;
            ping.Publish(sequence);
            received.SetRelease(back.WaitFor(received.Value + 1));
            into?.Record(MonotonicTimer.NowNanos - start);
        }
    }

    private struct Echo : IRingEventHandler<MarketEvent>
    {
        public SingleProducer<MarketEvent, BusySpinWait> Out;

        public void OnEvent(ref MarketEvent item, long sequence, bool endOfBatch)
        {
            long high = Out.Next();
            Out.Ring[high] = item;
            Out.Publish(high);
        }
    }
}
