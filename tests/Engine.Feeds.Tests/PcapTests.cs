using Engine.Core.Events;
using static Engine.Feeds.Tests.PcapWriter;

namespace Engine.Feeds.Tests;

public class PcapTests
{
    private const long Time = 1_577_716_200_000_123_456; // 2019-12-30 09:30 in New York

    private static readonly byte[] s_packet = Mold("SESSION", 1, ItchBytes.Add(11), ItchBytes.Add(12));

    [Test]
    public void Both_resolutions_byte_orders_and_compressions_read_the_same([Values] bool nanos, [Values] bool big, [Values] bool gzip)
    {
        byte[] capture = new PcapWriter(nanos, big).Record(Time, Frame(s_packet)).ToArray();
        Feed.Result result = Feed.Read(gzip ? Feed.Gzip(capture) : capture);
        Assert.Multiple(() =>
        {
            Assert.That(result.Orders, Is.EqualTo(new ulong[] { 11, 12 }));
            Assert.That(result.Events[0].ReceiveTime, Is.EqualTo(nanos ? Time : Time / 1_000 * 1_000));
            Assert.That(result.Events[0].ExchangeTime, Is.EqualTo(1_577_682_000_000_001_000));
            Assert.That(result.Events[0].Flags, Is.EqualTo(EventFlags.LastOfEvent | EventFlags.Watched | EventFlags.SessionStart));
            Assert.That(result.Events[1].Flags, Is.EqualTo(EventFlags.LastOfEvent | EventFlags.Watched));
            Assert.That(result.Format, Is.EqualTo($"{(gzip ? "gzip / " : "")}pcap ({(nanos ? "ns" : "µs")}) / MoldUDP64 / ITCH 5.0"));
            Assert.That(result.Date, Is.EqualTo(new DateOnly(2019, 12, 30)));
            Assert.That(result.DateSource, Is.EqualTo("capture"));
            Assert.That(result.Fault, Is.Null);
            Assert.That(result.Statistics.Irregularities(), Is.Empty);
        });
    }

    [Test]
    public void The_date_option_outranks_the_clock()
    {
        Feed.Result result = Feed.Read(Feed.Options(new DateOnly(2026, 7, 1)), new PcapWriter().Record(Time, Frame(s_packet)).ToArray());
        Assert.That(result.DateSource, Is.EqualTo("option"));
        Assert.That(result.Events[0].ExchangeTime, Is.EqualTo((1_782_878_400L * 1_000_000_000) + 1_000));
    }

