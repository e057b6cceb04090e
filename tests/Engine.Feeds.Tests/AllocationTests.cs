using Engine.Core.Events;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests;

public class AllocationTests
{
    [Test]
    public void A_whole_read_loop_allocates_nothing([Values] bool packets)
    {
        string path = Traffic(packets);
        Assert.That(AllocatedBy(() => CaptureSource.Open([path], Feed.Options()), source => source.Statistics.Messages, out long messages), Is.Zero);
        Assert.That(messages, Is.EqualTo(60_000));
    }

    [Test]
    public void Reading_pcapng_allocates_nothing()
    {
        PcapngWriter writer = new PcapngWriter().Interface().Interface(resolution: 0x9E, offsetSeconds: 3);
        for (ulong i = 0; i < 20_000; i += 5)
        {
            byte[] frame = PcapWriter.Frame(PcapWriter.Mold("S", i + 1, ItchBytes.Adds(i + 1, 5)));
            _ = (i % 4) switch
            {
                0 => writer.Enhanced(0, i, frame).Block(77, []),
                1 => writer.Enhanced(1, i, frame).Section(true).Interface().Interface(),
                2 => writer.Simple(frame),
                _ => writer.Obsolete(1, i, frame).Enhanced(9, i, frame),
            };
        }

        string path = Feed.File("traffic", writer.ToArray());
        Assert.That(AllocatedBy(() => CaptureSource.Open([path], Feed.Options()), source => source.Statistics.Messages, out long messages), Is.Zero);
        Assert.That(messages, Is.EqualTo(20_000));
    }

    [TestCase(true, 17, "is cut in the middle of a packet at byte")]
    [TestCase(true, -9, "is cut in the middle of a packet's header at byte")]
    [TestCase(false, 17, "is cut in the middle of a message at byte")]
    public void Reading_a_cut_capture_allocates_nothing(bool packets, int off, string words)
    {
        byte[] bytes = File.ReadAllBytes(Traffic(packets));
        int record = 16 + 14 + 20 + 8 + 20 + (30 * 38);
        AssertNoAllocation(bytes[..^(off > 0 ? off : record + off)], words);
    }

    [TestCase(-4, 0, "is cut in the middle of a block at byte")]
    [TestCase(0, 4, "behind, differ at byte")]
    [TestCase(0, 2, "which cannot be, at byte")]
    public void Reading_a_damaged_pcapng_allocates_nothing(int end, int length, string words)
    {
        PcapngWriter writer = new PcapngWriter().Interface();
        for (ulong i = 0; i < 1_000; i++)
        {
            writer.Enhanced(0, i, PcapWriter.Frame(PcapWriter.Mold("S", i + 1, ItchBytes.Add(i + 1))));
        }

        byte[] bytes = writer.ToArray();
        int start = bytes.Length - BitConverter.ToInt32(bytes, bytes.Length - 4);
        if (length == 4)
        {
            bytes[^4] ^= 4;
        }
        else if (length == 2)
        {
            bytes[start + 4] ^= 2;
        }

        AssertNoAllocation(bytes[..^-end], words);
    }

    private static void AssertNoAllocation(byte[] bytes, string words)
    {
        string path = Feed.File("damaged", bytes);
        Assert.That(AllocatedBy(() => CaptureSource.Open([path], Feed.Options()), source => source.Fault?.Sentence, out string? sentence), Is.Zero);
        Assert.That(sentence, Does.Contain(words));
    }

    [Test]
    public void The_measure_catches_a_source_that_allocates()
    {
        string path = Traffic(true);
        Assert.That(
            AllocatedBy(() => new AllocatingSource(CaptureSource.Open([path], Feed.Options())), source => source.Fault, out _),
            Is.GreaterThan(1_000));
    }

    /// <summary>The least number of bytes that a reading thread allocated from the hundredth read to the end, over a few runs:
    /// what a source allocates it does in each, while the runtime sets itself up (code met for the first time) in one.</summary>
    internal static long AllocatedBy<T>(Func<MarketDataSource> open, Func<MarketDataSource, T> ask, out T answer)
    {
        const int Runs = 4;
        long least = long.MaxValue;
        answer = default!;
        for (int i = 0; i < Runs; i++)
        {
            using MarketDataSource source = open();
            least = Math.Min(least, AllocatedBy(source));
            answer = ask(source);
        }

        return least;
    }

    private static long AllocatedBy(MarketDataSource source)
    {
        MarketEvent[] events = new MarketEvent[1_024];
        for (int i = 0; i < 100; i++)
        {
            Assert.That(source.Read(events), Is.GreaterThanOrEqualTo(0));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        while (source.Read(events) >= 0)
        {
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static string Traffic(bool packets)
    {
        PcapWriter writer = new();
        List<byte[]> messages = [];
        for (ulong i = 0; i < 60_000; i += 30)
        {
            byte[][] some = ItchBytes.Adds(i + 1, 30);
            messages.AddRange(some);
            writer.Record(1_577_716_200_000_000_000 + (long)i, PcapWriter.Frame(PcapWriter.Mold("S", i + 1, some)));
        }

        return Feed.File("traffic", packets ? writer.ToArray() : ItchBytes.BinaryFile([.. messages]));
    }

    private sealed class AllocatingSource(MarketDataSource inner) : MarketDataSource(Feed.Options(), inner.Statistics)
    {
        private object? _kept;

        public override int Read(Span<MarketEvent> events)
        {
            _kept = new byte[16];
            return inner.Read(events);
        }

        public override bool TryGetMessage(int eventIndex, out ReadOnlySpan<byte> message) => inner.TryGetMessage(eventIndex, out message);

        protected override void Dispose(bool disposing)
        {
            GC.KeepAlive(_kept);
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
