using Engine.Core.Numerics;
using Engine.Core.Rings;

namespace Engine.Core.Tests.Rings;

/// <summary>Random claims, publications and reads on one thread against a plain queue.</summary>
public class RingModelTests
{
    private const int Steps = 20_000;

    [Test]
    public void Both_producers_behave_like_a_bounded_queue([Range(1, 8)] int seed, [Values] bool many)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        SeededRandom random = new((ulong)seed);
        using RingBuffer<long> ring = new(1 << random.Next(0, 6));
        SingleProducer<long, YieldingWait> one = new(ring);
        using MultiProducer<long, YieldingWait> several = new(ring);
        SequenceBarrier<YieldingWait> barrier = many ? several.NewBarrier<YieldingWait>() : one.NewBarrier<YieldingWait>();
        Sequence consumer = new();
        one.SetGating(consumer);
        several.SetGating(consumer);
        Queue<long> queue = new();
        long sent = 0;
        for (int step = 0; step < Steps; step++)
        {
            if (random.Chance(0.5))
            {
                int count = random.Next(1, ring.Size + 1);
                bool claimed = many ? several.TryNext(count, out long high) : one.TryNext(count, out high);
                Assert.That(claimed, Is.EqualTo(queue.Count + count <= ring.Size));
                for (long s = high - count + 1; claimed && s <= high; s++)
                {
                    ring[s] = sent * 7;
                    queue.Enqueue(sent++ * 7);
                }

                if (claimed && many)
                {
                    several.Publish(high - count + 1, high);
                }
                else if (claimed)
                {
                    one.Publish(high);
                }
            }
            else
            {
                long next = consumer.Value + 1;
                long available = barrier.Poll(next);
                Assert.That(available >= next, Is.EqualTo(queue.Count > 0));
                Assert.That(available - next + 1, Is.LessThanOrEqualTo(queue.Count));
                long end = next + random.Next(0, (int)(available - next) + 2) - 1;
                for (; next <= end; next++)
                {
                    Assert.That(ring[next], Is.EqualTo(queue.Dequeue()));
                }

                consumer.SetRelease(end);
            }

            Assert.That(many ? several.Remaining() : one.Remaining(), Is.EqualTo(ring.Size - queue.Count));
        }
    }
}
