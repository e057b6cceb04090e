using Engine.Core.Events;
using Engine.Feeds.Itch;

namespace Engine.Feeds.Tests;

/// <summary>One message of each type, its bytes by hand.</summary>
public class MessageVectorTests
{
    private const string Head = "0005 0102 00000000 03E8"; // locate 5, tracking 258, 1,000 ns

    private static readonly object[] s_vectors =
    [
        V('S', "0000 0102 00000000 03E8 51", "Status None q- p- o0 r0 all", "event_code=Q"),
        V('R', Head + "4141504C20202020 51 4E 00000064 4E 43 5A20 50 4E 20 31 4E 00000002 59", "Status None q- p- o0 r0",
            "market_category=Q;financial_status=N;round_lot_size=100;round_lots_only=N;issue_classification=C;issue_sub_type=Z;authenticity=P;"
            + "short_sale_threshold=N;ipo_flag=;luld_tier=1;etp_flag=N;etp_leverage=2;inverse=Y"),
        V('H', Head + "4141504C20202020 54 20 4C554C44", "Status None q- p- o0 r0", "trading_state=T;reserved=;reason=LULD"),
        V('Y', Head + "4141504C20202020 31", "Status None q- p- o0 r0", "reg_sho_action=1"),
        V('L', Head + "474D5343 4141504C20202020 59 4E 41", "Status None q- p- o0 r0",
            "mpid=GMSC;primary_market_maker=Y;market_maker_mode=N;participant_state=A"),
        V('V', "0000 0102 00000000 03E8 0000000005F5E100 0000000005F5E101 000000000BEBC200", "Status None q- p- o0 r0 all",
            "level_1=1;level_2=1.00000001;level_3=2"),
        V('W', "0000 0102 00000000 03E8 32", "Status None q- p- o0 r0 all", "breached_level=2"),
        V('K', Head + "4141504C20202020 00008CA0 41 0001E240", "Status None q- p- o0 r0", "release_time=36000;release_qualifier=A;ipo_price=12.3456"),
        V('J', Head + "4141504C20202020 00002710 00002AF8 00002328 00000001", "Status None q- p- o0 r0",
            "reference_price=1;upper_collar=1.1;lower_collar=0.9;extension=1"),
        V('h', Head + "4141504C20202020 51 48", "Status None q- p- o0 r0", "market_code=Q;halt_action=H"),
        V('A', Head + "0000000100000002 42 0000012C 4141504C20202020 00124F80", "Add Buy q300 p120000000000 o4294967298 r0", ""),
        V('A', Head + "0000000100000002 53 FFFFFFFF 4141504C20202020 FFFFFFFF", "Add Sell q4294967295 p429496729500000 o4294967298 r0", ""),
        V('F', Head + "0000000000000003 53 00000064 4141504C20202020 00002710 4E495445", "Add Sell q100 p1000000000 o3 r0", "attribution=NITE"),
        V('E', Head + "0000000000000004 00000032 00000000000000AA", "Execute None q50 p- o4 r170", ""),
        V('C', Head + "0000000000000004 00000032 00000000000000AB 4E 00002710", "Execute None q50 p1000000000 o4 r171 nonprintable", "printable=N"),
        V('C', Head + "0000000000000004 00000032 00000000000000AB 59 00002710", "Execute None q50 p1000000000 o4 r171", "printable=Y"),
        V('X', Head + "0000000000000005 0000000A", "Cancel None q10 p- o5 r0", ""),
        V('D', Head + "0000000000000006", "Delete None q- p- o6 r0", ""),
        V('U', Head + "0000000000000007 0000000000000008 00000064 00004E20", "Replace None q100 p2000000000 o7 r8", ""),
        V('P', Head + "0000000000000000 42 00000064 4141504C20202020 00002710 00000000000000AC", "Trade Buy q100 p1000000000 o0 r172", ""),
        V('Q', Head + "0000000100000000 4141504C20202020 00002710 00000000000000AD 4F", "Trade None q4294967296 p1000000000 o0 r173", "cross_type=O"),
        V('B', Head + "00000000000000AE", "TradeBreak None q- p- o0 r174", ""),
        V('I', Head + "0000000000000064 00000000000000C8 42 4141504C20202020 00002710 00004E20 00007530 4F 4C", "Status None q- p- o0 r0",
            "paired_shares=100;imbalance_shares=200;imbalance_direction=B;far_price=1;near_price=2;reference_price=3;cross_type=O;price_variation=L"),
        V('N', Head + "4141504C20202020 41", "Status None q- p- o0 r0", "interest_flag=A"),
        V('O', Head + "4141504C20202020 59 00002710 00004E20 00007530 0000000000000009 00002328 00002AF8", "Status None q- p- o0 r0",
            "open_eligibility=Y;minimum_price=1;maximum_price=2;near_execution_price=3;near_execution_time=9;lower_collar=0.9;upper_collar=1.1"),
    ];

