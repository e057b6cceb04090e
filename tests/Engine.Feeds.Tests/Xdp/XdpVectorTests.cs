using Engine.Core.Events;
using Engine.Feeds.Xdp;
using static Engine.Feeds.Tests.Xdp.XdpBytes;

namespace Engine.Feeds.Tests.Xdp;

/// <summary>Each message by hand, from the tables of the specification, not from the decoder.</summary>
public class XdpVectorTests
{
    private const string Nanos = "2A000000 07000000 09000000"; // 42 ns, symbol 7, symbol sequence 9
    private const string Whole = "A8070A5E 2A000000 07000000 09000000"; // 2019-12-30 14:20:24 UTC and 42 ns, symbol 7, sequence 9
    private const string Order = "0102030405060708"; // 0x0807060504030201
    private const string Price = "D2040000"; // 1234 in 1e-4
    private const string Volume = "64000000";

    private static readonly object[] s_vectors =
    [
        V(100, $"{Nanos} {Order} {Price} {Volume} 42 4142434420 02", "Add Buy q100 p123400000 o578437695752307201 r0", "firm=ABCD;parity_splits=2"),
        V(100, $"{Nanos} {Order} {Price} {Volume} 53 2020202020 00", "Add Sell q100 p123400000 o578437695752307201 r0", "firm=;parity_splits=0"),
        V(101, $"{Nanos} {Order} {Price} {Volume} 01 02 03", "Modify None q100 p123400000 o578437695752307201 r0", "position_change=1;previous_parity_splits=2;new_parity_splits=3"),
        V(102, $"{Nanos} {Order} 05", "Delete None q- p- o578437695752307201 r0", "parity_splits=5"),
        V(103, $"{Nanos} {Order} 0B000000 {Price} {Volume} 01 00 40462020", "Execute None q100 p123400000 o578437695752307201 r11", "printable=1;parity_splits=0;conditions=@F"),
        V(103, $"{Nanos} {Order} 0B000000 {Price} {Volume} 00 00 40462020", "Execute None q100 p123400000 o578437695752307201 r11 nonprintable", "printable=0;parity_splits=0;conditions=@F"),
        V(104, $"{Nanos} {Order} 1112131415161718 {Price} {Volume} 01 02", "Replace None q100 p123400000 o578437695752307201 r1735880461161533969", "previous_parity_splits=1;new_parity_splits=2"),
        V(105, Imbalance, "Status None q- p- o0 r0", ImbalanceText),
        V(105, $"{Imbalance} 0C000000 53 00", "Status None q- p- o0 r0", ImbalanceText + ";unpaired_quantity=12;unpaired_side=S"),
        V(106, $"{Whole} {Order} {Price} {Volume} 53 4142434445 07", "Add Sell q100 p123400000 o578437695752307201 r0 snapshot", "firm=ABCDE;parity_splits=7"),
        V(110, $"{Nanos} 0B000000 {Price} {Volume} 01 40202020", "Trade None q100 p123400000 o0 r11", "printable=1;conditions=@"),
        V(110, $"{Nanos} 0B000000 {Price} {Volume} 00 40202020", "Trade None q100 p123400000 o0 r11 nonprintable", "printable=0;conditions=@"),
        V(111, $"{Nanos} 0B000000 {Price} {Volume} 4F", "Trade None q100 p123400000 o0 r11", "cross_type=O"),
        V(112, $"{Nanos} 0B000000", "TradeBreak None q- p- o0 r11", ""),
        V(113, $"{Nanos} 0B000000 {Volume}", "Status None q- p- o0 r11", "cross_id=11;volume=100"),
        V(114, $"{Nanos} 42", "Status None q- p- o0 r0", "interest=B"),
        V(223, "A8070A5E 2A000000 07000000 D2040000 D1040000 D3040000 00000000 64000000", "Status None q- p- o0 r0", "high=0.1234;low=0.1233;open=0.1235;close=0;total_volume=100"),
        V(32, "A8070A5E 2A000000 07000000 0A000000", "Clear None q- p- o0 r0", "next_source_sequence=10"),
        V(34, $"{Whole} 34 44 00000000 {Price} 00000000 4E 64000000 DC050000 7E 4F 20", "Status None q- p- o0 r0",
            "security_status=4;halt_condition=D;price_1=0.1234;price_2=0;ssr_exchange=N;ssr_volume=100;time=1500;ssr_state=~;market_state=O;session_state="),
        V(1, "A8070A5E 2A000000 0B 02", "Status None q- p- o0 r0 all", "product=11;channel=2"),
        V(2, "03000000 00000000 A8070A5E", "Status None q- p- o0 r0 all", "id=3;seconds=1577715624"),
        V(3, "07000000 41424300000000 00000000 00 0100 03 4E 04 41 6400 08B40700 4D000000 00 59 F401 0100 0000", "Status None q- p- o0 r0",
            "market=1;system=3;exchange=N;price_scale=4;security_type=A;lot_size=100;previous_close=50.4840;previous_volume=77;price_resolution=0;round_lot=Y;minimum_variation=500;unit_of_trade=1"),
        V(10, "01000000 05000000 41424300000000000000 0B 02", "Status None q- p- o0 r0 all", "first=1;last=5;source=ABC;product=11;channel=2"),
        V(11, "09000000 01000000 05000000 41424300000000000000 0B 02 30", "Status None q- p- o0 r0 all", "request=9;first=1;last=5;source=ABC;product=11;channel=2;status=0"),
        V(12, "41424300000000000000", "Status None q- p- o0 r0 all", "source=ABC"),
        V(13, "07000000 41424300000000000000 0B 02 01", "Status None q- p- o0 r0 all", "symbol_index=7;source=ABC;product=11;channel=2;method=1"),
        V(15, "07000000 41424300000000000000 0B 02", "Status None q- p- o0 r0 all", "symbol_index=7;source=ABC;product=11;channel=2"),
        V(31, "01000000 05000000 0B 02", "Status None q- p- o0 r0 all", "first=1;last=5;product=11;channel=2"),
        V(35, "0100 0300 05000000 06000000", "SnapshotBegin None q- p- o0 r0 all", "packet=1;packets=3;last_sequence=5;last_symbol_sequence=6"),
        V(35, "0200 0300 05000000 06000000", "Status None q- p- o0 r0 all", "packet=2;packets=3;last_sequence=5;last_symbol_sequence=6"),
    ];

