using Engine.Simulator.Wire;

namespace Engine.Simulator.Tests.Wire;

/// <summary>Every message against bytes laid out by hand from the specification.</summary>
public class ItchWriterTests
{
    private const long Time = 0x1F1A_CEFE_04C3;
    private const string TimeHex = "1F1ACEFE04C3";
    private const string Alfa = "414C464120202020";
    private static readonly ulong s_alfa = ItchText.Pack8("ALFA");
    private static readonly uint s_sima = ItchText.Pack4("SIMA");

    private static IEnumerable<TestCaseData> Messages()
    {
        yield return Case("S", 12, w => w.SystemEvent('O'), "53 0000 0000", "4F");
        yield return Case(
            "R", 39, w => w.StockDirectory(7, s_alfa, 100), "52 0007 0000", Alfa, "51 4E 00000064 4E 43 5A20 50 4E 4E 31 4E 00000000 4E");
        yield return Case("H", 25, w => w.TradingAction(7, s_alfa, 'T', ItchText.Pack4("")), "48 0007 0000", Alfa, "54 20 20202020");
        yield return Case("Y", 20, w => w.ShortSaleRestriction(7, s_alfa, '0'), "59 0007 0000", Alfa, "30");
        yield return Case("L", 26, w => w.ParticipantPosition(7, s_sima, s_alfa, true), "4C 0007 0000", "53494D41", Alfa, "59 4E 41");
        yield return Case(
            "A", 36, w => w.AddOrder(7, 0x0102030405060708, true, 300, s_alfa, 421_500), "41 0007 0000",
            "0102030405060708 42 0000012C", Alfa, "00066E7C");
        yield return Case(
            "F", 40, w => w.AddOrderAttributed(7, 9, false, 1, s_alfa, 421_500, s_sima), "46 0007 0000",
            "0000000000000009 53 00000001", Alfa, "00066E7C 53494D41");
        yield return Case(
            "E", 31, w => w.OrderExecuted(7, 9, 256, 17), "45 0007 0000", "0000000000000009 00000100 0000000000000011");
        yield return Case(
            "C", 36, w => w.OrderExecutedWithPrice(7, 9, 256, 17, false, 421_550), "43 0007 0000",
            "0000000000000009 00000100 0000000000000011 4E 00066EAE");
        yield return Case("X", 23, w => w.OrderCancel(7, 9, 200), "58 0007 0000", "0000000000000009 000000C8");
        yield return Case("D", 19, w => w.OrderDelete(7, 9), "44 0007 0000", "0000000000000009");
        yield return Case(
            "U", 35, w => w.OrderReplace(7, 9, 10, 200, 421_500), "55 0007 0000",
            "0000000000000009 000000000000000A 000000C8 00066E7C");
        yield return Case(
            "P", 44, w => w.HiddenTrade(7, 50, s_alfa, 421_550, 17), "50 0007 0000",
            "0000000000000000 42 00000032", Alfa, "00066EAE 0000000000000011");
        yield return Case(
            "Q", 40, w => w.CrossTrade(7, 70_000, s_alfa, 421_500, 17, 'O'), "51 0007 0000",
            "0000000000011170", Alfa, "00066E7C 0000000000000011 4F");
        yield return Case("B", 19, w => w.BrokenTrade(7, 17), "42 0007 0000", "0000000000000011");
        var imbalance = new AuctionImbalance(500, 300, 'S', 421_400, 421_400, 421_500, 'C');
        yield return Case(
            "I", 50, w => w.Imbalance(7, s_alfa, imbalance), "49 0007 0000",
            "00000000000001F4 000000000000012C 53", Alfa, "00066E18 00066E18 00066E7C 43 4C");
    }

    [TestCaseSource(nameof(Messages))]
    public void A_message_is_exactly_these_bytes(int length, Action<ItchWriter> write, string expected)
    {
        var sink = new MessageList();
        var writer = new ItchWriter(sink) { TimeNanos = Time };

        // A longer message first: nothing of it may shine through.
        writer.Imbalance(0xFFFF, ulong.MaxValue, new AuctionImbalance(ulong.MaxValue, ulong.MaxValue, 'B', ~0U, ~0U, ~0U, 'O'));
        write(writer);

        Assert.That(sink.Messages, Has.Count.EqualTo(2));
        Assert.That(Convert.ToHexString(sink.Messages[1].Body), Is.EqualTo(expected));
        Assert.That(sink.Messages[1].Body, Has.Length.EqualTo(length));
        Assert.That(sink.Messages[1].TimeNanos, Is.EqualTo(Time));
    }

    [Test]
    public void Text_that_does_not_fit_is_refused()
    {
        Assert.That(() => ItchText.Pack8("NINECHARS"), Throws.ArgumentException);
        Assert.That(() => ItchText.Pack4("ab\u00e9"), Throws.ArgumentException);
    }

    private static TestCaseData Case(string name, int length, Action<ItchWriter> write, string head, params string[] body) =>
        new TestCaseData(length, write, (head + TimeHex + string.Concat(body)).Replace(" ", "", StringComparison.Ordinal))
            .SetArgDisplayNames(name);
}