    [Test]
    public void Links_tags_and_headers_are_taken_off([Range(0, 16)] int kind)
    {
        byte[] v4 = Ipv4(Udp(s_packet));
        byte[] v6 = Ipv6(Udp(s_packet));
        (uint Link, byte[] Frame) = kind switch
        {
            0 => (1u, Ethernet(v4, 7)),
            1 => (1u, Ethernet(v4, 7, 8)),
            2 => (1u, Ethernet(v6)),
            3 => (101u, v4),
            4 => (101u, v6),
            5 => (228u, v4),
            6 => (229u, v6),
            7 => (113u, [.. new byte[14], 8, 0, .. v4]),
            8 => (276u, [0x86, 0xDD, .. new byte[18], .. v6]),
            9 => (1u, [.. Ethernet(Ipv4(Udp(s_packet), options: 8)), 0, 0, 0, 0]),
            10 => (0u, [2, 0, 0, 0, .. v4]),
            11 => (0u, [0, 0, 0, 30, .. v6]),
            12 => (108u, [0, 0, 0, 24, .. v6]),
            13 => (113u, [.. new byte[14], 0x81, 0, 0, 7, 8, 0, .. v4]),
            14 => (276u, [0x81, 0, .. new byte[18], 0, 7, 8, 0, .. v4]),
            15 => (229u, Ipv6([43, 0, .. new byte[6], 51, 1, .. new byte[14], 44, 3, .. new byte[18], 60, 0, 0, 0, .. new byte[4], 17, 0, .. new byte[6], .. Udp(s_packet)], 0)),
            _ => (101u, SegmentOffload(v6)),
        };
        Feed.Result result = Feed.Read(new PcapWriter(linkType: Link).Record(Time, Frame).ToArray());
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 11, 12 }));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
    }

    [Test]
    public void Packets_that_carry_no_feed_are_counted_by_reason()
    {
        byte[] capture = new PcapWriter()
            .Record(Time, Ethernet(Ipv4(Udp(s_packet), protocol: 6)))
            .Record(Time, Ethernet(Ipv4(Udp(s_packet), protocol: 1)))
            .Record(Time, Ethernet(Ipv4(Udp(s_packet), fragment: 0x2000)))
            .Record(Time, Ethernet(Ipv4(Udp(s_packet), fragment: 3)))
            .Record(Time, [.. new byte[12], 8, 6, .. new byte[28]])
            .Record(Time, new byte[9])
            .Record(Time, Ethernet(Ipv4(Udp([1, 2, 3]))))
            .Record(Time, Ethernet(Ipv4(Udp(new byte[40]))))
            .Record(Time, Frame(s_packet))
            .ToArray();
        FeedStatistics s = Feed.Read(capture).Statistics;
        Assert.That(
            (s.TcpPackets, s.OtherIpPackets, s.FragmentPackets, s.NonIpPackets, s.ShortPackets, s.OtherUdpPackets, s.FeedPackets, s.Packets),
            Is.EqualTo((1L, 1L, 2L, 1L, 1L, 2L, 1L, 9L)));
    }

    [Test]
    public void Ipv6_extension_headers_end_at_a_bound_and_fragments_are_told()
    {
        byte[] chain = [.. Enumerable.Range(0, Network.FrameReader.MaxExtensionHeaders).SelectMany(_ => new byte[] { 60, 0, 0, 0, 0, 0, 0, 0 })];
        byte[] longest = [.. chain];
        longest[^8] = 17;
        byte[] capture = new PcapWriter(linkType: 229)
            .Record(Time, Ipv6([.. longest, .. Udp(s_packet)], 60))
            .Record(Time, Ipv6([.. chain, 17, .. new byte[7], .. Udp(s_packet)], 60))
            .Record(Time, Ipv6([17, 0, 0, 1, .. new byte[4], .. Udp(s_packet)], 44))
            .Record(Time, Ipv6([17, 0, 0, 8, .. new byte[4], .. Udp(s_packet)], 44))
            .Record(Time, Ipv6([17, 200, .. new byte[6], .. Udp(s_packet)], 60))
            .Record(Time, Ipv6([17, 0, 0], 44))
            .ToArray();
        FeedStatistics s = Feed.Read(capture).Statistics;
        Assert.That((s.FeedPackets, s.OtherIpPackets, s.FragmentPackets, s.ShortPackets), Is.EqualTo((1L, 1L, 2L, 2L)));
    }

    private static byte[] SegmentOffload(byte[] ip)
    {
        byte[] result = [.. ip];
        result[4] = result[5] = 0;
        return result;
    }

    [Test]
    public void A_capture_of_tcp_only_is_a_fault()
    {
        PcapWriter writer = new();
        for (int i = 0; i < 1_200; i++)
        {
            writer.Record(Time, Ethernet(Ipv4(new byte[20], protocol: 6)));
        }

        Assert.That(Feed.Read(writer.ToArray()).Fault!.Sentence, Does.EndWith("no UDP market data: 1,200 TCP packets"));
    }

    [Test]
    public void A_cut_at_any_byte_of_the_last_record_keeps_what_came_before([Values] bool gzip)
    {
        PcapWriter writer = new PcapWriter().Record(Time, Frame(s_packet));
        int before = writer.Length;
        byte[] whole = writer.Record(Time + 1, Frame(Mold("SESSION", 3, ItchBytes.Add(13)))).ToArray();
        for (int length = before; length <= whole.Length; length++)
        {
            byte[] cut = whole[..length];
            Feed.Result result = Feed.Read(gzip ? Feed.Gzip(cut) : cut);
            bool clean = length == before || length == whole.Length;
            Assert.That(result.Fault is null, Is.EqualTo(clean), $"cut at {length}");
            Assert.That(result.Orders, Has.Length.EqualTo(length == whole.Length ? 3 : 2), $"cut at {length}");
            if (!clean)
            {
                Assert.That(result.Fault!.Offset, Is.EqualTo(before));
                Assert.That(result.Fault.Sentence, Does.Contain($"at byte {before:N0}"));
            }
        }
    }

    [Test]
    public void An_absurd_record_length_stops_with_its_byte()
    {
        PcapWriter writer = new PcapWriter().Record(Time, Frame(s_packet));
        int at = writer.Length;
        byte[] bytes = writer.Record(Time, new byte[60]).ToArray();
        bytes[at + 11] = 0x7F;
        Feed.Result result = Feed.Read(bytes);
        Assert.That(result.Orders, Has.Length.EqualTo(2));
        Assert.That(result.Fault!.Sentence, Does.Contain("which cannot be").And.Contain($"byte {at}"));
    }

    [Test]
    public void A_packet_cut_by_the_snap_length_gives_what_it_holds_and_the_rest_is_lost()
    {
        byte[] frame = Frame(s_packet);
        byte[] capture = new PcapWriter()
            .Record(Time, frame[..^10], frame.Length)
            .Record(Time + 5, Frame(Mold("SESSION", 3, ItchBytes.Add(13))))
            .ToArray();
        Feed.Result result = Feed.Read(capture);
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 11, 13 }));
        FeedStatistics s = result.Statistics;
        Assert.That((s.TruncatedPackets, s.MessagesCutOff, s.Gaps, s.Lost), Is.EqualTo((1L, 1L, 1L, 1L)));
    }

    [Test]
    public void What_the_last_packets_lack_is_lost_unless_another_line_has_it([Values] bool supplied)
    {
        byte[] frame = Frame(Mold("SESSION", 1, ItchBytes.Adds(11, 5)));
        byte[] other = Frame(Mold("OTHER", 9, ItchBytes.Adds(90, 3)), 3);
        PcapWriter writer = new PcapWriter().Record(Time, frame[..^50], frame.Length).Record(Time + 1, other[..^40], other.Length);
        if (supplied)
        {
            writer.Record(Time + 5, Frame(Mold("SESSION", 1, ItchBytes.Adds(11, 5)), 2));
        }

        Feed.Result result = Feed.Read(writer.ToArray());
        FeedStatistics s = result.Statistics;
        (long, ulong)[] gaps = [.. result.Events.Where(e => e.Kind == EventKind.Gap).Select(e => (e.Quantity, e.Sequence))];
        Assert.That(gaps, Is.EqualTo(supplied ? [(2L, 10UL)] : new[] { (2L, 4UL), (2L, 10UL) }));
        Assert.That((s.MessagesCutOff, s.Gaps, s.Lost, s.Duplicates), Is.EqualTo((4L, gaps.LongLength, gaps.Sum(gap => gap.Item1), supplied ? 3L : 0L)));
        Assert.That(s.Events, Is.EqualTo(result.Events.Count));
    }

    [TestCase("SESSION", 1UL)]
    [TestCase("NEW", 1UL)]
    public void What_a_replaced_stream_lacks_is_lost(string session, ulong first)
    {
        byte[] frame = Frame(Mold("SESSION", 1, ItchBytes.Adds(11, 5)));
        byte[] capture = new PcapWriter().Record(Time, frame[..^50], frame.Length).Record(Time + 1, Frame(Mold(session, first, ItchBytes.Adds(90, 5)))).ToArray();
        FeedStatistics s = Feed.Read(capture).Statistics;
        Assert.That((s.Restarts, s.MessagesCutOff, s.Gaps, s.Lost), Is.EqualTo((1L, 2L, 1L, 2L)));
    }

    [Test]
    public void A_truncated_gzip_keeps_what_it_holds_and_says_so()
    {
        PcapWriter writer = new();
        Random random = new(1);
        for (ulong i = 0; i < 400; i++)
        {
            writer.Record(Time + (long)i, Frame(Mold("SESSION", i + 1, ItchBytes.Add((ulong)random.NextInt64()))));
        }

        byte[] gzip = Feed.Gzip(writer.ToArray());
        Feed.Result half = Feed.Read(gzip[..(gzip.Length / 2)]);
        Assert.That(half.Orders.Length, Is.InRange(50, 350));
        Assert.That(half.Fault!.Sentence, Does.Contain("gzip is cut"));

        Feed.Result noTrailer = Feed.Read(gzip[..^8]);
        Assert.That(noTrailer.Orders, Has.Length.EqualTo(400));
        Assert.That(noTrailer.Fault!.Sentence, Does.Contain("gzip is cut"));
    }

    [Test]
    public void A_bad_fraction_of_a_second_is_flagged()
    {
        byte[] bytes = new PcapWriter().Record(Time, Frame(s_packet)).ToArray();
        bytes[24 + 7] = 0xFF;
        Feed.Result result = Feed.Read(bytes);
        Assert.That(result.Events[0].Flags.HasFlag(EventFlags.BadReceiveTime));
        Assert.That(result.Statistics.BadTimePackets, Is.EqualTo(1));
    }

    [Test]
    public void A_small_buffer_continues_a_packet_in_the_next_read()
    {
        string path = Feed.File("big", new PcapWriter().Record(Time, Frame(Mold("SESSION", 1, ItchBytes.Adds(1, 30)))).ToArray());
        using MarketDataSource source = Captures.CaptureSource.Open([path], Feed.Options());
        Feed.Result result = Feed.ReadAll(source, room: 7);
        Assert.That(result.Orders, Is.EqualTo(Enumerable.Range(1, 30).Select(i => (ulong)i)));
        Assert.That(result.Messages.TrueForAll(m => m!.Length == 36));
        Assert.That(result.Statistics.Packets, Is.EqualTo(1));
    }
}
