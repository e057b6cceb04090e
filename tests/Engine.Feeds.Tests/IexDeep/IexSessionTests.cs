using Engine.Core.Events;
using static Engine.Feeds.Tests.IexDeep.IexBytes;

namespace Engine.Feeds.Tests.IexDeep;

public class IexSessionTests
{
    [Test]
    public void Gaps_duplicates_and_heartbeats_are_counted()
    {
        byte[] heartbeat = Segment(5, 128);
        FeedStatistics s = Feed.Read(Capture(One(1), One(2), One(2), One(4), heartbeat, One(5), Segment(9, 256), One(9))).Statistics;
        Assert.That((s.Gaps, s.Lost, s.Duplicates, s.Heartbeats, s.Restarts), Is.EqualTo((2L, 4L, 1L, 2L, 0L)));
        Assert.That((s.Messages, s.BadStreamOffsets), Is.EqualTo((5L, 0L)));
    }

    [Test]
    public void A_stream_offset_that_does_not_follow_is_counted()
    {
        FeedStatistics s = Feed.Read(Capture(One(1), Segment(2, 99, Level('8', 2, 10_000)), Segment(3, 131, Level('8', 3, 10_000)))).Statistics;
        Assert.That((s.BadStreamOffsets, s.Gaps, s.Messages), Is.EqualTo((1L, 0L, 3L)));
    }

    [Test]
    public void Joining_late_is_no_gap_and_no_start()
    {
        Feed.Result result = Feed.Read(Capture(One(50), One(51)));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
        Assert.That(result.Events.Exists(e => e.Flags.HasFlag(EventFlags.SessionStart)), Is.False);
    }

    [Test]
    public void A_new_session_and_the_same_one_again_are_restarts()
    {
        byte[] other = SegmentOf(0x8004, 1_001, 1, 0, 1, Level('8', 1, 10_000));
        Feed.Result result = Feed.Read(Capture(One(1), One(2), other));
        Assert.That(result.Events.ConvertAll(e => e.Flags.HasFlag(EventFlags.SessionStart)), Is.EqualTo(new[] { true, false, true }));
        Assert.That(result.Statistics.Restarts, Is.EqualTo(1));

        Feed.Result again = Feed.Read(Capture([.. Run(20), .. Run(20)]));
        Assert.That((again.Statistics.Restarts, again.Statistics.Messages, again.Statistics.Gaps), Is.EqualTo((1L, 40L, 0L)));
    }

    [Test]
    public void An_event_left_open_by_a_gap_is_not_waited_for()
    {
        Feed.Result result = Feed.Read(Capture(Segment(1, 0, Level('8', 1, 10, flags: 0)), Segment(3, 64, Trade(1, 10, 1))));
        Assert.That(result.Events.ConvertAll(e => e.Kind), Is.EqualTo(new[] { EventKind.LevelSet, EventKind.Gap, EventKind.Trade }));
        Assert.That(result.Events[2].Flags.HasFlag(EventFlags.LastOfEvent));
    }

    [Test]
    public void Absurd_counts_and_lengths_are_counted_and_lost()
    {
        byte[] many = SegmentOf(0x8004, 1_000, 2, 32, 60_000, Level('8', 2, 10_000));
        FeedStatistics s = Feed.Read(Capture(One(1), many, One(60_002))).Statistics;
        Assert.That((s.MessagesCutOff, s.Lost, s.Gaps, s.Messages), Is.EqualTo((59_999L, 59_999L, 1L, 3L)));
        byte[] far = One(3);
        BitConverter.TryWriteBytes(far.AsSpan(24), long.MaxValue);
        Assert.That(Feed.Read(Capture(One(1), far)).Statistics.BadSequencePackets, Is.EqualTo(1));
    }

    [Test]
    public void Symbols_without_room_are_no_instrument_and_wanted_ones_have_room()
    {
        FeedOptions options = new() { Instruments = new InstrumentTable(2, ["Z"]) };
        byte[] segment = Segment(1, 0, [.. "ABCZB".Select((c, i) => Level('8', (uint)i + 1, 10_000, symbol: c.ToString()))]);
        Feed.Result result = Feed.Read(options, Capture(segment));
        const int None = MarketEvent.NoInstrument;
        Assert.That(result.Events.ConvertAll(e => e.Instrument), Is.EqualTo(new[] { 0, None, None, 1, None }));
        Assert.That((result.Statistics.RefusedInstruments, result.Statistics.RefusedEvents), Is.EqualTo((2L, 3L)));
        Assert.That(options.Instruments.Missing(), Is.Empty);
    }

    [Test]
    public void A_restart_whose_first_segment_is_lost_is_told_by_its_bytes()
    {
        byte[][] second = [.. Enumerable.Range(2, 50).Select(i => Segment(i, 32 * (i - 1), Level('8', 9_000, 20_000)))];
        Feed.Result result = Feed.Read(Capture([.. Run(100), .. second]));
        Assert.That((result.Statistics.Restarts, result.Statistics.Duplicates, result.Statistics.Messages), Is.EqualTo((1L, 0L, 150L)));
        Assert.That(result.Events[100].Kind, Is.EqualTo(EventKind.Clear));
    }

    [Test]
    public void A_whole_read_loop_allocates_nothing()
    {
        string path = Feed.File("traffic", Capture(Run(30_000)));
        long allocated = AllocationTests.AllocatedBy(() => Captures.CaptureSource.Open([path], Feed.Options()), source => source.Statistics.Messages, out long messages);
        Assert.That((allocated, messages), Is.EqualTo((0L, 30_000L)));
    }

    [Test]
    public void Mutated_captures_end_and_add_up() => FuzzTests.Run(
        0xFEED5,
        Capture([.. Run(10), Segment(11, 320), One(14), .. Run(10), SegmentOf(0x8004, 1_001, 1, 0, 2, Trade(1, 2, 3), Trade(1, 2, 3, type: 'B'))]),
        Venue.IexDeep,
        FuzzTests.Mutate);

    [Test]
    public void Random_messages_end_and_add_up() => FuzzTests.Run(0xFEED7, [], Venue.IexDeep, (random, _) =>
        Capture([.. Enumerable.Range(1, 30).Select(i =>
        {
            byte[][] messages = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ =>
            {
                byte[] message = new byte[random.Next(85)];
                random.NextBytes(message);
                if (message.Length > 0)
                {
                    message[0] = random.Chance(0.9) ? (byte)"58TBSDHIOPEXA"[random.Next(13)] : message[0];
                }

                return message;
            })];
            long sequence = random.Chance(0.8) ? i * 2 : (long)random.NextUInt64();
            int count = random.Chance(0.9) ? messages.Length : random.Next(70_000);
            return SegmentOf(0x8004, (uint)random.Next(1, 4), sequence, i, count, messages);
        })]));
}
