using Engine.Core.Time;
using Engine.Feeds.BitMex.Live;

namespace Engine.Feeds.Tests.BitMex.Live;

public class BitMexLiveOptionsTests
{
    private static readonly BitMexLiveOptions s_good = new() { Symbols = ["XBTUSD"] };

    private static IEnumerable<TestCaseData> Wrong()
    {
        yield return new TestCaseData(s_good with { WebSocket = new Uri("https://x/realtime") }, "wss://").SetArgDisplayNames("wss://");
        yield return new TestCaseData(s_good with { WebSocket = new Uri("realtime", UriKind.Relative) }, "wss://").SetArgDisplayNames("wss://");
        yield return new TestCaseData(s_good with { Rest = new Uri("ftp://x/") }, "https://").SetArgDisplayNames("https://");
        yield return new TestCaseData(s_good with { Symbols = [] }, "symbols").SetArgDisplayNames("symbols");
        yield return new TestCaseData(s_good with { Symbols = ["A\"B"] }, "is not a symbol").SetArgDisplayNames("symbol");
        yield return new TestCaseData(s_good with { Symbols = ["A", "A"] }, "twice").SetArgDisplayNames("twice");
        yield return new TestCaseData(s_good with { BookTable = "" }, "table").SetArgDisplayNames("table");
        yield return new TestCaseData(s_good with { OtherTables = ["trade:"] }, "trade:").SetArgDisplayNames("trade:");
        yield return new TestCaseData(s_good with { RingBytes = 1_000_000 }, "power of two").SetArgDisplayNames("power of two");
        yield return new TestCaseData(s_good with { RingBytes = 1 << 20, MessageBytesMax = 1 << 19 }, "messages of").SetArgDisplayNames("messages of");
        yield return new TestCaseData(s_good with { TopicsPerRequest = 0 }, "topics").SetArgDisplayNames("topics");
        yield return new TestCaseData(s_good with { AttemptsMax = 0 }, "attempts").SetArgDisplayNames("attempts");
        yield return new TestCaseData(s_good with { PongWithin = TimeSpan.Zero }, "a time").SetArgDisplayNames("a time");
        yield return new TestCaseData(s_good with { PollEvery = TimeSpan.FromDays(40) }, "a time").SetArgDisplayNames("a time");
        yield return new TestCaseData(s_good with { FirstWait = TimeSpan.FromMinutes(2) }, "first wait").SetArgDisplayNames("first wait");
    }

    [TestCaseSource(nameof(Wrong))]
    public void What_is_wrong_is_named(BitMexLiveOptions options, string words)
    {
        Assert.That(options.Problem(), Does.Contain(words));
        Assert.That(() => new BitMexConnection(options, new WallClock()), Throws.ArgumentException);
    }

    [Test]
    public void The_usual_options_are_right() => Assert.That(s_good.Problem(), Is.Null);
}
