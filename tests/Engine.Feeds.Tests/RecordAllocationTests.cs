using Engine.Feeds.Captures;
using Engine.TestKit.Captures;

namespace Engine.Feeds.Tests;

/// <summary>Files of records allocate nothing once they are read.</summary>
public class RecordAllocationTests
{
    private const int Records = 30_000;

    [Test]
    public void Reading_dbn_allocates_nothing([Values] bool levels)
    {
        DbnWriter writer = new DbnWriter(schema: levels ? 2 : 0).Map("AA", 7).Map("BB", 8);
        for (uint i = 0; i < Records; i++)
        {
            _ = levels
                ? writer.Mbp10('A', 'B', 0, 0, [new(100 + (i % 7), 5, 200 + (i % 5), 6), new(90, i % 3, 300, 1)], 7 + (i % 2))
                : writer.Mbo("ACMTFN"[(int)(i % 6)], 'B', i, 100, 1, 7 + (i % 2), time: 1_600_000_000_000_000_000 + (i * 10_000_000_000UL));
        }

        Check(writer.ToArray(), "traffic.dbn", Records);
    }

    [Test]
    public void Reading_cut_dbn_allocates_nothing()
    {
        DbnWriter writer = new DbnWriter().Map("AA", 7);
        for (uint i = 0; i < Records; i++)
        {
            writer.Trade('B', i, 1);
        }

        Check(writer.ToArray()[..^5], "traffic.dbn", Records - 1);
    }

    [Test]
    public void Reading_lobster_allocates_nothing([Values] bool rows)
    {
        LobsterWriter writer = LobsterWriter.Random(1, 12_000);
        Feed.File("AA_2012-06-21_1_2_orderbook_5.csv", writer.Rows);
        Check([.. writer.Messages, .. "34205.1,1,x\n34205.1,1"u8], rows ? "AA_2012-06-21_1_2_message_5.csv" : "AA.csv", rows ? 12_000 : 12_001);
    }

    private static void Check(byte[] bytes, string name, int messages)
    {
        string path = Feed.File(name, bytes);
        Assert.That(AllocationTests.AllocatedBy(() => CaptureSource.Open([path], Feed.Options()), s => s.Statistics.Messages, out long seen), Is.Zero);
        Assert.That(seen, Is.EqualTo(messages));
    }
}