    [TestCaseSource(nameof(s_vectors))]
    public void A_message_becomes_one_event(char type, byte[] message, string expected, string detail)
    {
        Feed.Result result = Feed.Read(ItchBytes.BinaryFile(message));
        Assert.That(result.Events, Has.Count.EqualTo(1));
        MarketEvent e = result.Events[0];
        string Number(long value) => value == MarketEvent.Absent ? "-" : value.ToString();
        string text = $"{e.Kind} {e.Side} q{Number(e.Quantity)} p{Number(e.Price)} o{e.OrderId} r{e.Reference}"
            + (e.Flags.HasFlag(EventFlags.NonPrintable) ? " nonprintable" : "") + (e.Instrument == -1 ? " all" : "");
        StringWriter written = new();
        ItchMessageText.WriteDetail(message, written);
        bool hasSymbol = !"SVWECXDUB".Contains(type);
        Assert.Multiple(() =>
        {
            Assert.That(text, Is.EqualTo(expected));
            Assert.That(written.ToString(), Is.EqualTo(detail));
            Assert.That(e.ExchangeTime, Is.EqualTo(1_000));
            Assert.That(e.Venue, Is.EqualTo(Venue.Itch50));
            Assert.That(e.Flags & (EventFlags.LastOfEvent | EventFlags.BadReceiveTime), Is.EqualTo(EventFlags.LastOfEvent | EventFlags.BadReceiveTime));
            Assert.That(result.Messages[0], Is.EqualTo(message));
            Assert.That(ItchMessageText.TypeOf(message), Is.EqualTo(type));
            Assert.That(ItchMessageText.TrackingOf(message), Is.EqualTo(258));
            Assert.That(result.Instruments.Symbol(0), Is.EqualTo(hasSymbol ? "AAPL" : null));
        });
    }

    [Test]
    public void Every_known_type_has_a_vector()
    {
        HashSet<char> tested = [.. s_vectors.Select(v => (char)((TestCaseData)v).Arguments[0]!)];
        char[] known = [.. Enumerable.Range(0, 256).Where(t => ItchLayouts.WireLength((byte)t) != 0).Select(t => (char)t)];
        Assert.That(tested, Is.EquivalentTo(known));
    }

    [Test]
    public void Short_long_unknown_and_sideless_messages_are_counted()
    {
        byte[] whole = ItchBytes.Add(1);
        Feed.Result result = Feed.Read(Feed.Options() with { Venue = Venue.Itch50 }, ItchBytes.BinaryFile(
            whole, whole[..35], [.. whole, 1, 2], [.. ItchBytes.Head('z', 5, 9), 1, 2], ItchBytes.Add(2, side: 'X'), ItchBytes.Delete(1)));
        FeedStatistics s = result.Statistics;
        StringWriter extra = new();
        ItchMessageText.WriteDetail([.. whole, 1, 0xAB], extra);
        Assert.Multiple(() =>
        {
            Assert.That(result.Events.Select(e => e.Sequence), Is.EqualTo(new ulong[] { 1, 3, 6 }));
            Assert.That(s.Messages, Is.EqualTo(6));
            Assert.That(s.ShortByType['A'], Is.EqualTo(1));
            Assert.That(s.LongByType['A'], Is.EqualTo(1));
            Assert.That(s.UnknownByType['z'], Is.EqualTo(1));
            Assert.That(s.BadSide, Is.EqualTo(1));
            Assert.That(s.MalformedMessages, Is.EqualTo(2));
            Assert.That(s.Irregularities().Select(i => i.Key), Is.EqualTo(new[] { "unknown_messages", "short_messages", "long_messages", "bad_side" }));
            Assert.That(extra.ToString(), Is.EqualTo("extra=01ab"));
        });
    }

    private static TestCaseData V(char type, string hex, string expected, string detail) =>
        new TestCaseData(type, (byte[])[(byte)type, .. Convert.FromHexString(hex.Replace(" ", ""))], expected, detail).SetArgDisplayNames(type.ToString(), expected);
}
