using Engine.Core.Events;
using Engine.Feeds.Captures;
using Engine.Feeds.Tests.IexDeep;
using Engine.Feeds.Tests.Xdp;

namespace Engine.Feeds.Tests;

/// <summary>Which venue a capture is taken to be of.</summary>
public class VenueTests
{
    private static readonly byte[] s_itch = PcapWriter.Frame(PcapWriter.Mold("S", 1, ItchBytes.Adds(1, 1)));
    private static readonly byte[] s_xdp = PcapWriter.Frame(XdpBytes.Original(1, XdpBytes.Mapping()), 2);
    private static readonly byte[] s_iex = PcapWriter.Frame(IexBytes.One(1), 3);
    private static readonly byte[] s_noise = PcapWriter.Frame(new byte[50], 4);

    [Test]
    public void Auto_goes_by_the_first_packets()
    {
        Assert.That(Feed.Read(Capture(s_noise, s_itch)).Format, Is.EqualTo("pcap (ns) / MoldUDP64 / ITCH 5.0"));
        Assert.That(Feed.Read(Capture(s_noise, s_xdp)).Format, Is.EqualTo("pcap (ns) / XDP / NYSE Integrated"));
        Feed.Result iex = Feed.Read(Capture(s_noise, s_iex));
        Assert.That((iex.Format, iex.Date, iex.DateSource), Is.EqualTo(("pcap (ns) / IEX-TP / DEEP 1.0", (DateOnly?)new DateOnly(2019, 12, 30), "capture")));
        Assert.That(iex.Statistics.OtherUdpPackets, Is.EqualTo(1));
    }

    [Test]
    public void Two_venues_in_a_run_are_an_error_in_words()
    {
        CaptureException inOne = Feed.Refused(Capture(s_itch, s_xdp));
        Assert.That(inOne.Message, Does.EndWith("carries both itch50 and xdp; name the one to read as the venue"));
        string[] paths = [Feed.File("a", Capture(s_itch)), Feed.File("b", Capture(s_iex))];
        CaptureException inTwo = Assert.Throws<CaptureException>(() => CaptureSource.Open(paths, Feed.Options()))!;
        Assert.That(inTwo.Message, Does.Contain("carries iex-deep and").And.EndsWith("itch50; read them in separate runs"));
        Feed.Result named = Feed.Read(Feed.Options() with { Venue = Venue.Xdp }, Capture(s_itch, s_xdp));
        Assert.That((named.Events.Count, named.Statistics.OtherUdpPackets), Is.EqualTo((1, 1L)));
    }

    [TestCase(0x8003, "carries IEX TOPS (protocol 0x8003), which is not read; DEEP 1.0 is")]
    [TestCase(0x8005, "carries IEX DEEP+ (protocol 0x8005), which is not read; DEEP 1.0 is")]
    public void Iex_feeds_that_are_not_read_are_named(int protocol, string words)
    {
        byte[] segment = IexBytes.SegmentOf(protocol, 1, 1, 0, 1, IexBytes.Level('8', 1, 1));
        CaptureException refused = Feed.Refused(Capture(PcapWriter.Frame(segment)));
        Assert.That(refused.Message, Does.EndWith(words));
        Assert.That(refused.ExitCode, Is.EqualTo(2));
    }

    [Test]
    public void What_does_not_go_together_is_refused()
    {
        CaptureException dated = Assert.Throws<CaptureException>(
            () => CaptureSource.Open([Feed.File("x", Capture(s_xdp))], Feed.Options(new DateOnly(2019, 12, 30))))!;
        Assert.That(dated.Message, Does.EndWith("xdp carries whole times; leave the date out"));
        CaptureException file = Assert.Throws<CaptureException>(
            () => CaptureSource.Open([Feed.File("y", ItchBytes.BinaryFile(ItchBytes.Adds(1, 9)))], Feed.Options() with { Venue = Venue.Xdp }))!;
        Assert.That(file.Message, Does.EndWith("is a NASDAQ BinaryFILE; xdp comes in pcap"));
    }

    [Test]
    public void A_packet_cut_by_the_snap_length_is_told_too()
    {
        byte[] capture = new PcapWriter().Record(1, s_xdp[..^3], s_xdp.Length).Record(2, s_xdp[..^20], s_xdp.Length).ToArray();
        Feed.Result result = Feed.Read(capture);
        Assert.That(result.Format, Does.EndWith("NYSE Integrated"));
        Assert.That((result.Statistics.TruncatedPackets, result.Statistics.MessagesCutOff), Is.EqualTo((2L, 2L)));
    }

    private static byte[] Capture(params byte[][] frames)
    {
        PcapWriter writer = new();
        for (int i = 0; i < frames.Length; i++)
        {
            writer.Record(IexBytes.Time + i, frames[i]);
        }

        return writer.ToArray();
    }
}
