using Engine.Simulator.Wire;

namespace Engine.Simulator.Tests.Wire;

/// <summary>Every message against bytes laid out by hand from the specification.</summary>
public class XdpWriterTests
{
    // 2026-01-05 00:00 in New York, 05:00 UTC: 1,767,589,200 s = 0x695B4550; nine and a half hours later 0x695BCAE8.
    private const long Midnight = 1_767_589_200_000_000_000;
    private const long Time = (34_200L * 1_000_000_000) + 0x1234567;
    private const string Seconds = "E8CA5B69", Nanos = "67452301";
    private const string Order = "0807060504030201";
    private static readonly ulong s_alfa = ItchText.Pack8("ALFA");
    private static readonly AuctionImbalance s_imbalance = new(500, 300, 'S', 421_400, 421_300, 421_500, 'C');

    // Locate 7 has prices of four decimals, locate 6 of six.
    private static IEnumerable<TestCaseData> Messages()
    {
        yield return Case("1", w => w.SystemEvent('O'), "0E00 0100", Seconds, Nanos, "11 01");
        yield return Case(
            "3", w => w.StockDirectory(7, s_alfa, 100), "2C00 0300 07000000 414C464100000000000000 00 0100 01 4E 04",
            "43 6400 00000000 00000000 00 59 0100 0100 0000");
        yield return Case(
            "34 open", w => w.TradingAction(7, s_alfa, 'T', 0), "2E00 2200", Seconds, Nanos,
            "07000000 03000000 50 7E 00000000 00000000 00000000 20 00000000 00000000 7E 50 00");
        yield return Case(
            "34 halt", w => w.TradingAction(7, s_alfa, 'H', 0), "2E00 2200", Seconds, Nanos,
            "07000000 03000000 34 44 00000000 00000000 00000000 20 00000000 00000000 7E 50 00");
        yield return Case(
            "34 short sale", w => w.ShortSaleRestriction(7, s_alfa, '1'), "2E00 2200", Seconds, Nanos,
            "07000000 03000000 41 7E 00000000 00000000 00000000 20 00000000 00000000 45 50 00");
        yield return Case(
            "100", w => w.AddOrder(7, 10, true, 300, s_alfa, 421_500), "2700 6400", Nanos,
            "07000000 03000000 0A00000000000000 7C6E0600 2C010000 42 0000000000 00");
        yield return Case(
            "100 with firm", w => w.AddOrderAttributed(7, 10, false, 1, s_alfa, 421_500, ItchText.Pack4("SIMA")), "2700 6400", Nanos,
            "07000000 03000000 0A00000000000000 7C6E0600 01000000 53 53494D4100 00");
        yield return Case(
            "101", w => w.OrderCancel(7, 0x0102030405060708, 200), "2300 6500", Nanos,
            "07000000 03000000", Order, "7C6E0600 64000000 00 42 00");
        yield return Case("102", w => w.OrderDelete(7, 0x0102030405060708), "1900 6600", Nanos, "07000000 03000000", Order, "00");
        yield return Case(
            "103", w => w.OrderExecuted(7, 0x0102030405060708, 256, 17), "2A00 6700", Nanos,
            "07000000 03000000", Order, "11000000 7C6E0600 00010000 01 00 40202020");
        yield return Case(
            "103 odd lot elsewhere", w => w.OrderExecutedWithPrice(7, 0x0102030405060708, 99, 17, false, 421_550), "2A00 6700", Nanos,
            "07000000 03000000", Order, "11000000 AE6E0600 63000000 00 00 40202049");
        yield return Case(
            "104", w => w.OrderReplace(7, 0x0102030405060708, 10, 200, 421_500), "2A00 6800", Nanos,
            "07000000 03000000", Order, "0A00000000000000 7C6E0600 C8000000 42 00");
        yield return Case(
            "105", w => w.Imbalance(7, s_alfa, s_imbalance), "4900 6900", Seconds, Nanos,
            "07000000 03000000 7C6E0600 F4010000 2C010000 00000000 4006 43 53 B46D0600 186E0600 00000000 7C6E0600",
            "00000000 00000000 00 00 00 2C010000 53 20");
        yield return Case(
            "110", w => w.HiddenTrade(7, 50, s_alfa, 421_550, 17), "2100 6E00", Nanos,
            "07000000 03000000 11000000 AE6E0600 32000000 01 40202049");
        yield return Case(
            "111", w => w.CrossTrade(7, 70_000, s_alfa, 421_500, 17, 'C'), "1D00 6F00", Nanos,
            "07000000 03000000 11000000 7C6E0600 70110100 36");
        yield return Case("112", w => w.BrokenTrade(7, 17), "1400 7000", Nanos, "07000000 03000000 11000000");
        yield return Case(
            "six decimals", w => w.AddOrder(6, 10, true, 1, s_alfa, 421_500), "2700 6400", Nanos,
            "06000000 01000000 0A00000000000000 70288302 01000000 42 0000000000 00");
    }

