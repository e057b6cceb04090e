using Engine.Core.Rings;

namespace Engine.Core.Tests.Rings;

/// <summary>Claims, publications, gating and barriers on one thread.</summary>
public class RingUnitTests
{
    [TestCase(0)]
    [TestCase(-4)]
    [TestCase(3)]
    [TestCase((1 << 26) + 1)]
    public void A_ring_is_a_power_of_two(int size) =>
        Assert.That(() => new RingBuffer<long>(size), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void A_slot_comes_again_after_a_lap()
    {
        using RingBuffer<long> ring = new(8);
        ring[3] = 42;
        Assert.That(ring[11], Is.EqualTo(42));
        Assert.That(ring[(8L << 40) + 3], Is.EqualTo(42));
        Assert.That(ring.Size, Is.EqualTo(8));
    }

    [Test]
    public void A_claim_without_gating_is_an_error()
    {
        using RingBuffer<long> ring = new(8);
        using MultiProducer<long, YieldingWait> many = new(ring);
        SingleProducer<long, YieldingWait> one = new(ring);
        Assert.That(() => one.Next(), Throws.InvalidOperationException);
        Assert.That(() => one.TryNext(1, out _), Throws.InvalidOperationException);
        Assert.That(() => many.Next(), Throws.InvalidOperationException);
    }

    [Test]
    public void Gating_is_set_once_and_not_to_nothing()
    {
        using RingBuffer<long> ring = new(8);
        SingleProducer<long, YieldingWait> producer = new(ring);
        Assert.That(() => producer.SetGating(), Throws.ArgumentException);
        producer.SetGating(new Sequence());
        Assert.That(() => producer.SetGating(new Sequence()), Throws.InvalidOperationException);
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(9)]
    [TestCase(int.MaxValue)]
    public void A_claim_takes_one_to_size_slots(int count)
    {
        using RingBuffer<long> ring = new(8);
        using MultiProducer<long, YieldingWait> many = new(ring);
        SingleProducer<long, YieldingWait> one = new(ring);
        one.SetGating(new Sequence());
        many.SetGating(new Sequence());
        Assert.That(() => one.Next(count), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => one.TryNext(count, out _), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => many.Next(count), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(one.Next(), Is.EqualTo(0), "the refused claims took nothing");
    }

    [Test]
    public void A_full_ring_refuses_until_a_consumer_moves()
    {
        using RingBuffer<long> ring = new(8);
        SingleProducer<long, YieldingWait> producer = new(ring);
        Sequence consumer = new();
        producer.SetGating(consumer);
        Assert.That(producer.Next(8), Is.EqualTo(7));
        Assert.That(producer.Remaining(), Is.EqualTo(0));
        Assert.That(producer.TryNext(1, out long high), Is.False);
        Assert.That(high, Is.EqualTo(Sequence.Initial));
        consumer.SetRelease(2);
        Assert.That(producer.Remaining(), Is.EqualTo(3));
        Assert.That(producer.TryNext(4, out _), Is.False);
        Assert.That(producer.TryNext(3, out high), Is.True);
        Assert.That(high, Is.EqualTo(10));
    }

    [Test]
    public void The_slowest_of_several_final_consumers_gates()
    {
        using RingBuffer<long> ring = new(4);
        SingleProducer<long, YieldingWait> producer = new(ring);
        Sequence fast = new();
        Sequence slow = new();
        producer.SetGating(fast, slow);
        producer.Publish(producer.Next(4));
        fast.SetRelease(3);
        Assert.That(producer.TryNext(1, out _), Is.False);
        slow.SetRelease(0);
        Assert.That(producer.TryNext(1, out _), Is.True);
        Assert.That(producer.TryNext(1, out _), Is.False);
    }

    [Test]
    public void A_barrier_shows_what_is_published_and_no_more()
    {
        using RingBuffer<long> ring = new(8);
        SingleProducer<long, YieldingWait> producer = new(ring);
        SequenceBarrier<YieldingWait> barrier = producer.NewBarrier<YieldingWait>();
        producer.SetGating(new Sequence());
        Assert.That(barrier.Poll(0), Is.EqualTo(-1));
        long high = producer.Next(3);
        Assert.That(barrier.Poll(0), Is.EqualTo(-1), "claimed is not published");
        producer.Publish(high);
        Assert.That(barrier.WaitFor(0), Is.EqualTo(2));
        Assert.That(barrier.WaitFor(2), Is.EqualTo(2));
        Assert.That(barrier.Poll(3), Is.EqualTo(2));
    }

    [Test]
    public void A_barrier_stays_behind_the_slowest_before_it()
    {
        using RingBuffer<long> ring = new(8);
        SingleProducer<long, YieldingWait> producer = new(ring);
        Sequence left = new();
        Sequence right = new();
        SequenceBarrier<YieldingWait> barrier = producer.NewBarrier<YieldingWait>(left, right);
        producer.SetGating(new Sequence());
        producer.Publish(producer.Next(5));
        left.SetRelease(4);
        Assert.That(barrier.Poll(0), Is.EqualTo(-1));
        right.SetRelease(1);
        Assert.That(barrier.Poll(0), Is.EqualTo(1));
        Assert.That(() => new SequenceBarrier<YieldingWait>(), Throws.ArgumentException);
    }

    [Test]
    public void An_alert_ends_a_wait_but_loses_nothing_published()
    {
        using RingBuffer<long> ring = new(8);
        SingleProducer<long, YieldingWait> producer = new(ring);
        SequenceBarrier<YieldingWait> barrier = producer.NewBarrier<YieldingWait>();
        producer.SetGating(new Sequence());
        producer.Publish(producer.Next(2));
        barrier.Alert();
        Assert.That(barrier.IsAlerted, Is.True);
        Assert.That(barrier.WaitFor(0), Is.EqualTo(1));
        Assert.That(barrier.WaitFor(2), Is.EqualTo(Sequence.Alerted));
        barrier.ClearAlert();
        producer.Publish(producer.Next());
        Assert.That(barrier.WaitFor(2), Is.EqualTo(2));
    }

    [Test]
    public void Slots_of_many_producers_show_in_order_only()
    {
        using RingBuffer<long> ring = new(8);
        using MultiProducer<long, YieldingWait> producer = new(ring);
        SequenceBarrier<YieldingWait> barrier = producer.NewBarrier<YieldingWait>();
        Sequence consumer = new();
        producer.SetGating(consumer);
        Assert.That(producer.Next(), Is.EqualTo(0));
        Assert.That(producer.Next(2), Is.EqualTo(2));
        producer.Publish(1, 2);
        Assert.That(barrier.Poll(0), Is.EqualTo(-1), "0 is claimed by a slower producer");
        producer.Publish(0);
        Assert.That(barrier.WaitFor(0), Is.EqualTo(2));
        Assert.That(producer.Remaining(), Is.EqualTo(5));
        Assert.That(producer.TryNext(6, out _), Is.False);
        consumer.SetRelease(2);
        Assert.That(producer.TryNext(6, out long high), Is.True);
        Assert.That(high, Is.EqualTo(8));
        Assert.That(barrier.Poll(3), Is.EqualTo(2), "last lap's publication does not count for this one");
    }

    [Test]
    public void A_halted_producer_throws_instead_of_waiting()
    {
        using RingBuffer<long> ring = new(2);
        using MultiProducer<long, YieldingWait> many = new(ring);
        SingleProducer<long, YieldingWait> one = new(ring);
        one.SetGating(new Sequence());
        many.SetGating(new Sequence());
        one.Next(2);
        many.Next(2);
        one.Halt();
        many.Halt();
        Assert.That(() => one.Next(), Throws.TypeOf<RingHaltedException>());
        Assert.That(() => many.Next(), Throws.TypeOf<RingHaltedException>());
        Assert.That(() => one.Next(), Throws.TypeOf<RingHaltedException>(), "and has claimed nothing");
        Assert.That(one.TryNext(1, out _), Is.False);
    }
}
