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
    public void At_the_end_of_all_time_a_window_holds_what_happens_there(
        [Values(0, 1, 7, 8, 9, 16)] int windows, [Values(0L, 1L, 70_000L, WindowTable.Buckets * NanosAMilli, 7_200_000_000_001L)] long before, [Values] bool isFirst)
    {
        var activity = new Activity([.. Enumerable.Range(1, windows).Select(w => w * NanosAMilli)]);
        using var blocks = new InstrumentBlocks(new BlockLayout([activity]), 1);
        InstrumentHead* head = blocks.Of(0);
        blocks.Start(head, Venue.Itch50);
        blocks.StartWindows(head, isFirst ? long.MaxValue - before : 0);
        for (int happened = 1; happened <= 40; happened++)
        {
            blocks.Advance(head, long.MaxValue - before, isEvent: true);
            activity.Happened((byte*)head);
            Assert.That(*activity.Sums.Totals((byte*)head), Is.EqualTo(happened));
            for (int w = 0; w < windows; w++)
            {
                Assert.That(activity.Sums.Sum((byte*)head, w, 0), Is.EqualTo(happened), $"window {w}");
            }
        }
    }

    [Test]
    public void A_first_time_before_the_epoch_is_left_behind_like_any(
        [Values(1, 8, 9)] int windows, [Values(-1L, -1_700_000_000_000_000_000L, -8_000_000_000_000_000_000L, long.MinValue)] long first)
    {
        foreach (ulong seed in Seeds.Take(1))
        {
            var random = new SeededRandom(seed);
            long[] buckets = [.. Enumerable.Range(1, windows).Select(w => w * NanosAMilli / WindowTable.Buckets)];
            var activity = new Activity([.. buckets.Select(b => b * WindowTable.Buckets)]);
            using var blocks = new InstrumentBlocks(new BlockLayout([activity]), 1);
            InstrumentHead* head = blocks.Of(0);
            blocks.Start(head, Venue.Itch50);
            blocks.StartWindows(head, first);
            activity.Happened((byte*)head);
            List<long> happened = [];
            long time = 1_700_000_000_000_000_000;
            for (int i = 0; i < 300; i++)
            {
                time += random.Next(200_000);
                blocks.Advance(head, time, isEvent: true);
                activity.Happened((byte*)head);
                happened.Add(time);
                for (int w = 0; w < windows; w++)
                {
                    long oldest = (time / buckets[w]) - WindowTable.Buckets + 1;
                    Assert.That(activity.Sums.Sum((byte*)head, w, 0), Is.EqualTo(happened.Count(t => t / buckets[w] >= oldest)), $"seed {seed}, event {i}, window {w}");
                }
            }
        }
    }

    /// <summary>Rows between events, events earlier than a row before them or than the epoch, and buckets opened between events.</summary>
    [Test]
    public void What_moves_is_told_and_a_window_never_goes_back([Values(1, 8, 13)] int windows)
    {
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            long[] buckets = [.. Enumerable.Range(0, windows).Select(w => ((3L * w * w) + 1) * NanosAMilli / WindowTable.Buckets)];
            var activity = new Activity([.. buckets.Select(b => b * WindowTable.Buckets)]);
            using var blocks = new InstrumentBlocks(new BlockLayout([activity]), 1);
            InstrumentHead* head = blocks.Of(0);
            blocks.Start(head, Venue.Itch50);
            long last = random.Chance(0.5) ? 1_700_000_000_000_000_000 : random.Next(1_000);
            blocks.StartWindows(head, last);
            long[] at = [.. buckets.Select(b => last / b)];
            var sums = new long[windows];
            List<long[]> happened = [];
            for (int step = 0; step < Steps; step++)
            {
                long time = random.Chance(0.02) ? -random.Next(1_000_000) : last + Gap(random, buckets, last);
                bool isEvent = random.Chance(0.5);
                head->Dirty = 0;
                blocks.Advance(head, time, isEvent);
                at = [.. at.Select((bucket, w) => Math.Max(bucket, time / buckets[w]))];
                long[] moved = Expected(happened, at);
                Check(activity, head, moved, $"seed {seed}, step {step}");
                Assert.That((head->Dirty & activity.Bit) != 0 || moved.SequenceEqual(sums), $"seed {seed}, step {step}: sums moved and nobody was told");
                last = isEvent ? Math.Max(last, time) : last;
                if (!isEvent && random.Chance(0.3))
                {
                    blocks.Open(head);
                    isEvent = true;
                }

                if (isEvent)
                {
                    activity.Happened((byte*)head);
                    happened.Add([.. at]);
                }

                sums = Expected(happened, at);
                Check(activity, head, sums, $"seed {seed}, behind step {step}");
                happened.RemoveAll(h => !at.Where((bucket, w) => h[w] > bucket - WindowTable.Buckets).Any());
            }
        }
    }

    private static long[] Expected(List<long[]> happened, long[] at) =>
        [.. at.Select((bucket, w) => (long)happened.Count(h => h[w] > bucket - WindowTable.Buckets))];

    private static void Check(Activity activity, InstrumentHead* head, long[] expected, string where)
    {
        for (int w = 0; w < expected.Length; w++)
        {
            Assert.That(activity.Sums.Sum((byte*)head, w, 0), Is.EqualTo(expected[w]), $"{where}, window {w}");
        }
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
