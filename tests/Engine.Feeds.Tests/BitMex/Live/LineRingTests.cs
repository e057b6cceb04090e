using Engine.Core.Numerics;
using Engine.Feeds.BitMex;
using Engine.Feeds.BitMex.Live;
using Engine.TestKit;

namespace Engine.Feeds.Tests.BitMex.Live;

public unsafe class LineRingTests
{
    private static IEnumerable<ulong> RandomSeeds() => Seeds.Take(4);

    [TestCaseSource(nameof(RandomSeeds))]
    public void It_does_what_a_queue_does(ulong seed)
    {
        SeededRandom random = new(seed);
        using LineRing ring = new(1_024);
        Queue<(BitMexLineKind Kind, long Time, byte[] Text)> oracle = [];
        int refused = 0, read = 0;
        bool isHeld = false;
        for (int step = 0; step < 8_000; step++)
        {
            if (random.Chance(0.5))
            {
                byte[] text = new byte[random.Next(random.Chance(0.1) ? ring.LengthMax + 1 : 60)];
                random.NextBytes(text);
                var kind = (BitMexLineKind)random.Next(5);
                if (ring.TryWrite(kind, step, step % 3 == 0, text))
                {
                    oracle.Enqueue((kind, step, text));
                }
                else
                {
                    refused++;
                    Assert.That(oracle.Count > 0 || isHeld, Is.True, $"seed {seed}: an empty ring refused {text.Length} bytes");
                }
            }
            else
            {
                bool has = isHeld = ring.TryRead(out LineHead* line);
                Assert.That(has, Is.EqualTo(oracle.Count > 0), $"seed {seed}, step {step}");
                if (has)
                {
                    (BitMexLineKind kind, long time, byte[] text) = oracle.Dequeue();
                    Assert.That((line->Kind, line->Time, line->HasGoodTime), Is.EqualTo((kind, time, time % 3 == 0)), $"seed {seed}, step {step}");
                    Assert.That(new Span<byte>(line + 1, line->Length).SequenceEqual(text), Is.True, $"seed {seed}, step {step}");
                    read++;
                }
            }
        }

        Assert.That(refused, Is.GreaterThan(100));
        Assert.That(read, Is.GreaterThan(1_000));
    }

    [Test]
    public void Two_threads_pass_lines_in_order_and_whole()
    {
        const int Lines = 60_000;
        using LineRing ring = new(1 << 14);
        Thread producer = new(() => Produce(ring, Lines));
        producer.Start();
        long wrong = 0;
        for (int i = 0; i < Lines;)
        {
            if (!ring.TryRead(out LineHead* line))
            {
                Thread.Yield();
                continue;
            }

            ReadOnlySpan<byte> text = new(line + 1, line->Length);
            wrong += line->Time == i && line->Length == Length(i) && !text.ContainsAnyExcept((byte)i) ? 0 : 1;
            i++;
        }

        producer.Join();
        Assert.That(wrong, Is.Zero);
        Assert.That(ring.TryRead(out _), Is.False);
    }

    [Test]
    public void The_longest_line_fits_from_any_place()
    {
        using LineRing ring = new(256);
        byte[] longest = new byte[ring.LengthMax];
        for (int i = 0; i < 64; i++)
        {
            longest.AsSpan().Fill((byte)i);
            Assert.That(ring.TryWrite(BitMexLineKind.Sent, i, true, longest.AsSpan(0, i % 2 == 0 ? longest.Length : i)), Is.True);
            Assert.That(ring.TryRead(out LineHead* line), Is.True);
            Assert.That(new Span<byte>(line + 1, line->Length).ContainsAnyExcept((byte)i), Is.False);
            Assert.That(ring.TryRead(out _), Is.False);
        }

        Assert.That(() => ring.TryWrite(BitMexLineKind.Sent, 0, true, new byte[ring.LengthMax + 1]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCase(0)]
    [TestCase(128)]
    [TestCase(1_000)]
    [TestCase(-256)]
    public void A_size_that_cannot_be_is_refused(int bytes) =>
        Assert.That(() => new LineRing(bytes), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static int Length(int i) => i * 31 % 700;

    private static void Produce(LineRing ring, int lines)
    {
        byte[] text = new byte[700];
        for (int i = 0; i < lines; i++)
        {
            text.AsSpan().Fill((byte)i);
            while (!ring.TryWrite(BitMexLineKind.Received, i, true, text.AsSpan(0, Length(i))))
            {
                Thread.Yield();
            }
        }
    }
}
