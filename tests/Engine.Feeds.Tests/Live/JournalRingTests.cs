using Engine.Core.Numerics;
using Engine.Feeds.Network.Live;
using Engine.TestKit;

namespace Engine.Feeds.Tests.Live;

[TestFixture]
internal sealed unsafe class JournalRingTests
{
    private const int Capacity = 64;

    [Test]
    public void It_is_a_queue_of_bytes([ValueSource(nameof(FewSeeds))] ulong seed)
    {
        SeededRandom random = new(seed);
        using JournalRing ring = new(Capacity);
        Queue<byte> model = new();
        List<byte> unpublished = [];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] some = new byte[random.Next(20)];
            random.NextBytes(some);
            switch (random.Next(3))
            {
                case 0:
                    Assert.That(ring.HasRoom(some.Length), Is.EqualTo(model.Count + unpublished.Count + some.Length <= Capacity), $"seed {seed}, step {i}");
                    if (ring.HasRoom(some.Length))
                    {
                        fixed (byte* data = some)
                        {
                            ring.Put(data, some.Length);
                        }

                        unpublished.AddRange(some);
                    }

                    break;
                case 1:
                    ring.Publish();
                    unpublished.ForEach(model.Enqueue);
                    unpublished.Clear();
                    break;
                default:
                    byte* at = ring.Peek(out int length);
                    Assert.That(length, Is.GreaterThan(0).Or.EqualTo(0).And.LessThanOrEqualTo(model.Count), $"seed {seed}, step {i}");
                    Assert.That(length == 0, Is.EqualTo(model.Count == 0), $"seed {seed}, step {i}");
                    int taken = random.Next(length + 1);
                    for (int b = 0; b < taken; b++)
                    {
                        Assert.That(at[b], Is.EqualTo(model.Dequeue()), $"seed {seed}, step {i}");
                    }

                    ring.Release(taken);
                    break;
            }
        }

        Assert.That(ring.Written, Is.GreaterThan(10 * Capacity));
    }

    [Test]
    public void Two_threads_see_every_byte_in_order() => Assert.That(WrongBytes(isBroken: false), Is.Zero);

    [Test]
    public void The_check_catches_a_consumer_that_releases_before_it_reads() => Assert.That(WrongBytes(isBroken: true), Is.GreaterThan(0));

    [TestCase(0)]
    [TestCase(100)]
    [TestCase(-64)]
    public void A_capacity_is_a_power_of_two(int capacity) => Assert.That(() => new JournalRing(capacity), Throws.TypeOf<ArgumentOutOfRangeException>());

    /// <summary>Sends bytes that tell their position from one thread to another, and counts those that came wrong.</summary>
    private static long WrongBytes(bool isBroken)
    {
        const int Count = 2_000_000;
        using JournalRing ring = new(1 << 12);
        long wrong = 0;
        Thread consumer = new(() =>
        {
            for (long seen = 0; seen < Count;)
            {
                byte* at = ring.Peek(out int length);
                if (isBroken)
                {
                    ring.Release(length);
                    while (ring.Written < Math.Min(seen + length + ring.Capacity - 64, Count))
                    {
                        _ = Thread.Yield();
                    }
                }

                for (int i = 0; i < length; i++)
                {
                    wrong += at[i] == At(seen + i) ? 0 : 1;
                }

                ring.Release(isBroken ? 0 : length);
                seen += length;
                _ = length == 0 && Thread.Yield();
            }
        });
        consumer.Start();
        byte* bytes = stackalloc byte[64];
        for (long put = 0; put < Count;)
        {
            int length = (int)Math.Min(1 + (put % 61), Count - put);
            for (int i = 0; i < length; i++)
            {
                bytes[i] = At(put + i);
            }

            while (!ring.HasRoom(length))
            {
                _ = Thread.Yield();
            }

            ring.Put(bytes, length);
            ring.Publish();
            put += length;
        }

        consumer.Join();
        Assert.That(ring.Written, Is.EqualTo(Count));
        return wrong;
    }

    /// <summary>A byte that does not come again after a lap of the ring.</summary>
    private static byte At(long position) => (byte)(((ulong)position * 0x9E37_79B9_7F4A_7C15) >> 56);

    private static IEnumerable<ulong> FewSeeds() => Seeds.Take(3);
}
