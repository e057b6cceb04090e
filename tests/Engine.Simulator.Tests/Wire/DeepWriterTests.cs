using Engine.Simulator.Wire;

namespace Engine.Simulator.Tests.Wire;

/// <summary>Every message against bytes laid out by hand from the specification.</summary>
public class DeepWriterTests
{
    private const long Midnight = 1_767_589_200_000_000_000;

    private const long Time = (34_200L * 1_000_000_000) + 0x1234567;
    private const string Alfa = "414C464120202020";
    private static readonly string s_time = Convert.ToHexString(BitConverter.GetBytes(1_767_623_400_019_088_743L));
    private static readonly ulong s_alfa = ItchText.Pack8("ALFA");

    private static IEnumerable<TestCaseData> Messages()
    {
        yield return Case("S", w => w.SystemEvent('O'), "534F", s_time);
        yield return Case("S market hours", w => w.SystemEvent('Q'), "5352", s_time);
        yield return Case("D", w => w.StockDirectory(7, s_alfa, 100), "4400", s_time, Alfa, "64000000 0000000000000000 01");
        yield return Case("H", w => w.TradingAction(7, s_alfa, 'T', ItchText.Pack4("")), "4854", s_time, Alfa, "20202020");
        yield return Case("P", w => w.ShortSaleRestriction(7, s_alfa, '0'), "5000", s_time, Alfa, "20");
        yield return Case("P today", w => w.ShortSaleRestriction(7, s_alfa, '1'), "5001", s_time, Alfa, "41");
        yield return Case(
            "8", w => Event(w, () => w.AddOrder(7, 10, true, 300, s_alfa, 421_600)), "3801", s_time, Alfa, "2C010000 E06E060000000000");
        yield return Case(
            "5", w => Event(w, () => w.AddOrderAttributed(7, 10, false, 5, s_alfa, 421_700, 1)), "3501", s_time, Alfa,
            "05000000 446F060000000000");
        yield return Case(
            "8 with fewer", w => Event(w, () => w.OrderCancel(7, 9, 100)), "3801", s_time, Alfa, "C8000000 7C6E060000000000");
        yield return Case("8 gone", w => Event(w, () => w.OrderDelete(7, 9)), "3801", s_time, Alfa, "00000000 7C6E060000000000");
        yield return Case(
            "T", w => w.HiddenTrade(7, 100, s_alfa, 421_550, 17), "5400", s_time, Alfa, "64000000 AE6E060000000000 1100000000000000");
        yield return Case(
            "T odd lot", w => w.OrderExecutedWithPrice(7, 9, 99, 17, true, 421_550), "5420", s_time, Alfa,
            "63000000 AE6E060000000000 1100000000000000");
        var imbalance = new AuctionImbalance(500, 300, 'S', 421_400, 421_300, 421_500, 'C');
        yield return Case(
            "A", w => w.Imbalance(7, s_alfa, imbalance), "4143", s_time, Alfa, "F4010000 7C6E060000000000 B46D060000000000 2C010000 53",
            "00 50265C69 186E060000000000 0000000000000000 0000000000000000 0000000000000000");
    }

    [TestCaseSource(nameof(Messages))]
    public void A_message_is_exactly_these_bytes(Action<DeepWriter> write, string expected)
    {
        (DeepWriter writer, MessageList sink) = Create();
        write(writer);
        Assert.That(sink.Messages.Select(m => Convert.ToHexString(m.Body)), Is.EqualTo(new[] { expected }));
        Assert.That(sink.Messages[0].TimeNanos, Is.EqualTo(Time));
    }

    [Test]
    public void A_sweep_tells_its_trades_and_then_each_level_once()
    {
        (DeepWriter writer, MessageList sink) = Create();
        Event(writer, () => writer.AddOrder(7, 10, true, 50, s_alfa, 421_500));
        Event(writer, () => writer.AddOrder(7, 11, true, 70, s_alfa, 421_400));
        sink.Messages.Clear();
        writer.OrderExecuted(7, 9, 300, 1);
        writer.OrderExecuted(7, 10, 50, 2);
        writer.OrderExecuted(7, 11, 30, 3);
        writer.EndOfEvent(7);
        Assert.That(sink.Messages.Select(m => Text(m.Body)), Is.EqualTo(new[]
        {
            "T0 300 421500", "T32 50 421500", "T32 30 421400", "80 0 421500", "81 40 421400",
        }));
    }

    [Test]
    public void A_level_that_an_event_leaves_as_it_was_is_not_told()
    {
        (DeepWriter writer, MessageList sink) = Create();
        Event(writer, () => writer.OrderReplace(7, 9, 10, 300, 421_500));
        Assert.That(sink.Messages, Is.Empty);
        Event(writer, () => writer.OrderReplace(7, 10, 11, 200, 421_400));
        Assert.That(sink.Messages.Select(m => Text(m.Body)), Is.EqualTo(new[] { "80 0 421500", "81 200 421400" }));
    }

    [Test]
    public void A_break_names_the_latest_reported_trade_or_is_not_told()
    {
        (DeepWriter writer, MessageList sink) = Create();
        writer.HiddenTrade(7, 100, s_alfa, 421_550, 17);
        writer.OrderExecutedWithPrice(7, 9, 1, 18, false, 421_500);
        writer.BrokenTrade(7, 18);
        writer.BrokenTrade(7, 17);
        Assert.That(sink.Messages.Select(m => Text(m.Body)), Is.EqualTo(new[] { "T0 100 421550", "B0 100 421550" }));
        Assert.That(sink.Messages[1].Body[30], Is.EqualTo(17));
    }

    [Test]
    public void An_auction_tells_its_print_its_official_price_and_its_end()
    {
        (DeepWriter writer, MessageList sink) = Create();
        writer.OrderExecutedWithPrice(7, 9, 300, 17, false, 421_550);
        writer.CrossTrade(7, 70_000, s_alfa, 421_550, 17, 'O');
        writer.EndOfEvent(7);
        Assert.That(sink.Messages.Select(m => Convert.ToHexString(m.Body)), Is.EqualTo(new[]
        {
            "5408" + s_time + Alfa + "70110100" + "AE6E060000000000" + "1100000000000000",
            "5851" + s_time + Alfa + "AE6E060000000000",
            "454F" + s_time + Alfa,
            "3801" + s_time + Alfa + "00000000" + "7C6E060000000000",
        }));
    }

    private static void Event(DeepWriter writer, Action what)
    {
        what();
        writer.EndOfEvent(7);
    }

    private static string Text(byte[] m) => $"{(char)m[0]}{m[1]} {BitConverter.ToUInt32(m, 18)} {BitConverter.ToInt64(m, 22)}";

    private static (DeepWriter Writer, MessageList Sink) Create()
    {
        var sink = new MessageList();
        var writer = new DeepWriter(sink, Midnight) { TimeNanos = Time };

        // A longer message first: nothing of it may shine through.
        writer.StockDirectory(7, s_alfa, 100);
        writer.Imbalance(7, s_alfa, new AuctionImbalance(~0U, ~0U, 'B', ~0U, ~0U, ~0U, 'O'));
        writer.AddOrder(7, 9, true, 300, s_alfa, 421_500);
        writer.EndOfEvent(7);
        writer.ParticipantPosition(7, 1, s_alfa, true);
        sink.Messages.Clear();
        return (writer, sink);
    }

    private static TestCaseData Case(string name, Action<DeepWriter> write, params string[] bytes) =>
        new TestCaseData(write, string.Concat(bytes).Replace(" ", "", StringComparison.Ordinal)).SetArgDisplayNames(name);
}
