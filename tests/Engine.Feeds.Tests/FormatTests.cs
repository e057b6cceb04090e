using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests;

public class FormatTests
{
    private static readonly byte[] s_itch = ItchBytes.BinaryFile([ItchBytes.SystemEvent('O'), .. ItchBytes.Adds(1, 20)]);

    private static readonly object[] s_wrong =
    [
        Case("png", [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, .. new byte[100]], "is a PNG image, not a capture"),
        Case("text", "time,price\n1,2\n"u8.ToArray(), "is a text file; expected a pcap or pcapng capture, a NASDAQ BinaryFILE"),
        Case("empty", [], "is empty; nothing to read"),
        Case("pcapng", [10, 13, 13, 10, .. new byte[40]], "has a pcapng section with the byte-order magic 00000000, not 1A2B3C4D, at byte 0"),
        Case("zeros", new byte[100], "has an unknown format"),
        Case("zip", [(byte)'P', (byte)'K', 3, 4, .. new byte[40]], "is a zip archive: unpack it first"),
        Case("link", new PcapWriter(linkType: 147).ToArray(), "has link type 147, which is not read"),
        Case("swapped", [0xA1, 0xB2, 0xC3, 0xD4, 0, 9, 0, 4, .. new byte[16]], "is pcap version 9; only version 2 is read"),
    ];

    [TestCaseSource(nameof(s_wrong))]
    public void Wrong_inputs_are_named_in_one_line(byte[] bytes, string words)
    {
        CaptureException plain = Feed.Refused(bytes);
        Assert.That(plain.Message, Does.Contain(words));
        Assert.That(plain.Message, Does.Not.Contain("\n"));
        Assert.That(plain.ExitCode, Is.EqualTo(2));
        if (bytes.Length > 0)
        {
            Assert.That(Feed.Refused(Feed.Gzip(bytes)).Message, Does.Contain(words));
        }
    }

    [Test]
    public void Missing_files_directories_and_hollow_gzip_are_named()
    {
        string folder = TestContext.CurrentContext.WorkDirectory;
        Assert.Multiple(() =>
        {
            Assert.That(Open(Path.Combine(folder, "nothing.pcap")).Message, Does.EndWith("nothing.pcap: no such file"));
            Assert.That(Open(folder).Message, Does.Contain("is a directory"));
            Assert.That(Feed.Refused(Feed.Gzip([])).Message, Does.Contain("nothing to read"));
            Assert.That(Feed.Refused(Feed.Gzip(s_itch)[..6]).Message, Does.Contain("gzip is cut"));
            Assert.That(Feed.Refused(Feed.Gzip(Feed.Gzip(s_itch))).Message, Does.Contain("is gzip inside gzip"));
            Assert.That(Open("-", "-").Message, Does.Contain("only once"));
            Assert.That(Open().ExitCode, Is.EqualTo(2));
            CaptureException cut = Feed.Refused(new PcapWriter().ToArray()[..20]);
            Assert.That((cut.ExitCode, cut.Message), Is.EqualTo((1, cut.Message)));
            Assert.That(cut.Message, Does.Contain("is cut within its pcap header at byte 20 of 24"));
        });
    }

    [Test]
    public void A_venue_that_is_not_read_and_mixed_formats_are_refused()
    {
        string itch = Feed.File("a.itch", s_itch);
        string pcap = Feed.File("b.pcap", new PcapWriter().ToArray());
        CaptureException venue = Assert.Throws<CaptureException>(
            () => CaptureSource.Open([itch], Feed.Options() with { Venue = Venue.Dbn }))!;
        Assert.That(venue.Message, Does.Contain("is a NASDAQ BinaryFILE; dbn comes in files of its own"));
        Assert.That(Open(itch, pcap).Message, Does.Contain("read them in separate runs"));
    }

    [Test]
    public void A_binary_file_ends_at_its_end_record()
    {
        Feed.Result ended = Feed.Read([.. s_itch, 0, 0]);
        Assert.That((ended.Fault, ended.Events.Count, ended.Statistics.TrailingBytes), Is.EqualTo(((SourceFault?)null, 21, 0L)));
        Assert.That(ended.Events[0].Flags.HasFlag(EventFlags.SessionStart));
        Feed.Result padded = Feed.Read([.. s_itch, 0, 0, 0, 0, 0]);
        Assert.That((padded.Fault, padded.Statistics.TrailingBytes), Is.EqualTo(((SourceFault?)null, 3L)));
        Feed.Result followed = Feed.Read([.. s_itch, 0, 0, .. s_itch]);
        Assert.That(followed.Fault!.Sentence, Does.Contain("bytes behind it, which are not read"));
    }

    [Test]
    public void A_binary_file_cut_anywhere_keeps_whole_messages([Values] bool gzip)
    {
        int last = s_itch.Length - 38;
        for (int length = last; length <= s_itch.Length; length++)
        {
            Feed.Result result = Feed.Read(gzip ? Feed.Gzip(s_itch[..length]) : s_itch[..length]);
            Assert.That(result.Events, Has.Count.EqualTo(length == s_itch.Length ? 21 : 20));
            Assert.That(result.Fault?.Offset, Is.EqualTo(length == last || length == s_itch.Length ? null : last));
        }
    }

