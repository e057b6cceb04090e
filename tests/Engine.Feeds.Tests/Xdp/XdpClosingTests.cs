using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using static Engine.Feeds.Tests.PcapWriter;
using static Engine.Feeds.Tests.Xdp.XdpBytes;

namespace Engine.Feeds.Tests.Xdp;

/// <summary>A symbol that closes: its orders are cancelled without deletes.</summary>
public class XdpClosingTests
{
    [Test]
    public void The_book_of_a_closed_symbol_is_empty_and_good_and_others_stay()
    {
        Feed.Result result = Feed.Read(Capture(
            Original(1, Mapping(), Mapping(8, "DEF"), TimeReference()), Original(4, Adds(20, 2)), Original(6, Adds(30, 1, 8)), Original(7, Status('X'), Add(40))));
        Assert.That(result.Events.Skip(6).Select(e => (e.Kind, e.Instrument, e.Sequence)), Is.EqualTo(new[]
        {
            (EventKind.SnapshotBegin, 0, 7UL), (EventKind.SnapshotEnd, 0, 7UL), (EventKind.Add, 0, 8UL),
        }));
        using OrderBooks books = Apply(result.Events);
        Assert.Multiple(() =>
        {
            Assert.That(books.Queue(0, Side.Buy, 0).Select(o => o.Id), Is.EqualTo(new ulong[] { 40 }));
            Assert.That(books.Depth(1, Side.Buy), Is.EqualTo(1));
            Assert.That(books.CountTrust(BookTrust.Good), Is.EqualTo(2));
            Assert.That(result.Statistics.MessagesByType[34], Is.EqualTo(1));
            Assert.That(result.Statistics.Irregularities(), Is.Empty);
        });
    }

    [Test]
    public void A_book_that_lost_messages_is_good_again_when_its_symbol_closes()
    {
        byte[][] packets = [Original(1, Mapping(), Mapping(8, "DEF"), TimeReference()), Original(4, Adds(20, 1)), Original(5, Adds(30, 1, 8)), Original(9, Adds(24, 1))];
        using OrderBooks open = Apply(Feed.Read(Capture(packets)).Events);
        using OrderBooks closed = Apply(Feed.Read(Capture([.. packets, Original(10, Status('X'))])).Events);
        Assert.That((open.Trust(0), open.Trust(1)), Is.EqualTo((BookTrust.Suspect, BookTrust.Suspect)));
        Assert.That((closed.Trust(0), closed.Trust(1)), Is.EqualTo((BookTrust.Good, BookTrust.Suspect)));
    }

    [TestCase('O')]
    [TestCase('L')]
    [TestCase('4')]
    public void Another_status_leaves_the_book(char status)
    {
        Feed.Result result = Feed.Read(Capture(Original(1, Mapping(), TimeReference()), Original(3, Adds(20, 2)), Original(5, Status(status))));
        Assert.That(result.Events[^1].Kind, Is.EqualTo(EventKind.Status));
        using OrderBooks books = Apply(result.Events);
        Assert.That(books.LiveOrders, Is.EqualTo(2));
    }

    [Test]
    public void A_refresh_that_tells_of_the_status_closes_nothing()
    {
        Feed.Result result = Feed.Read(Capture(Original(1, Mapping(), TimeReference()), Original(3, Adds(20, 2)), Packet(19, 900, Status('X'))));
        Assert.That((result.Events[^1].Kind, result.Events[^1].Flags.HasFlag(EventFlags.FromSnapshot)), Is.EqualTo((EventKind.Status, true)));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void Both_events_come_whatever_the_reads_have_room_for(int room)
    {
        string path = Feed.File("closing", Capture(Original(1, Mapping(), TimeReference(), Add(20), Status('X'), Status('X', 9), Add(21))));
        using MarketDataSource source = Captures.CaptureSource.Open([path], Feed.Options());
        List<string> seen = [];
        MarketEvent[] events = new MarketEvent[room];
        for (int count; (count = source.Read(events)) >= 0;)
        {
            for (int i = 0; i < count; i++)
            {
                string type = source.TryGetMessage(i, out ReadOnlySpan<byte> message) ? message[2].ToString() : "-";
                seen.Add($"{events[i].Kind} {type} {events[i].Instrument} {events[i].Sequence}");
            }
        }

        Assert.That(seen, Is.EqualTo(new[]
        {
            "Status 3 0 1", "Status 2 -1 2", "Add 100 0 3", "SnapshotBegin 34 0 4", "SnapshotEnd - 0 4", "SnapshotBegin 34 1 5", "SnapshotEnd - 1 5", "Add 100 0 6",
        }));
        Assert.That(source.Statistics.UnmappedMessages, Is.EqualTo(1), "the second symbol has no mapping");
    }

    private static OrderBooks Apply(IEnumerable<MarketEvent> events)
    {
        OrderBooks books = new(new EngineLimits { Instruments = 8, Orders = 256, Levels = 64, LevelsPerSide = 32, WindowTrades = 8 });
        foreach (MarketEvent e in events)
        {
            MarketEvent copy = e;
            _ = books.Apply(ref copy);
        }

        return books;
    }

    private static byte[] Status(char status, uint index = 7) => Message(34,
    [
        .. Little(Seconds, 4), .. Little(2_000, 4), .. Little(index, 4), .. Little(9, 4), (byte)status, (byte)'~', .. new byte[24],
    ]);
}
