using Engine.Core.Events;
using Engine.Core.Rings;
using Engine.Core.Threads;
using Engine.Core.Time;

namespace Engine.Latency.Rings;

/// <summary>One producer, one consumer, each busy on its own CPU; whole 64-byte events are written and read.</summary>
public static class ThroughputRun
{
    /// <summary>Longest a round may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>What one round gave.</summary>
    /// <param name="Nanos">From the first claim to the last event handled.</param>
    /// <param name="Checksum">Folded over every event by the consumer; the same for the same number of events.</param>
    public readonly record struct Round(long Nanos, ulong Checksum);

    /// <summary>Runs one round.</summary>
    /// <param name="size">Slots.</param>
    /// <param name="events">Events sent.</param>
    /// <param name="batch">Events a claim.</param>
    /// <param name="producerCpu">The producer's CPU.</param>
    /// <param name="consumerCpu">The consumer's CPU.</param>
    public static Round Run(int size, int events, int batch, int producerCpu, int consumerCpu)
    {
        using RingBuffer<MarketEvent> ring = new(size);
        ring.Touch();
        SingleProducer<MarketEvent, BusySpinWait> producer = new(ring);
        BatchEventProcessor<MarketEvent, Folder, BusySpinWait> consumer = new(
            ring, producer.NewBarrier<BusySpinWait>(), new Folder { Last = events - 1 });
        producer.SetGating(consumer.Sequence);
        long start = 0;
        HotThread reader = HotThread.Start(new ThreadWish { Role = "consumer", Cpu = consumerCpu }, consumer.Run);
        HotThread writer = HotThread.Start(new ThreadWish { Role = "producer", Cpu = producerCpu }, () =>
        {
            start = MonotonicTimer.NowNanos;
            Send(producer, events, batch);
            consumer.HaltWhenDrained();
        });
        if (!writer.Join(Limit) || !reader.Join(Limit))
        {
            throw new TimeoutException("The ring did not finish in time.");
        }

        return new Round(consumer.Handler.EndNanos - start, consumer.Handler.Checksum);
    }

    private static void Send(SingleProducer<MarketEvent, BusySpinWait> producer, int events, int batch)
    {
        if (batch == 1)
        {
            SendSingly(producer, events);
        }
        else
        {
            SendBatches(producer, events, batch);
        }
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]
    private static void SendSingly(SingleProducer<MarketEvent, BusySpinWait> producer, int events)
    {
        RingBuffer<MarketEvent> ring = producer.Ring;
        for (int i = 0; i < events; i++)
        {
            long sequence = producer.Next();
            Write(ref ring[sequence], sequence);
            producer.Publish(sequence);
        }
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]
    private static void SendBatches(SingleProducer<MarketEvent, BusySpinWait> producer, int events, int batch)
    {
        RingBuffer<MarketEvent> ring = producer.Ring;
        for (int left = events; left > 0;)
        {
            int count = Math.Min(batch, left);
            long high = producer.Next(count);
            for (long sequence = high - count + 1; sequence <= high; sequence++)
            {
                Write(ref ring[sequence], sequence);
            }

            producer.Publish(high);
            left -= count;
        }
    }

    // Every byte of the line is written, as a decoder does.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    private static void Write(ref MarketEvent slot, long sequence) => slot = new MarketEvent
    {
        ExchangeTime = sequence,
        ReceiveTime = sequence + 1,
        Price = sequence << 4,
        Quantity = 100,
        OrderId = (ulong)sequence,
        Instrument = 7,
        Kind = EventKind.Add,
        Side = Side.Buy,
        Sequence = (ulong)sequence + 1,
    };

    private struct Folder : IRingEventHandler<MarketEvent>
    {
        public long Last;
        public long EndNanos;
        public ulong Checksum;

        public void OnEvent(ref MarketEvent item, long sequence, bool endOfBatch)
        {
            Checksum += (ulong)item.Price ^ item.Sequence;
            if (sequence == Last)
            {
                EndNanos = MonotonicTimer.NowNanos;
            }
        }
    }
}
