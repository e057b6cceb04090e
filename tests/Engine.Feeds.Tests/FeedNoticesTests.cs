namespace Engine.Feeds.Tests;

/// <summary>Notices between the thread that reads a feed and the one that tells people.</summary>
public class FeedNoticesTests
{
    [Test]
    public void Notices_come_out_as_they_went_in()
    {
        FeedNotices notices = new();
        Assert.That(notices.TryTake(out FeedNotice none), Is.False);
        Assert.That(none, Is.EqualTo(default(FeedNotice)));
        notices.Add(FeedNoticeKind.Requested, 11, 2, 30, 4);
        notices.Add(FeedNoticeKind.Recovered, 12, 3, ulong.MaxValue, long.MaxValue);
        Assert.That(notices.TryTake(out FeedNotice first));
        Assert.That(first, Is.EqualTo(new FeedNotice { Kind = FeedNoticeKind.Requested, Time = 11, Stream = 2, From = 30, Count = 4 }));
        Assert.That(notices.TryTake(out FeedNotice second));
        Assert.That(second, Is.EqualTo(new FeedNotice { Kind = FeedNoticeKind.Recovered, Time = 12, Stream = 3, From = ulong.MaxValue, Count = long.MaxValue }));
        Assert.That(notices.TryTake(out _), Is.False);
        Assert.That(notices.Missed, Is.Zero);
    }

    [Test]
    public void A_full_ring_keeps_the_oldest_and_counts_the_rest()
    {
        FeedNotices notices = new();
        for (int i = 0; i < FeedNotices.Capacity + 7; i++)
        {
            notices.Add(FeedNoticeKind.Lost, i, 0, 0, 0);
        }

        Assert.That(notices.Missed, Is.EqualTo(7));
        Assert.That(notices.TryTake(out FeedNotice oldest));
        Assert.That(oldest.Time, Is.Zero);
        notices.Add(FeedNoticeKind.Lost, 1_000_000, 0, 0, 0);
        notices.Add(FeedNoticeKind.Lost, 1_000_001, 0, 0, 0);
        Assert.That(notices.Missed, Is.EqualTo(8), "one was taken, so one found room");
        long[] times = [.. Taken(notices).Select(n => n.Time)];
        Assert.That(times, Is.EqualTo(Enumerable.Range(1, FeedNotices.Capacity - 1).Select(i => (long)i).Append(1_000_000)));
    }

    [Test]
    public void Between_two_threads_nothing_is_torn_doubled_or_forgotten()
    {
        const int Count = 400_000;
        FeedNotices notices = new();
        Thread writer = new(() =>
        {
            for (int i = 1; i <= Count; i++)
            {
                notices.Add((FeedNoticeKind)(i % 13), i, i, (ulong)i, -i);
            }
        });
        writer.Start();
        long taken = 0;
        long last = 0;
        for (bool isOver = false; !isOver;)
        {
            // Asked before the ring is emptied: what was written until then is seen.
            isOver = writer.Join(0);
            foreach (FeedNotice notice in Taken(notices))
            {
                Assert.That(notice.Time, Is.GreaterThan(last), "in order, none twice");
                last = notice.Time;
                Assert.That((notice.Stream, notice.From, notice.Count, notice.Kind), Is.EqualTo(((int)last, (ulong)last, -last, (FeedNoticeKind)(last % 13))), "whole");
                taken++;
            }
        }

        Assert.That(taken + notices.Missed, Is.EqualTo(Count));
        Assert.That(taken, Is.GreaterThanOrEqualTo(FeedNotices.Capacity));
    }

    private static IEnumerable<FeedNotice> Taken(FeedNotices notices)
    {
        while (notices.TryTake(out FeedNotice notice))
        {
            yield return notice;
        }
    }
}
