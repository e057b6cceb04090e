using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Features.Families;
using Engine.TestKit;

namespace Engine.Tests.Features;

/// <summary>Bucketed windows against a list of when things happened.</summary>
public sealed unsafe class WindowTableTests
{
    private const int Steps = 1_500;
    private const long NanosAMilli = 1_000_000;

    [Test]
    public void A_sum_is_what_happened_in_the_bucket_at_hand_and_the_fifteen_before([Values(1, 7, 8, 9, 16)] int windows)
    {
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            long[] buckets = [.. Enumerable.Range(0, windows).Select(w => ((3L * w * w) + 1) * NanosAMilli / WindowTable.Buckets)];
            var activity = new Activity([.. buckets.Select(b => b * WindowTable.Buckets)]);
            using var blocks = new InstrumentBlocks(new BlockLayout([activity]), 1);
            InstrumentHead* head = blocks.Of(0);
            blocks.Start(head, Venue.Itch50);
            long time = 1_700_000_000_000_000_000 + random.Next(1_000_000_000);
            blocks.StartWindows(head, time);
            List<long> happened = [];
            for (int step = 0; step < Steps; step++)
            {
                time += step == Steps / 2 ? 5_000_000_000_000_000_000 : Gap(random, buckets, time);
                bool isEvent = random.Chance(0.6);
                blocks.Advance(head, time, isEvent);
                if (isEvent)
                {
                    activity.Happened((byte*)head);
                    happened.Add(time);
                }

                happened.RemoveAll(t => t < time - (buckets[^1] * WindowTable.Buckets));
                for (int w = 0; w < windows; w++)
                {
                    long first = (time / buckets[w]) - WindowTable.Buckets + 1;
                    Assert.That(activity.Sums.Sum((byte*)head, w, 0), Is.EqualTo(happened.Count(t => t / buckets[w] >= first)), $"seed {seed}, step {step}, window {w}");
                }
            }
        }
    }

    [Test]
    public void A_clock_at_its_end_rolls_nothing_that_is_not_there([Values(0, 1, 7, 9)] int windows)
    {
        var activity = new Activity([.. Enumerable.Range(1, windows).Select(w => w * NanosAMilli)]);
        using var blocks = new InstrumentBlocks(new BlockLayout([activity]), 1);
        InstrumentHead* head = blocks.Of(0);
        blocks.Start(head, Venue.Itch50);
        blocks.StartWindows(head, 0);
        foreach (long time in (long[])[long.MaxValue - 1, long.MaxValue, long.MaxValue])
        {
            blocks.Advance(head, time, isEvent: true);
            activity.Happened((byte*)head);
        }

        Assert.That(*activity.Sums.Totals((byte*)head), Is.EqualTo(3));
    }

    /// <summary>No time at all, some of a bucket, a whole number of buckets, up to the edge of one, or several windows.</summary>
    private static long Gap(SeededRandom random, long[] buckets, long time)
    {
        long bucket = buckets[random.Next(buckets.Length)];
        return random.Next(6) switch
        {
            0 => 0,
            1 => random.Next((int)(bucket / 4)),
            2 => bucket * random.Next(1, 20),
            3 => bucket - (time % bucket),
            4 => bucket - (time % bucket) - 1,
            _ => random.Chance(0.05) ? bucket * 16 * random.Next(1, 40) : random.Next((int)bucket),
        };
    }
}
