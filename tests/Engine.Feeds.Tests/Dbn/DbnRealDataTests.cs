using System.Text;
using Engine.Core.Events;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests.Dbn;

/// <summary>Databento's own small files; the fields are read a second time here, by offsets taken from hex dumps.</summary>
[Category("RealData")]
public class DbnRealDataTests
{
    private const long Minimum = MarketEvent.Absent;

    [TestCase("test_data.mbo.dbn", "DBN 2 / GLBX.MDP3 / mbo")]
    [TestCase("test_data.mbo.v3.dbn", "DBN 3 / GLBX.MDP3 / mbo")]
    public void The_mbo_samples_give_a_clear_and_two_cancels(string name, string format)
    {
        Feed.Result result = Read(name);
        Assert.That(result.Events.Select(e => EventText.Of(e)), Is.EqualTo(new[]
        {
            $"Clear None [Watched, SessionStart] i0 q{Minimum} p{Minimum} o0 r0 t1609160400000429831 x1609160400000704060 s1170352 Dbn",
            "Cancel Sell [LastOfEvent, Watched] i0 q1 p3722750000000 o647784973705 r0 t1609160400000429831 x1609160400000704060 s1170352 Dbn",
            "Cancel Sell [LastOfEvent, Watched] i0 q1 p3723000000000 o647784973631 r0 t1609160400000431665 x1609160400000711344 s1170353 Dbn",
        }));
        Check(result, name, 0xA0, "ESH1", format);
        using MarketDataSource source = Open(name);
        var events = new MarketEvent[8];
        Assert.That(source.Read(events), Is.EqualTo(3));
        Assert.That((source.TypeText(0), source.TypeText(1), source.TypeName(0xA0)), Is.EqualTo(("", "mbo", "mbo")));
        Assert.That(
            Detail(source, 1),
            Is.EqualTo("action=C;side=A;wire_price=3722.75;size=1;venue_order_id=647784973705;flags=0x80;channel_id=0;ts_in_delta=22993"));
        Assert.That(source.TryGetMessage(1, out ReadOnlySpan<byte> message) && source.Text!.TryGetIds(message, out long id, out long publisher)
            && (id, publisher) == (5_482, 1));
    }

    [Test]
    public void The_trades_sample_gives_its_two_trades()
    {
        Feed.Result result = Read("test_data.trades.dbn");
        Assert.That(result.Events.Select(e => EventText.Of(e)), Is.EqualTo(new[]
        {
            "Trade Sell [LastOfEvent, Watched] i0 q5 p3720250000000 o0 r0 t1609160400098821953 x1609160400099150057 s1170380 Dbn",
            "Trade Sell [LastOfEvent, Watched] i0 q21 p3720250000000 o0 r0 t1609160400107665963 x1609160400108142648 s1170414 Dbn",
        }));
        Check(result, "test_data.trades.dbn", 0x00, "ESH1", "DBN 2 / GLBX.MDP3 / trades");
    }

    [Test]
    public void The_mbp_10_sample_gives_the_levels_of_each_record()
    {
        const string Name = "test_data.mbp-10.dbn";
        Feed.Result result = Read(Name);
        byte[] bytes = File.ReadAllBytes(RealDataTests.Find("dbn/" + Name));
        var book = new Dictionary<(Side, long), long>();
        int at = 0;
        for (int record = 0; record < 2; record++)
        {
            int start = 0x161 + (record * 368);
            do
            {
                MarketEvent e = result.Events[at];
                Assert.That(e.Kind, Is.EqualTo(EventKind.LevelSet));
                Assert.That(e.ExchangeTime, Is.EqualTo(BitConverter.ToInt64(bytes, start + 8)));
                Assert.That(e.ReceiveTime, Is.EqualTo(BitConverter.ToInt64(bytes, start + 32)));
                Assert.That(e.Sequence, Is.EqualTo(BitConverter.ToUInt32(bytes, start + 44)));
                book[(e.Side, e.Price)] = e.Quantity;
                if (e.Quantity == 0)
                {
                    book.Remove((e.Side, e.Price));
                }
            }
            while ((result.Events[at++].Flags & EventFlags.LastOfEvent) == 0);

            var expected = new Dictionary<(Side, long), long>();
            for (int level = start + 48; level < start + 368; level += 32)
            {
                expected[(Side.Buy, BitConverter.ToInt64(bytes, level))] = BitConverter.ToUInt32(bytes, level + 16);
                expected[(Side.Sell, BitConverter.ToInt64(bytes, level + 8))] = BitConverter.ToUInt32(bytes, level + 20);
            }

            Assert.That(book, Is.EquivalentTo(expected), $"record {record}");
        }

        Assert.That(at, Is.EqualTo(21), "20 levels, then the one that changed");
        Assert.That(result.Events, Has.Count.EqualTo(21));
        Assert.That(
            (result.Events[20].Side, result.Events[20].Price, result.Events[20].Quantity), Is.EqualTo((Side.Buy, 3_720_000_000_000L, 30L)));
        Assert.That(result.Events[0].Flags.HasFlag(EventFlags.SessionStart));
        Check(result, Name, 0x0A, "ESH1", "DBN 2 / GLBX.MDP3 / mbp-10");
    }

    [Test]
    public void The_definition_sample_says_what_it_is()
    {
        Feed.Result result = Read("test_data.definition.dbn");
        Assert.That(result.Events, Is.Empty);
        Assert.That(result.Statistics.MessagesByType[0x13], Is.EqualTo(2));
        Assert.That(result.Statistics.PassedOverRecords, Is.EqualTo(2));
        Assert.That(result.Fault!.Sentence, Does.EndWith(
            "is DBN of schema definition with 2 definition records and none of mbo, mbp-10 or trades, which are read"));
        Assert.That(result.Format, Is.EqualTo("DBN 2 / XNAS.ITCH / definition"));
    }

    private static void Check(Feed.Result result, string name, int type, string symbol, string format)
    {
        Assert.Multiple(() =>
        {
            Assert.That(result.Format, Is.EqualTo(format));
            Assert.That(result.Statistics.Messages, Is.EqualTo(2), name);
            Assert.That(result.Statistics.MessagesByType[type], Is.EqualTo(2), name);
            Assert.That(result.Statistics.Irregularities(), Is.Empty, name);
            Assert.That(result.Fault, Is.Null, name);
            Assert.That(result.Instruments.Count, Is.EqualTo(1), name);
            Assert.That(result.Instruments.Symbol(0), Is.EqualTo(symbol), name);
            Assert.That((result.Date, result.DateSource), Is.EqualTo((new DateOnly(2020, 12, 28), "capture")), name);
        });
    }

    private static string Detail(MarketDataSource source, int index)
    {
        var text = new StringBuilder();
        source.WriteDetail(index, new StringWriter(text));
        return text.ToString();
    }

    private static MarketDataSource Open(string name) => CaptureSource.Open([RealDataTests.Find("dbn/" + name)], Feed.Options());

    private static Feed.Result Read(string name)
    {
        using MarketDataSource source = Open(name);
        return Feed.ReadAll(source);
    }
}
