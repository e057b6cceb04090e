using Engine.Core.Events;
using Engine.Feeds.IexDeep;
using static Engine.Feeds.Tests.IexDeep.IexBytes;

namespace Engine.Feeds.Tests.IexDeep;

/// <summary>Each message by hand, from the tables of the specification, not from the decoder.</summary>
public class IexVectorTests
{
    private const string Stamp = "2A00D27D2C2DE515"; // ns since the Unix epoch
    private const string Symbol = "4142432020202020"; // ABC
    private const string Size = "64000000";
    private const string Price = "240F000000000000"; // 3876 in 1e-4

    private static readonly object[] s_vectors =
    [
        V('8', $"01 {Stamp} {Symbol} {Size} {Price}", "LevelSet Buy q100 p387600000 r0", "event_flags=0x01"),
        V('5', $"00 {Stamp} {Symbol} 00000000 {Price}", "LevelSet Sell q0 p387600000 r0 open", "event_flags=0x00"),
        V('T', $"40 {Stamp} {Symbol} {Size} {Price} 0807060504030201", "Trade None q100 p387600000 r72623859790382856", "sale_condition=0x40"),
        V('B', $"40 {Stamp} {Symbol} {Size} {Price} 0807060504030201", "TradeBreak None q100 p387600000 r72623859790382856", "sale_condition=0x40;size=100;price=0.3876"),
        V('S', $"4F {Stamp}", "Status None q- p- r0 all", "system_event=O"),
        V('D', $"80 {Stamp} {Symbol} {Size} {Price} 01", "Status None q- p- r0", "flags=0x80;round_lot_size=100;adjusted_previous_close=0.3876;luld_tier=1"),
        V('H', $"48 {Stamp} {Symbol} 54312020", "Status None q- p- r0", "trading_status=H;reason=T1"),
        V('I', $"41 {Stamp} {Symbol}", "Status None q- p- r0", "retail_liquidity=A"),
        V('O', $"4E {Stamp} {Symbol}", "Status None q- p- r0", "operational_halt=N"),
        V('P', $"01 {Stamp} {Symbol} 41", "Status None q- p- r0", "price_test=1;detail=A"),
        V('E', $"4F {Stamp} {Symbol}", "Status None q- p- r0", "security_event=O"),
        V('X', $"51 {Stamp} {Symbol} {Price}", "Status None q- p- r0", "price_type=Q;official_price=0.3876"),
        V('A', $"4F {Stamp} {Symbol} {Size} {Price} {Price} 65000000 42 00 80510100 {Price} {Price} {Price} 18FCFFFFFFFFFFFF", "Status None q- p- r0",
            "auction_type=O;paired_shares=100;reference_price=0.3876;indicative_clearing_price=0.3876;imbalance_shares=101;imbalance_side=B;extension=0;"
            + "scheduled_time=86400;book_clearing_price=0.3876;collar_reference_price=0.3876;lower_collar=0.3876;upper_collar=-0.1"),
    ];

    [TestCaseSource(nameof(s_vectors))]
    public void A_message_becomes_one_event(char type, byte[] message, string expected, string detail)
    {
        string path = Feed.File("vector", Capture(Segment(1, 0, message)));
        using MarketDataSource source = Captures.CaptureSource.Open([path], Feed.Options());
        MarketEvent[] events = new MarketEvent[8];
        Assert.That(source.Read(events), Is.EqualTo(1));
        MarketEvent e = events[0];
        string Number(long value) => value == MarketEvent.Absent ? "-" : value.ToString();
        string text = $"{e.Kind} {e.Side} q{Number(e.Quantity)} p{Number(e.Price)} r{e.Reference}"
            + (e.Instrument == -1 ? " all" : "") + (e.Flags.HasFlag(EventFlags.LastOfEvent) ? "" : " open");
        StringWriter written = new();
        source.WriteDetail(0, written);
        Assert.Multiple(() =>
        {
            Assert.That(text, Is.EqualTo(expected));
            Assert.That(written.ToString(), Is.EqualTo(detail));
            Assert.That((e.ExchangeTime, e.ReceiveTime, e.Sequence, e.Venue, e.OrderId), Is.EqualTo((0x15E52D2C7DD2002AL, Time + 1, 1UL, Venue.IexDeep, 0UL)));
            Assert.That(e.Flags.HasFlag(EventFlags.SessionStart));
            Assert.That(source.TypeText(0), Is.EqualTo(type.ToString()));
            Assert.That(source.TryGetMessage(0, out ReadOnlySpan<byte> bytes) && bytes.SequenceEqual(message));
            Assert.That(source.Instruments.Symbol(0), Is.EqualTo(type == 'S' ? null : "ABC"));
            Assert.That(source.Statistics.Irregularities(), Is.Empty);
        });
    }

    [Test]
    public void Every_known_type_has_a_vector_of_its_length()
    {
        (char, int)[] wire =
        [
            ('5', 30), ('8', 30), ('A', 80), ('B', 38), ('D', 31), ('E', 18), ('H', 22), ('I', 18), ('O', 18), ('P', 19), ('S', 10), ('T', 38), ('X', 26),
        ];
        Assert.That(s_vectors.Select(v => ((TestCaseData)v).Arguments).Select(a => ((char)a[0]!, ((byte[])a[1]!).Length)).Order(), Is.EqualTo(wire));
        Assert.That(Enumerable.Range(0, 256).Where(t => IexLayouts.Of((byte)t).Length != 0).Select(t => ((char)t, (int)IexLayouts.Of((byte)t).Length)), Is.EqualTo(wire));
    }

    [Test]
    public void The_book_is_read_only_when_the_event_is_complete()
    {
        Feed.Result result = Feed.Read(Capture(Segment(
            1, 0, Level('8', 1, 10, flags: 0), Trade(5, 10, 1), Trade(5, 10, 2, "XYZ"), Level('5', 1, 20, flags: 0), Level('5', 2, 30), Trade(5, 10, 3))));
        bool[] complete = [.. result.Events.Select(e => e.Flags.HasFlag(EventFlags.LastOfEvent))];
        Assert.That(complete, Is.EqualTo(new[] { false, false, true, false, true, true }));
    }

    [Test]
    public void Short_long_and_unknown_messages_and_prices_that_do_not_fit_are_counted()
    {
        byte[] level = Level('8', 1, 10);
        Feed.Result result = Feed.Read(Capture(Segment(1, 0, level, level[..29], [.. level, 1], [(byte)'z', 1], [], Level('8', 1, long.MaxValue))));
        FeedStatistics s = result.Statistics;
        Assert.That((s.ShortByType['8'], s.LongByType['8'], s.UnknownByType['z'], s.EmptyMessages, s.PricesOutOfRange), Is.EqualTo((1L, 1L, 1L, 1L, 1L)));
        Assert.That((s.Messages, s.Events), Is.EqualTo((6L, 3L)));
        Assert.That(result.Events.ConvertAll(e => (e.Sequence, e.Price)), Is.EqualTo(new[] { (1UL, 1_000_000L), (3UL, 1_000_000L), (6UL, MarketEvent.Absent) }));
    }

    private static TestCaseData V(char type, string hex, string expected, string detail) =>
        new TestCaseData(type, (byte[])[(byte)type, .. Convert.FromHexString(hex.Replace(" ", ""))], expected, detail).SetArgDisplayNames(type.ToString(), expected);
}
