using Engine.Core.Diagnostics;
using Engine.Core.Rings;
using Engine.Core.Threads;

namespace Engine.Core.Tests.Rings;

/// <summary>Batches, halts and faults of a processor, and what the ring's hot path allocates.</summary>
public class BatchEventProcessorTests
{
    [Test]
    public void Ends_a_batch_where_slots_are_given_back()
    {
        using RingBuffer<long> ring = new(16);
        SingleProducer<long, YieldingWait> producer = new(ring);
        BatchEventProcessor<long, Batches, YieldingWait> processor = new(
            ring, producer.NewBarrier<YieldingWait>(), new Batches { Ends = [] }, batchLimit: 4);
        producer.SetGating(processor.Sequence);
        producer.Publish(producer.Next(10));
        processor.HaltWhenDrained();
        processor.Run();
        Assert.That(processor.Handler.Ends, Is.EqualTo(new long[] { 3, 7, 9 }));
        Assert.That(processor.Sequence.Value, Is.EqualTo(9));
    }

    [Test]
    public void A_halt_leaves_what_it_has_not_begun()
    {
        using RingBuffer<long> ring = new(16);
        SingleProducer<long, YieldingWait> producer = new(ring);
        BatchEventProcessor<long, Batches, YieldingWait> processor = new(
            ring, producer.NewBarrier<YieldingWait>(), new Batches { Ends = [] });
        producer.SetGating(processor.Sequence);
        producer.Publish(producer.Next(10));
        processor.Halt();
        processor.Run();
        Assert.That(processor.Handler.Ends, Is.Empty);
        Assert.That(processor.Sequence.Value, Is.EqualTo(Sequence.Initial));
    }

    [Test]
    public void A_fault_comes_out_of_the_join_and_frees_a_producer_that_waits()
    {
        using RingBuffer<long> ring = new(4);
        SingleProducer<long, YieldingWait> producer = new(ring);
        BatchEventProcessor<long, Faulty, YieldingWait> processor = new(ring, producer.NewBarrier<YieldingWait>(), default);
        producer.SetGating(processor.Sequence);
        HotThread thread = HotThread.Start(new ThreadWish { Role = "faulty" }, processor.Run, _ => producer.Halt());
        Assert.That(
            () =>
            {
                for (int i = 0; i < 100; i++)
                {
                    producer.Publish(producer.Next());
                }
            },
            Throws.TypeOf<RingHaltedException>());
        Assert.That(() => thread.Join(RingStress.Limit), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("event 2"));
        Assert.That(thread.Failure, Is.TypeOf<InvalidDataException>());
    }

    [Test]
    public void Does_not_run_twice_at_once()
    {
        using RingBuffer<long> ring = new(4);
        SingleProducer<long, YieldingWait> producer = new(ring);
        BatchEventProcessor<long, Batches, ParkingWait> processor = new(
            ring, producer.NewBarrier<ParkingWait>(), new Batches { Ends = [] });
        producer.SetGating(processor.Sequence);
        HotThread thread = HotThread.Start(new ThreadWish { Role = "once" }, processor.Run);
        producer.Publish(producer.Next());
        SpinWait.SpinUntil(() => processor.Sequence.Value == 0, RingStress.Limit);
        Assert.That(processor.Run, Throws.InvalidOperationException);
        processor.HaltWhenDrained();
        Assert.That(thread.Join(RingStress.Limit), Is.True);
    }

    [Test]
    public void The_hot_path_allocates_nothing([Values] bool many)
    {
        const int Rounds = 10_000;
        using RingBuffer<StressEvent> ring = new(64);
        SingleProducer<StressEvent, YieldingWait> one = new(ring);
        using MultiProducer<StressEvent, YieldingWait> several = new(ring);
        SequenceBarrier<YieldingWait> barrier = many ? several.NewBarrier<YieldingWait>() : one.NewBarrier<YieldingWait>();
        Sequence consumer = new();
        one.SetGating(consumer);
        several.SetGating(consumer);
        AllocationMeter meter = AllocationMeter.Start();
        long next = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long high = many ? several.Next(3) : one.Next(3);
            ring[high].Write(round);
            if (many)
            {
                several.Publish(high - 2, high);
            }
            else
            {
                one.Publish(high);
            }

            long available = barrier.WaitFor(next);
            next = available + 1;
            consumer.SetRelease(available);
        }

        Assert.That(meter.AllocatedBytes, Is.Zero);
        Assert.That(next, Is.EqualTo(3 * Rounds));
    }

    private struct Batches : IRingEventHandler<long>
    {
        public List<long> Ends;

        public readonly void OnEvent(ref long item, long sequence, bool endOfBatch)
        {
            if (endOfBatch)
            {
                Ends.Add(sequence);
            }
        }
    }

    private struct Faulty : IRingEventHandler<long>
    {
        public readonly void OnEvent(ref long item, long sequence, bool endOfBatch)
        {
            if (sequence == 2)
            {
                throw new InvalidDataException("event 2");
            }
        }
    }
}