    [Test]
    public void Several_binary_files_merge_by_exchange_time()
    {
        byte[] a = ItchBytes.BinaryFile([.. new ulong[] { 1, 3, 5, 5, 200 }.Select(t => ItchBytes.Add(100 + t, time: t))]);
        byte[] b = ItchBytes.BinaryFile([.. new ulong[] { 2, 3, 5, 6, 7, 300 }.Select(t => ItchBytes.Add(900 + t, time: t))]);
        Assert.That(Feed.Read(a, b).Orders, Is.EqualTo(new ulong[] { 101, 902, 103, 903, 105, 105, 905, 906, 907, 200 + 100, 1_200 }));
    }

    [Test]
    public void Identities_hash_the_file_as_given()
    {
        byte[] bytes = Feed.Gzip(s_itch);
        using MarketDataSource source = CaptureSource.Open([Feed.File("id", bytes)], Feed.Options());
        CaptureIdentity identity = source.Captures[0];
        Assert.That(identity.SizeBytes, Is.EqualTo(bytes.Length));
        Assert.That(identity.ComputeSha256(), Is.EqualTo(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))));
        source.Dispose();
        Assert.Throws<ObjectDisposedException>(() => identity.ComputeSha256());
    }

    [Test]
    public void Pipes_are_read_like_files()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Pass("named pipes are made by mkfifo");
        }

        string file = Feed.File("piped", s_itch);
        string pipe = Path.ChangeExtension(file, "fifo");
        File.Delete(pipe + ".ready"); // Of an earlier run: with it, the old pipe would be opened while it is replaced.
        using System.Diagnostics.Process writer = System.Diagnostics.Process.Start(
            "sh", ["-c", "rm -f \"$1\" && mkfifo \"$1\" && : > \"$1.ready\" && timeout 20 sh -c 'cat \"$1\" > \"$2\"' - \"$2\" \"$1\"", "-", pipe, file]);
        Assert.That(() => File.Exists(pipe + ".ready"), Is.True.After(5_000, 10));
        using MarketDataSource source = CaptureSource.Open([pipe], Feed.Options());
        writer.WaitForExit();
        Assert.That(Feed.ReadAll(source).Events, Has.Count.EqualTo(21));
        Assert.That(source.Captures[0].SizeBytes, Is.EqualTo(s_itch.Length));
    }

    [Test]
    public void A_full_instrument_table_refuses_and_goes_on()
    {
        FeedOptions options = new() { Instruments = new InstrumentTable(2, ["B"]), Limits = new EngineLimits() };
        byte[] file = ItchBytes.BinaryFile([.. "ABCDCD".Select((c, i) => ItchBytes.Add((ulong)i, locate: c, symbol: c.ToString()))]);
        Feed.Result result = Feed.Read(options, file);
        const int None = MarketEvent.NoInstrument;
        Assert.That(result.Events.ConvertAll(e => e.Instrument), Is.EqualTo(new[] { 0, 1, None, None, None, None }));
        Assert.That(result.Events.ConvertAll(e => e.Flags.HasFlag(EventFlags.Watched)), Is.EqualTo(new[] { false, true, false, false, false, false }));
        Assert.That(options.Instruments.Refused, Is.EqualTo(2));
        Assert.That(
            result.Statistics.Irregularities().Select(item => (item.Key, item.Value)),
            Is.EqualTo(new[] { ("refused_instruments", 2L), ("refused_events", 4L) }));
        Assert.That(options.Instruments.Missing(), Is.Empty);
    }

    [Test]
    public void Wanted_symbols_find_room_however_late_they_come([Values] bool named)
    {
        FeedOptions options = new() { Instruments = new InstrumentTable(3, ["Y", "Z", "Z", "NEVER"]) };
        byte[][] many = [.. Enumerable.Range(1, 40).Select(i => named ? ItchBytes.Add((ulong)i, locate: i, symbol: "S" + i) : ItchBytes.Delete(9, locate: i))];
        byte[] file = ItchBytes.BinaryFile([.. many, ItchBytes.Add(90, locate: named ? 98 : 7, symbol: "Z"), ItchBytes.Add(91, locate: 99, symbol: "Y"), ItchBytes.Delete(91, locate: 99)]);
        Feed.Result result = Feed.Read(options with { Venue = Venue.Itch50 }, file);
        int z = options.Instruments.Find("Z");
        Assert.Multiple(() =>
        {
            Assert.That(options.Instruments.Missing(), Is.EqualTo(new[] { "NEVER" }));
            Assert.That(result.Events[^3..].ConvertAll(e => e.Instrument), Is.EqualTo(new[] { z, z + 1, z + 1 }));
        });
    }

    private static CaptureException Open(params string[] paths) =>
        Assert.Throws<CaptureException>(() => CaptureSource.Open(paths, Feed.Options()))!;

    private static TestCaseData Case(string name, byte[] bytes, string words) => new TestCaseData(bytes, words).SetArgDisplayNames(name);
}
