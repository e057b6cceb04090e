using Engine.Core.Numerics;
using Engine.Core.Rings;
using Engine.Core.Threads;

namespace Engine.Core.Tests.Rings;

/// <summary>Rings between real threads, with waits that yield: threads may outnumber cores here.</summary>
[NonParallelizable]
public class RingStressTests
{
    private const int Events = 300_000;
    private const int BrokenEvents = 100_000;
    // Enough for threads that other work keeps on one core for seconds.
    private const int MaxAttempts = 1_000;

    [Test]
    public void One_to_one_delivers_everything_once_in_order_and_whole([Values(1, 2, 3)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        using RingBuffer<StressEvent> ring = new(StressPort.RingSize);
        Assert.That(RingStress.CountFaults(new SoundPort(ring), Events, (ulong)seed), Is.Zero);
    }

    [Test]
    public void The_checker_catches_a_ring_that_publishes_before_it_writes() => MustBeCaught(ring => new EarlyPort(ring));

    [Test]
    public void The_checker_catches_a_ring_without_gating() => MustBeCaught(ring => new OverrunPort(ring, long.MaxValue / 2));

    [Test]
    public void The_checker_catches_a_gate_that_is_one_slot_off() => MustBeCaught(ring => new OverrunPort(ring, 1));

    [Test]
    public void The_checker_passes_the_same_gate_put_right()
    {
        using RingBuffer<StressEvent> ring = new(StressPort.RingSize);
        Assert.That(RingStress.CountFaults(new OverrunPort(ring, 0), BrokenEvents, 1), Is.Zero);
    }

    [Test]
    public void A_diamond_joins_behind_both_sides()
    {
        using RingBuffer<DiamondEvent> ring = new(64);
        SingleProducer<DiamondEvent, YieldingWait> producer = new(ring);
        BatchEventProcessor<DiamondEvent, Left, YieldingWait> left = new(ring, producer.NewBarrier<YieldingWait>(), default);
        BatchEventProcessor<DiamondEvent, Right, YieldingWait> right = new(ring, producer.NewBarrier<YieldingWait>(), default);
        BatchEventProcessor<DiamondEvent, Join, YieldingWait> join = new(
            ring, producer.NewBarrier<YieldingWait>(left.Sequence, right.Sequence), default);
        producer.SetGating(join.Sequence);
        HotThread[] sides = [Start("left", left.Run), Start("right", right.Run)];
        HotThread end = Start("join", join.Run);
        SeededRandom random = new(11);
        for (long sent = 0; sent < Events;)
        {
            int count = (int)Math.Min(random.Next(1, 17), Events - sent);
            long high = producer.Next(count);
            for (long s = high - count + 1; s <= high; s++)
            {
                ring[s] = new DiamondEvent { Number = sent++ };
            }

            producer.Publish(high);
        }

        left.HaltWhenDrained();
        right.HaltWhenDrained();
        Assert.That(sides.All(thread => thread.Join(RingStress.Limit)), Is.True);
        join.HaltWhenDrained();
        Assert.That(end.Join(RingStress.Limit), Is.True);
        Assert.That(join.Handler.Faults, Is.Zero);
        Assert.That(join.Handler.Count, Is.EqualTo(Events));
        Assert.That(join.Sequence.Value, Is.EqualTo(Events - 1));
    }

    [Test]
    public void A_multicast_gives_every_consumer_every_event()
    {
        using RingBuffer<DiamondEvent> ring = new(32);
        SingleProducer<DiamondEvent, YieldingWait> producer = new(ring);
        BatchEventProcessor<DiamondEvent, Counter, YieldingWait> fast = new(ring, producer.NewBarrier<YieldingWait>(), default);
        BatchEventProcessor<DiamondEvent, Counter, ParkingWait> cold = new(ring, producer.NewBarrier<ParkingWait>(), default, batchLimit: 3);
        producer.SetGating(fast.Sequence, cold.Sequence);
        HotThread[] threads = [Start("fast", fast.Run), Start("cold", cold.Run)];
        for (int i = 0; i < Events; i++)
        {
            long sequence = producer.Next();
            ring[sequence].Number = i;
            producer.Publish(sequence);
        }

        fast.HaltWhenDrained();
        cold.HaltWhenDrained();
        Assert.That(threads.All(thread => thread.Join(RingStress.Limit)), Is.True);
        Assert.That((fast.Handler.Count, fast.Handler.Faults), Is.EqualTo((Events, 0)));
        Assert.That((cold.Handler.Count, cold.Handler.Faults), Is.EqualTo((Events, 0)));
    }

    [Test]
    public void Two_producers_keep_their_own_order_and_lose_nothing()
    {
        const int Producers = 2;
        using RingBuffer<DiamondEvent> ring = new(32);
        using MultiProducer<DiamondEvent, YieldingWait> producer = new(ring);
        BatchEventProcessor<DiamondEvent, PerProducer, YieldingWait> reader = new(ring, producer.NewBarrier<YieldingWait>(), default);
        producer.SetGating(reader.Sequence);
        HotThread reading = Start("reader", reader.Run);
        HotThread[] writing = [.. Enumerable.Range(0, Producers).Select(id => Start($"writer{id}", () => Send(producer, id)))];
        Assert.That(writing.All(thread => thread.Join(RingStress.Limit)), Is.True);
        reader.HaltWhenDrained();
        Assert.That(reading.Join(RingStress.Limit), Is.True);
        Assert.That(reader.Handler.Faults, Is.Zero);
        Assert.That((reader.Handler.Next0, reader.Handler.Next1), Is.EqualTo(((long)Events / 2, (long)Events / 2)));
    }

    private static void Send(MultiProducer<DiamondEvent, YieldingWait> producer, int id)
    {
        SeededRandom random = new((ulong)id);
        for (long sent = 0; sent < Events / 2;)
        {
            int count = (int)Math.Min(random.Next(1, 5), Events / 2 - sent);
            long high = producer.Next(count);
            for (long s = high - count + 1; s <= high; s++)
            {
                producer.Ring[s] = new DiamondEvent { Number = sent++, Producer = id };
            }

            producer.Publish(high - count + 1, high);
        }
    }

    private static void MustBeCaught(Func<RingBuffer<StressEvent>, StressPort> broken)
    {
        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            using RingBuffer<StressEvent> ring = new(StressPort.RingSize);
            if (RingStress.CountFaults(broken(ring), BrokenEvents, (ulong)attempt) > 0)
            {
                TestContext.Out.WriteLine($"caught in attempt {attempt}");
                return;
            }
        }

        Assert.Fail($"The checker let a broken ring pass {MaxAttempts} times.");
    }