    private const string Imbalance =
        Whole + " D2040000 64000000 65000000 66000000 7E05 43 42 01000000 02000000 03000000 04000000 05000000 06000000 01 02 03";

    private const string ImbalanceText =
        "reference_price=0.1234;paired_quantity=100;total_imbalance=101;market_imbalance=102;auction_time=1406;auction_type=C;imbalance_side=B;"
        + "book_clearing_price=0.0001;interest_clearing_price=0.0002;ssr_filing_price=0.0003;indicative_match_price=0.0004;upper_collar=0.0005;"
        + "lower_collar=0.0006;auction_status=1;freeze_status=2;extensions=3";

    [TestCaseSource(nameof(s_vectors))]
    public void A_message_becomes_one_event(int type, byte[] message, string expected, string detail)
    {
        string path = Feed.File("vector", Capture(Original(1, Mapping(), TimeReference(3, 1_577_715_624), message)));
        using MarketDataSource source = Captures.CaptureSource.Open([path], Feed.Options());
        MarketEvent[] events = new MarketEvent[8];
        Assert.That(source.Read(events), Is.EqualTo(3));
        MarketEvent e = events[2];
        string Number(long value) => value == MarketEvent.Absent ? "-" : value.ToString();
        string text = $"{e.Kind} {e.Side} q{Number(e.Quantity)} p{Number(e.Price)} o{e.OrderId} r{e.Reference}"
            + (e.Flags.HasFlag(EventFlags.NonPrintable) ? " nonprintable" : "") + (e.Flags.HasFlag(EventFlags.FromSnapshot) ? " snapshot" : "")
            + (e.Instrument == -1 ? " all" : "");
        StringWriter written = new();
        source.WriteDetail(2, written);
        long expectedTime = type switch { 2 => 1_577_715_624_000_000_000, 3 or (> 3 and < 32) or 35 => Time + 500, _ => 1_577_715_624_000_000_042 };
        Assert.Multiple(() =>
        {
            Assert.That(text, Is.EqualTo(expected));
            Assert.That(written.ToString(), Is.EqualTo(detail.Replace("50.4840", "50.484")));
            Assert.That(e.ExchangeTime, Is.EqualTo(expectedTime));
            Assert.That((e.ReceiveTime, e.Sequence, e.Venue), Is.EqualTo((Time + 1, 3UL, Venue.Xdp)));
            Assert.That(e.Flags.HasFlag(EventFlags.LastOfEvent));
            Assert.That(source.TypeText(2), Is.EqualTo(type.ToString()));
            Assert.That(source.TryGetMessage(2, out ReadOnlySpan<byte> bytes) && bytes.SequenceEqual(message));
            Assert.That(source.Instruments.Symbol(0), Is.EqualTo("ABC"));
            Assert.That(source.Statistics.Irregularities(), Is.Empty);
        });
    }

    [Test]
    public void Every_known_type_has_a_vector_of_its_size()
    {
        var sizes = s_vectors.Select(v => ((TestCaseData)v).Arguments).Select(a => ((int)a[0]!, ((byte[])a[1]!).Length)).Distinct().Order();
        (int, int)[] wire =
        [
            (1, 14), (2, 16), (3, 44), (10, 24), (11, 29), (12, 14), (13, 21), (15, 20), (31, 14), (32, 20), (34, 46), (35, 16), (100, 39), (101, 35),
            (102, 25), (103, 42), (104, 42), (105, 67), (105, 73), (106, 43), (110, 33), (111, 29), (112, 20), (113, 24), (114, 17), (223, 36),
        ];
        Assert.That(sizes, Is.EqualTo(wire));
        Assert.That(Enumerable.Range(0, 256).Where(t => XdpLayouts.WireSize(t, 0) != 0), Is.EqualTo(wire.Select(w => w.Item1).Distinct()));
    }

    [Test]
    public unsafe void Every_field_of_every_layout_lies_inside_its_message()
    {
        for (int type = 0; type < 256; type++)
        {
            // SAFETY: the table has 256 entries.
            XdpLayout layout = XdpLayouts.Table[type];
            int time = layout.Clock switch { XdpClock.Nanos => 8, XdpClock.Whole => 12, XdpClock.Seconds => 16, _ => 4 };
            int need = new[]
            {
                time, End(layout.Symbol, 4), End(layout.Order, 8), End(layout.NewOrder, 8), End(layout.Match, 4), End(layout.Price, 4),
                End(layout.Quantity, 4), End(layout.Side, 1), End(layout.Printable, 1),
            }.Max();
            Assert.That(layout.Size == 0 || need <= layout.Size, $"type {type}");
            Assert.That(layout.LongSize, Is.GreaterThanOrEqualTo(layout.Size));
        }

        static int End(byte offset, int size) => offset == 0 ? 0 : offset + size;
    }

    private static TestCaseData V(int type, string hex, string expected, string detail) =>
        new TestCaseData(type, Message(type, Convert.FromHexString(hex.Replace(" ", ""))), expected, detail).SetArgDisplayNames(type.ToString(), expected);
}