    private static IEnumerable<TestCaseData> OlderMessages()
    {
        yield return Case("3", w => w.StockDirectory(6, s_alfa, 100), "2C00 0300 06000000 414C464100000000000000 00 0100 01 4E 06",
            "41 6400 00000000 00000000 00 59 0100 0100 0000");
        yield return Case(
            "101", w => w.OrderCancel(7, 0x0102030405060708, 200), "2300 6500", Nanos,
            "07000000 03000000", Order, "7C6E0600 64000000 00 00 00");
        yield return Case(
            "103", w => w.OrderExecuted(7, 0x0102030405060708, 256, 17), "2A00 6700", Nanos,
            "07000000 03000000", Order, "11000000 7C6E0600 00010000 01 00 11000000");
        yield return Case(
            "104", w => w.OrderReplace(7, 0x0102030405060708, 10, 200, 421_500), "2A00 6800", Nanos,
            "07000000 03000000", Order, "0A00000000000000 7C6E0600 C8000000 00 00");
        yield return Case(
            "105", w => w.Imbalance(7, s_alfa, s_imbalance), "4300 6900", Seconds, Nanos,
            "07000000 03000000 7C6E0600 F4010000 2C010000 00000000 4006 43 53 B46D0600 186E0600 00000000 7C6E0600",
            "00000000 00000000 00 00 00");
        yield return Case(
            "110", w => w.HiddenTrade(7, 50, s_alfa, 421_550, 17), "2100 6E00", Nanos,
            "07000000 03000000 11000000 AE6E0600 32000000 01 11000000");
    }

    [TestCaseSource(nameof(Messages))]
    public void A_message_is_exactly_these_bytes(Action<XdpWriter> write, string expected) =>
        AssertBytes(XdpVersion.Pillar25, write, expected);

    [TestCaseSource(nameof(OlderMessages))]
    public void A_message_of_2_1_is_exactly_these_bytes(Action<XdpWriter> write, string expected) =>
        AssertBytes(XdpVersion.Xdp21, write, expected);

    [Test]
    public void Each_second_of_each_channel_begins_with_its_time()
    {
        MessageList[] channels = [new(), new()];
        var writer = new XdpWriter(channels, XdpVersion.Pillar25, Midnight) { TimeNanos = Time };
        writer.BrokenTrade(1, 1);
        writer.BrokenTrade(2, 1);
        writer.BrokenTrade(1, 2);
        writer.TimeNanos += 1_000_000_000;
        writer.BrokenTrade(3, 1);
        writer.Finish(writer.TimeNanos);
        Assert.That(channels.Select(c => string.Join(' ', c.Messages.Select(m => Convert.ToHexString(m.Body)))), Is.EqualTo(new[]
        {
            "10000200" + "01000000" + "00000000" + Seconds
                + " 14007000" + Nanos + "0100000001000000" + "01000000"
                + " 14007000" + Nanos + "0100000002000000" + "02000000"
                + " 10000200" + "01000000" + "00000000" + "E9CA5B69"
                + " 14007000" + Nanos + "0300000001000000" + "01000000",
            "10000200" + "02000000" + "00000000" + Seconds
                + " 14007000" + Nanos + "0200000001000000" + "01000000",
        }));
        Assert.That(channels.Select(c => c.IsFinished), Has.All.True);
    }

    [Test]
    public void Market_hours_change_every_instruments_state()
    {
        var sink = new MessageList();
        var writer = new XdpWriter([sink], XdpVersion.Pillar25, Midnight) { TimeNanos = Time };
        writer.StockDirectory(1, s_alfa, 100);
        writer.StockDirectory(2, s_alfa, 100);
        foreach (char code in "SQMEC")
        {
            writer.SystemEvent(code);
        }

        writer.ParticipantPosition(1, 1, s_alfa, true);
        writer.EndOfEvent(1);
        string[] states = [.. sink.Messages.Skip(2).Select(m => $"{m.Body[2]} {m.Body[12]} {(char)m.Body[20]}{(char)m.Body[44]}")];
        Assert.That(states, Is.EqualTo(new[] { "34 1 OO", "34 2 OO", "34 1 LL", "34 2 LL" }));
    }

    [Test]
    public void A_channel_too_many_or_too_few_is_refused()
    {
        Assert.That(() => new XdpWriter([], default, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new XdpWriter([new MessageList(), new MessageList(), new MessageList()], default, 0),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static void AssertBytes(XdpVersion version, Action<XdpWriter> write, string expected)
    {
        var sink = new MessageList();
        var writer = new XdpWriter([sink], version, Midnight) { TimeNanos = Time };

        // A longer message and an order first: nothing of them may shine through; the time reference is out too.
        writer.Imbalance(7, ulong.MaxValue, new AuctionImbalance(~0U, ~0U, 'B', ~0U, ~0U, ~0U, 'O'));
        writer.AddOrder(7, 0x0102030405060708, true, 300, s_alfa, 421_500);
        int before = sink.Messages.Count;
        write(writer);

        Assert.That(sink.Messages, Has.Count.EqualTo(before + 1));
        Assert.That(Convert.ToHexString(sink.Messages[^1].Body), Is.EqualTo(expected));
        Assert.That(sink.Messages[^1].TimeNanos, Is.EqualTo(Time));
    }

    private static TestCaseData Case(string name, Action<XdpWriter> write, params string[] bytes) =>
        new TestCaseData(write, string.Concat(bytes).Replace(" ", "", StringComparison.Ordinal)).SetArgDisplayNames(name);
}
