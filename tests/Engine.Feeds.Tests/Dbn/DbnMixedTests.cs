using Engine.Core.Events;
using Engine.Feeds.Captures;
using Engine.TestKit.Captures;

namespace Engine.Feeds.Tests.Dbn;

/// <summary>A file of several schemas: orders that stand for a level, over levels that an mbp-10 record told.</summary>
public class DbnMixedTests
{
    private const long One = 1_000_000_000;

    [Test]
    public void A_top_of_book_record_takes_ten_levels_away_within_the_room_there_is([Range(1, 20)] int room)
    {
        DbnLevel[] levels = [.. Enumerable.Range(0, 10).Select(i => new DbnLevel((100 - i) * One, 5, (101 + i) * One, 5))];
        byte[] file = new DbnWriter(3, ushort.MaxValue).Mbp10('A', 'B', 100 * One, 5, levels).Mbo('A', 'B', 1, 99 * One / 2, 7, flags: 0xC0).ToArray();
        using MarketDataSource source = CaptureSource.Open([Feed.File("mixed.dbn", file)], Feed.Options());
        MarketEvent[] buffer = new MarketEvent[64];
        List<MarketEvent> events = [];
        int count;
        while (true)
        {
            Array.Fill(buffer, new MarketEvent { Reference = ulong.MaxValue });
            count = source.Read(buffer.AsSpan(0, room));
            Assert.That(buffer.Skip(room).All(e => e.Reference == ulong.MaxValue), "nothing is written behind the room");
            if (count < 0)
            {
                break;
            }

            events.AddRange(buffer[..count]);
        }

        MarketEvent[] sets = [.. events.Where(e => e.Kind == EventKind.LevelSet)];
        Assert.That(sets[^11..^1].Select(e => (e.Side, e.Quantity)), Is.All.EqualTo((Side.Buy, 0L)), "ten bids leave");
        Assert.That((sets[^1].Side, sets[^1].Price, sets[^1].Quantity), Is.EqualTo((Side.Buy, 99 * One / 2, 7L)));
    }
}