    private static HotThread Start(string role, Action run) => HotThread.Start(new ThreadWish { Role = role }, run);

    private struct DiamondEvent
    {
        public long Number;
        public long Left;
        public long Right;
        public int Producer;
    }

    private struct Left : IRingEventHandler<DiamondEvent>
    {
        public readonly void OnEvent(ref DiamondEvent item, long sequence, bool endOfBatch) => item.Left = item.Number * 3;
    }

    private struct Right : IRingEventHandler<DiamondEvent>
    {
        public readonly void OnEvent(ref DiamondEvent item, long sequence, bool endOfBatch) => item.Right = item.Number ^ 5;
    }

    private struct Join : IRingEventHandler<DiamondEvent>
    {
        public long Count;
        public long Faults;

        public void OnEvent(ref DiamondEvent item, long sequence, bool endOfBatch)
        {
            Faults += sequence == Count && item.Number == Count && item.Left == Count * 3 && item.Right == (Count ^ 5) ? 0 : 1;
            Count++;
        }
    }

    private struct Counter : IRingEventHandler<DiamondEvent>
    {
        public int Count;
        public int Faults;

        public void OnEvent(ref DiamondEvent item, long sequence, bool endOfBatch)
        {
            Faults += item.Number == Count ? 0 : 1;
            Count++;
        }
    }

    private struct PerProducer : IRingEventHandler<DiamondEvent>
    {
        public long Next0;
        public long Next1;
        public long Faults;

        public void OnEvent(ref DiamondEvent item, long sequence, bool endOfBatch)
        {
            long expected = item.Producer == 0 ? Next0++ : Next1++;
            Faults += item.Number == expected ? 0 : 1;
        }
    }
}
