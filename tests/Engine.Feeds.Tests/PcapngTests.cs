using Engine.Core.Events;
using Engine.Feeds.Captures;
using static Engine.Feeds.Tests.PcapWriter;

namespace Engine.Feeds.Tests;

public class PcapngTests
{
    private const long Time = 1_577_716_200_000_123_456; // 2019-12-30 09:30 in New York

    private static readonly byte[] s_first = Frame(Mold("SESSION", 1, ItchBytes.Add(11), ItchBytes.Add(12)));
    private static readonly byte[] s_second = Frame(Mold("SESSION", 3, ItchBytes.Add(13)));
    private static readonly byte[] s_third = Frame(Mold("SESSION", 4, ItchBytes.Add(14)));

    [Test]
    public void Byte_orders_compressions_and_packet_blocks_read_the_same([Values] bool big, [Values] bool gzip, [Values] bool obsolete)
    {
        PcapngWriter writer = new PcapngWriter(big).Interface();
        byte[] capture = (obsolete ? writer.Obsolete(0, Time, s_first) : writer.Enhanced(0, Time, s_first)).ToArray();
        Feed.Result result = Feed.Read(gzip ? Feed.Gzip(capture) : capture);
        Assert.Multiple(() =>
        {
            Assert.That(result.Orders, Is.EqualTo(new ulong[] { 11, 12 }));
            Assert.That(result.Events[0].ReceiveTime, Is.EqualTo(Time));
            Assert.That(result.Events[0].Flags, Is.EqualTo(EventFlags.LastOfEvent | EventFlags.Watched | EventFlags.SessionStart));
            Assert.That(result.Format, Is.EqualTo((gzip ? "gzip / " : "") + "pcapng / MoldUDP64 / ITCH 5.0"));
            Assert.That((result.Date, result.DateSource), Is.EqualTo(((DateOnly?)new DateOnly(2019, 12, 30), "capture")));
            Assert.That(result.Fault, Is.Null);
            Assert.That(result.Statistics.Irregularities(), Is.Empty);
        });
    }

