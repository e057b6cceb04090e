using Engine.Core.Events;
using static Engine.Feeds.Tests.Xdp.XdpBytes;

namespace Engine.Feeds.Tests.Xdp;

public class XdpSessionTests
{
    [Test]
    public void A_gap_and_a_duplicate_are_counted_by_packet_sequence()
    {
        Feed.Result result = Feed.Read(Capture(
            Original(1, Mapping(), TimeReference()), Original(3, Adds(3, 2)), Original(3, Adds(3, 2)), Original(8, Adds(8, 1)), Packet(1, 9), Packet(1, 11)));
        FeedStatistics s = result.Statistics;
        Assert.That(Kinds(result), Is.EqualTo("Status* Status Add Add Gap Add Gap"));
        Assert.That((s.Gaps, s.Lost, s.Duplicates, s.Restarts, s.Heartbeats, s.FeedPackets), Is.EqualTo((2L, 5L, 2L, 0L, 2L, 6L)));
        Assert.That((result.Events[4].Quantity, result.Events[4].Sequence, result.Events[4].Instrument), Is.EqualTo((3L, 5UL, -1)));
    }

    [Test]
    public void A_partial_overlap_gives_only_what_is_new()
    {
        Feed.Result result = Feed.Read(Capture(Original(1, Mapping(), TimeReference()), Original(3, Adds(3, 3)), Original(4, Adds(4, 4))));
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 3, 4, 5, 6, 7 }));
        Assert.That(result.Statistics.Duplicates, Is.EqualTo(2));
    }

    [Test]
    public void A_reset_is_a_restart_and_empties_the_books()
    {
        byte[] reset = Packet(12, 1, Reset());
        Feed.Result result = Feed.Read(Capture(reset, Original(2, Mapping()), Original(3, Adds(3, 2)), reset.ToArray(), Packet(12, 1, Reset(2)), Original(2, Adds(20, 1))));
        FeedStatistics s = result.Statistics;
        Assert.That(Kinds(result), Is.EqualTo("Status* Status Add Add Clear Status Add"), "the repeated reset is a duplicate, the other one is not");
        Assert.That((s.Restarts, s.Duplicates, s.Gaps), Is.EqualTo((1L, 1L, 0L)));
        Assert.That(result.Instruments.Count, Is.EqualTo(1), "the symbol keeps its instrument");
    }

    [Test]
    public void A_reset_to_any_sequence_is_no_gap()
    {
        Feed.Result result = Feed.Read(Capture(Original(1, Mapping()), Original(2, Adds(2, 1)), Packet(12, 900, Reset()), Original(901, Adds(5, 1))));
        Assert.That(Kinds(result), Is.EqualTo("Status* Add Clear Status Add"));
        Assert.That((result.Statistics.Restarts, result.Statistics.Gaps, result.Statistics.Lost), Is.EqualTo((1L, 0L, 0L)));
    }

    [Test]
    public void Lines_with_the_same_packets_are_one_channel()
    {
        byte[][] packets = [Original(1, Mapping(), TimeReference()), .. Enumerable.Range(3, 20).Select(i => Original((uint)i, Adds((uint)i, 1)))];
        (byte, byte[])[] both = [.. packets.SelectMany((p, i) => i == 9 ? [(2, p)] : i == 14 ? new (byte, byte[])[] { (1, p) } : [(1, p), (2, p)])];
        Feed.Result result = Feed.Read(Capture(both));
        FeedStatistics s = result.Statistics;
        Assert.That(result.Orders, Is.EqualTo(Enumerable.Range(3, 20).Select(i => (ulong)i)));
        Assert.That((s.Gaps, s.Duplicates, s.Restarts), Is.EqualTo((0L, 20L, 0L)));
    }

    [Test]
    public void Channels_have_gaps_and_resets_of_their_own()
    {
        Feed.Result result = Feed.Read(Capture(
            (1, Original(1, Mapping(7, "ABC"), TimeReference())), (2, Original(1, Mapping(8, "DEF"), TimeReference())),
            (1, Original(3, Adds(3, 1))), (2, Original(5, Adds(9, 1, 8))), (1, Packet(12, 1, Reset())), (2, Original(6, Adds(10, 1, 8)))));
        FeedStatistics s = result.Statistics;
        Assert.That(Kinds(result), Is.EqualTo("Status* Status Status Status Add Gap Add Clear Status Add"));
        Assert.That((result.Events[5].Instrument, result.Events[5].Quantity), Is.EqualTo((1, 2L)), "the gap concerns the channel's instruments");
        Assert.That(result.Events[7].Instrument, Is.Zero);
        Assert.That((s.Gaps, s.Lost, s.Restarts), Is.EqualTo((1L, 2L, 1L)));
    }

    [Test]
    public void A_refresh_is_flagged_framed_and_taken_once()
    {
        byte[] head = Message(35, [1, 0, 1, 0, 9, 0, 0, 0, 9, 0, 0, 0]);
        byte[] refresh = Packet(17, 700, head, Mapping(), Message(106, [.. PcapWriter.Little(Seconds, 4), .. Add(5)[4..]]));
        Feed.Result result = Feed.Read(Capture((1, Original(1, TimeReference())), (3, refresh), (4, refresh), (1, Original(2, Adds(2, 1)))));
        FeedStatistics s = result.Statistics;
        Assert.That(Kinds(result), Is.EqualTo("Status* SnapshotBegin Status Add SnapshotEnd Add"));
        Assert.That(result.Events.ConvertAll(e => e.Flags.HasFlag(EventFlags.FromSnapshot)), Is.EqualTo(new[] { false, true, true, true, false, false }));
        Assert.That((s.RefreshPackets, s.Duplicates, s.Gaps, s.Restarts), Is.EqualTo((2L, 3L, 0L, 0L)));
    }

    [Test]
    public void Retransmissions_on_their_own_group_are_counted_and_passed_over()
    {
        Feed.Result result = Feed.Read(Capture((1, Original(1, Mapping(), TimeReference())), (9, Packet(15, 1, Mapping())), (1, Packet(13, 3, Adds(3, 1)))));
        Assert.That(Kinds(result), Is.EqualTo("Status* Status Add"));
        Assert.That(result.Statistics.RetransmissionPackets, Is.EqualTo(1));
    }

    [Test]
    public void Without_a_mapping_an_instrument_has_no_name_and_no_price()
    {
        Feed.Result result = Feed.Read(Capture(Original(5, Add(1, 7), Mapping(7, "ABC"), Add(2, 7), Mapping(7, "ABC", scale: 12), Add(3, 7))));
        FeedStatistics s = result.Statistics;
        Assert.That(result.Events.ConvertAll(e => e.Instrument), Is.All.Zero);
        Assert.That(result.Events.ConvertAll(e => e.Price), Is.EqualTo(new[] { MarketEvent.Absent, MarketEvent.Absent, 12_340_000_000, MarketEvent.Absent, MarketEvent.Absent }));
        Assert.That((s.UnmappedMessages, s.PricesWithoutScale, s.TimesWithoutReference), Is.EqualTo((1L, 2L, 3L)));
        Assert.That((result.Instruments.Count, result.Instruments.Symbol(0)), Is.EqualTo((1, "ABC")));
    }

    [Test]
    public void Seconds_come_from_the_instruments_matching_engine()
    {
        Feed.Result result = Feed.Read(Capture(Original(
            1, Mapping(7, "ABC", system: 3), Mapping(8, "DEF", system: 4), TimeReference(3, 100), Add(1, 8), TimeReference(4, 101), Add(2, 7), Add(3, 8))));
        long[] times = [.. result.Events.Where(e => e.Kind == EventKind.Add).Select(e => e.ExchangeTime)];
        Assert.That(times, Is.EqualTo(new[] { 100_000_001_000, 100_000_001_000, 101_000_001_000 }));
    }

    [Test]
    public void Short_long_unknown_and_sideless_messages_are_counted()
    {
        byte[] add = Add(1);
        byte[] bad = Original(1, Mapping(), Message(100, add[4..38]), Message(100, [.. add[4..], 1, 2]), Message(99, [1]), Message(700, [1]), Add(2, side: 'X'), Add(3));
        FeedStatistics s = Feed.Read(Capture(bad)).Statistics;
        Assert.That((s.ShortByType[100], s.LongByType[100], s.UnknownByType[99], s.UnknownByType[0], s.BadSide), Is.EqualTo((1L, 1L, 1L, 1L, 1L)));
        Assert.That((s.Messages, s.Events), Is.EqualTo((7L, 3L)));
    }

    [Test]
    public void Messages_that_a_packet_does_not_hold_are_counted_and_lost()
    {
        byte[] zero = [0, 0, 0, 0];
        Feed.Result result = Feed.Read(Capture(
            Original(1, Mapping(), TimeReference()), PacketCount(11, 3, 3, Add(3)), Original(6, Adds(6, 1)), Original(7, zero, Add(8)), Original(9, Adds(9, 1))));
        FeedStatistics s = result.Statistics;
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 3, 6, 9 }));
        Assert.That((s.MessagesCutOff, s.Gaps, s.Lost), Is.EqualTo((4L, 2L, 4L)));
    }

    [Test]
    public void Symbols_without_room_are_no_instrument_and_wanted_ones_have_room()
    {
        FeedOptions options = new() { Instruments = new InstrumentTable(2, ["Z"]) };
        byte[][] messages = [Mapping(1, "A"), Mapping(2, "B"), Add(1, 1), Add(2, 2), Add(3, 3), Mapping(3, "Z"), Add(4, 3), Add(5, 2)];
        Feed.Result result = Feed.Read(options, Capture(Original(1, messages)));
        const int None = MarketEvent.NoInstrument;
        Assert.That(result.Events.ConvertAll(e => e.Instrument), Is.EqualTo(new[] { 0, None, 0, None, None, 1, 1, None }));
        Assert.That(result.Events.ConvertAll(e => e.Flags.HasFlag(EventFlags.Watched)), Is.EqualTo(new[] { false, false, false, false, false, true, true, false }));
        Assert.That((result.Statistics.RefusedInstruments, result.Statistics.RefusedEvents), Is.EqualTo((2L, 4L)));
        Assert.That(options.Instruments.Missing(), Is.Empty);
    }

    [Test]
    public void Symbols_without_room_are_counted_once_each()
    {
        FeedOptions options = new() { Instruments = new InstrumentTable(3) };
        byte[][] messages = [Mapping(1, "A"), Add(1, 8), Add(2, 9), Mapping(2, "B"), Mapping(2, "B"), Add(3, 3), Add(4, 3), Mapping(4, "A"), Add(5, 4)];
        Feed.Result result = Feed.Read(options, Capture(Original(1, messages)));
        const int None = MarketEvent.NoInstrument;
        Assert.That(result.Events.ConvertAll(e => e.Instrument), Is.EqualTo(new[] { 0, 1, 2, None, None, None, None, 0, 0 }));
        Assert.That((result.Statistics.RefusedInstruments, result.Statistics.RefusedEvents), Is.EqualTo((2L, 4L)));
    }

    [Test]
    public void A_restart_whose_first_packet_is_lost_is_told_by_its_bytes()
    {
        byte[][] first = [Original(1, Mapping()), .. Enumerable.Range(2, 100).Select(i => Original((uint)i, Add((uint)i)))];
        byte[][] second = [.. Enumerable.Range(2, 50).Select(i => Original((uint)i, Add(9_000 + (uint)i)))];
        Feed.Result result = Feed.Read(Capture([.. first, .. second]));
        Assert.That((result.Statistics.Restarts, result.Statistics.Duplicates, result.Orders.Length), Is.EqualTo((1L, 0L, 150)));
        Assert.That(result.Events[101].Kind, Is.EqualTo(EventKind.Clear));
    }

    [Test]
    public void What_is_sent_again_on_its_own_line_is_no_restart()
    {
        byte[][] day = [Original(1, Mapping()), .. Enumerable.Range(2, 100).Select(i => Original((uint)i, Add((uint)i)))];
        byte[][] again = [.. Enumerable.Range(20, 40).Select(i => Packet(15, (uint)i, Add((uint)i)))];
        FeedStatistics s = Feed.Read(Capture([.. day[..10], .. day[70..80], .. again, .. day[80..]])).Statistics;
        Assert.That((s.Restarts, s.Gaps, s.Lost, s.Duplicates), Is.EqualTo((0L, 1L, 60L, 40L)));
    }

    [Test]
    public void What_the_last_packet_lacks_is_lost_to_its_own_channel()
    {
        Feed.Result result = Feed.Read(Capture(
            (1, Original(1, Mapping(), TimeReference(), Add(1))), (5, Original(1, Mapping(8, "DEF"), Add(2, 8))), (5, PacketCount(11, 3, 3, Add(3, 8)))));
        MarketEvent gap = result.Events[^1];
        Assert.That((gap.Kind, gap.Instrument, gap.Quantity, gap.Sequence), Is.EqualTo((EventKind.Gap, 1, 2L, 4UL)));
        Assert.That((result.Statistics.Gaps, result.Statistics.Lost, result.Statistics.MessagesCutOff), Is.EqualTo((1L, 2L, 2L)));
    }

    [Test]
    public void A_whole_read_loop_allocates_nothing()
    {
        List<byte[]> packets = [Original(1, Mapping(), TimeReference())];
        for (uint i = 3; i < 30_000; i += 20)
        {
            packets.Add(Original(i, Adds(i, 20)));
        }

        string path = Feed.File("traffic", Capture([.. packets]));
        long allocated = AllocationTests.AllocatedBy(() => Captures.CaptureSource.Open([path], Feed.Options()), source => source.Statistics.Messages, out long messages);
        Assert.That((allocated, messages), Is.EqualTo((0L, 30_002L)));
    }

    [Test]
    public void Mutated_captures_end_and_add_up() => FuzzTests.Run(0xFEED4, Traffic(), Venue.Xdp, FuzzTests.Mutate);

    [Test]
    public void Random_messages_end_and_add_up() => FuzzTests.Run(0xFEED6, [], Venue.Xdp, (random, _) =>
    {
        byte[] deliveries = [1, 10, 11, 11, 11, 11, 12, 13, 15, 17, 18, 19, 20, 21, 99];
        byte[] types = [1, 2, 3, 10, 11, 12, 13, 15, 31, 32, 34, 35, 100, 101, 102, 103, 104, 105, 106, 110, 111, 112, 113, 114, 223, 0, 99];
        return Capture([.. Enumerable.Range(1, 30).Select(i =>
        {
            byte[][] messages = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ =>
            {
                byte[] body = new byte[random.Next(75)];
                random.NextBytes(body);
                return Message(types[random.Next(types.Length)], body);
            })];
            uint sequence = random.Chance(0.8) ? (uint)i * 2 : (uint)random.NextUInt64();
            int count = random.Chance(0.9) ? messages.Length : random.Next(256);
            return ((byte)random.Next(1, 6), PacketCount(deliveries[random.Next(deliveries.Length)], sequence, count, messages));
        })]);
    });

    private static byte[] Traffic()
    {
        byte[] refresh = Packet(18, 700, Message(35, [1, 0, 1, 0, 9, 0, 0, 0, 9, 0, 0, 0]), Mapping(9, "GHI"));
        return Capture(
            [(1, Packet(12, 1, Reset())), (1, Original(2, Mapping(), TimeReference())), (3, refresh), (4, refresh), (3, Packet(20, 701, Adds(50, 3, 9))),
            .. Enumerable.Range(4, 12).SelectMany(i => new (byte, byte[])[] { (1, Original((uint)i, Adds((uint)i, 1))), (2, Original((uint)i, Adds((uint)i, 1))) }),
            (5, Original(1, Mapping(8, "DEF"))), (5, Original(2, Adds(90, 5, 8))), (1, Packet(12, 1, Reset())), (1, Packet(1, 2)), (6, Packet(21, 3, Message(31, new byte[10])))]);
    }

    private static string Kinds(Feed.Result result) =>
        string.Join(' ', result.Events.Select(e => e.Kind + (e.Flags.HasFlag(EventFlags.SessionStart) ? "*" : "")));
}