    [Test]
    public void Each_packet_takes_link_and_clock_from_its_own_interface_and_section()
    {
        byte[] capture = new PcapngWriter()
            .Interface(resolution: null)
            .Interface(linkType: 101, resolution: 0x80 | 30, offsetSeconds: 1_577_716_000)
            .Enhanced(0, Time / 1_000, s_first)
            .Enhanced(1, (200UL << 30) + (1UL << 29), s_second[14..])
            .Section(true)
            .Interface(linkType: 0, resolution: 3, offsetSeconds: -10)
            .Enhanced(0, 1_577_716_211_007, [0, 0, 0, 2, .. s_third[14..]])
            .ToArray();
        Feed.Result result = Feed.Read(capture);
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 11, 12, 13, 14 }));
        Assert.That(result.Events.ConvertAll(e => e.ReceiveTime), Is.EqualTo(new[]
        {
            Time / 1_000 * 1_000, Time / 1_000 * 1_000, 1_577_716_200_500_000_000, 1_577_716_201_007_000_000,
        }));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
    }

    [Test]
    public void A_packet_without_a_time_keeps_its_place_and_says_so()
    {
        byte[] capture = new PcapngWriter().Interface()
            .Simple(s_first).Enhanced(0, Time, s_second).Simple(s_third).ToArray();
        Feed.Result result = Feed.Read(capture);
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 11, 12, 13, 14 }));
        Assert.That(result.Events.ConvertAll(e => e.ReceiveTime), Is.All.EqualTo(Time));
        Assert.That(result.Events.ConvertAll(e => e.Flags.HasFlag(EventFlags.BadReceiveTime)), Is.EqualTo(new[] { true, true, false, true }));
        Assert.That(result.Statistics.BadTimePackets, Is.EqualTo(2));
        Assert.That(result.Date, Is.EqualTo(new DateOnly(2019, 12, 30)));
    }

    [Test]
    public void A_capture_without_any_time_has_no_date()
    {
        byte[] capture = new PcapngWriter().Interface().Simple(s_first).ToArray();
        Feed.Result result = Feed.Read(capture);
        Assert.That((result.Date, result.DateSource), Is.EqualTo(((DateOnly?)null, "none")));
        Assert.That(result.Events[0].ExchangeTime, Is.EqualTo(1_000));
        Assert.That(Feed.Read(Feed.Options(new DateOnly(2019, 12, 30)), capture).Events[0].ExchangeTime, Is.EqualTo(1_577_682_000_000_001_000));
    }

    [Test]
    public void A_snap_length_cuts_simple_packets_and_what_is_there_counts()
    {
        byte[] capture = new PcapngWriter().Interface(snap: (uint)s_first.Length - 10)
            .Simple(s_first[..^10], s_first.Length).Enhanced(0, Time, s_second).ToArray();
        Feed.Result result = Feed.Read(capture);
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 11, 13 }));
        Assert.That((result.Statistics.TruncatedPackets, result.Statistics.MessagesCutOff), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public void What_carries_no_packet_or_no_known_one_is_counted()
    {
        PcapngWriter writer = new PcapngWriter().Interface().Interface(linkType: 147);
        byte[] capture = writer
            .Block(4, new byte[4]).Block(5, new byte[12]).Block(0xBAD, new byte[8]).Block(0x4000_0BAD, new byte[8]).Block(9, []).Block(10, new byte[8])
            .Block(0x8000_0001, new byte[8]).Block(77, [])
            .Enhanced(7, Time, s_first)
            .Enhanced(1, Time, s_first)
            .Enhanced(0, Time, s_first, captured: 60_000)
            .Block(6, new byte[8]).Block(2, new byte[16]).Block(3, [])
            .Enhanced(0, Time, s_first)
            .ToArray();
        Feed.Result result = Feed.Read(capture);
        FeedStatistics s = result.Statistics;
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 11, 12 }));
        Assert.That(
            (s.OtherBlocks, s.UnknownBlocks, s.DamagedBlocks, s.NoInterfacePackets, s.OtherLinkPackets, s.Packets),
            Is.EqualTo((6L, 2L, 4L, 1L, 1L, 3L)));
    }

    [Test]
    public void A_damaged_description_keeps_its_place_and_gives_no_time()
    {
        PcapngWriter writer = new();
        byte[] capture = writer
            .Block(1, [.. writer.U16(1), 0, 0, .. writer.U32(0), .. writer.Option(9, [9, 9])])
            .Block(1, [.. writer.U16(1), 0, 0, .. writer.U32(0), .. writer.U16(14), .. writer.U16(400)])
            .Block(1, [0, 1, 0, 0])
            .Interface()
            .Enhanced(0, Time, s_first).Enhanced(1, Time, s_second).Enhanced(2, Time, s_second).Enhanced(3, Time, s_third)
            .ToArray();
        Feed.Result result = Feed.Read(capture);
        FeedStatistics s = result.Statistics;
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 11, 12, 13, 14 }));
        Assert.That((s.DamagedBlocks, s.BadTimePackets, s.NoInterfacePackets), Is.EqualTo((3L, 2L, 1L)));
    }

    [Test]
    public void Interfaces_beyond_the_bound_are_none()
    {
        PcapngWriter writer = new();
        for (int i = 0; i <= PcapngReader.MaxInterfaces; i++)
        {
            writer.Interface();
        }

        byte[] capture = writer.Enhanced(PcapngReader.MaxInterfaces, Time, s_first).Enhanced(PcapngReader.MaxInterfaces - 1, Time, s_first).ToArray();
        Feed.Result result = Feed.Read(capture);
        Assert.That((result.Events.Count, result.Statistics.NoInterfacePackets), Is.EqualTo((2, 1L)));
    }

    [Test]
    public void It_merges_with_pcap_by_time_and_is_arbitrated_like_it()
    {
        byte[] pcapng = new PcapngWriter().Interface().Enhanced(0, Time, s_first).Enhanced(0, Time + 20, s_third).ToArray();
        byte[] pcap = new PcapWriter().Record(Time + 1, s_first).Record(Time + 10, s_second).Record(Time + 30, s_third).ToArray();
        Feed.Result result = Feed.Read(pcapng, pcap);
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 11, 12, 13, 14 }));
        Assert.That(result.Events.ConvertAll(e => e.ReceiveTime - Time), Is.EqualTo(new long[] { 0, 0, 10, 20 }));
        Assert.That((result.Statistics.Duplicates, result.Statistics.Gaps), Is.EqualTo((3L, 0L)));
        Assert.That(result.Format, Is.EqualTo("pcapng + pcap (ns) / MoldUDP64 / ITCH 5.0"));
    }
}
