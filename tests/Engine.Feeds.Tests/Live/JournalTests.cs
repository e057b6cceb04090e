using System.Buffers.Binary;
using System.IO.Pipes;
using System.Numerics;
using System.Text;
using Engine.Core.Numerics;
using Engine.Feeds.Captures;
using Engine.Feeds.Network.Live;
using Engine.TestKit;

namespace Engine.Feeds.Tests.Live;

[TestFixture]
internal sealed unsafe class JournalTests
{
    private const string Comment = "{\"config\":\"abc\",\"text\":\"é\"}";
    private const uint Loopback = 0x7F00_0001;

    private static readonly JournalLine[] s_lines =
        [new("A", "239.1.1.1:26400 on lo", 0xEF01_0101, 26_400), new("B", "second line", 0xEF01_0102, 26_401)];

    [Test]
    public void What_is_appended_reads_back_exactly([ValueSource(nameof(FewSeeds))] ulong seed)
    {
        string path = NewPath();
        List<Kept> kept = Write(path, seed, 300);
        byte[] bytes = File.ReadAllBytes(path);
        NaivePcapng naive = new(bytes);
        Assert.That(naive.Blocks.Take(5), Is.EqualTo((string[])["SHB", "IDB", "IDB", "IDB", "IDB"]));
        Assert.That(naive.Packets, Has.Count.EqualTo(kept.Count), $"seed {seed}");
        using PcapngReader reader = new(CaptureFile.Open(path));
        Assert.That(reader.SectionComment, Is.EqualTo(Comment));
        for (int i = 0; i < kept.Count; i++, reader.Advance())
        {
            (BigInteger? nanos, int link, byte[] data, bool truncated) = naive.Packets[i];
            string what = $"seed {seed}, packet {i}";
            Assert.That((nanos, link, truncated), Is.EqualTo(((BigInteger?)kept[i].Time, kept[i].Link, kept[i].Wire > kept[i].Payload.Length)), what);
            Assert.That(kept[i].Link == 228 ? NaivePayload(data, kept[i]) : data, Is.EqualTo(kept[i].Payload), what);
            Assert.That((reader.HasRecord, reader.Time, reader.HasGoodTime, reader.LinkType), Is.EqualTo((true, kept[i].Time, true, link)), what);
            Assert.That(Encoding.UTF8.GetString(reader.InterfaceName(reader.InterfaceIndex)), Is.EqualTo(kept[i].Name), what);
            Assert.That(new ReadOnlySpan<byte>(reader.Data, reader.Length).SequenceEqual(data), Is.True, what);
        }

        Assert.That((reader.HasRecord, reader.Fault, reader.DamagedBlocks, reader.Interfaces), Is.EqualTo((false, (SourceFault?)null, 0, 4)));
    }

    [Test]
    public void A_journal_killed_at_any_byte_reads_up_to_its_last_whole_block()
    {
        string path = NewPath();
        _ = Write(path, 7, 12, 90);
        byte[] bytes = File.ReadAllBytes(path);
        NaivePcapng naive = new(bytes);
        for (int cut = 28; cut <= bytes.Length; cut++)
        {
            string some = Feed.File("cut", bytes[..cut]);
            using PcapngReader reader = new(CaptureFile.Open(some));
            int packets = 0;
            for (; reader.HasRecord; reader.Advance())
            {
                Assert.That(new ReadOnlySpan<byte>(reader.Data, reader.Length).SequenceEqual(naive.Packets[packets].Data), Is.True, $"cut at {cut}");
                packets++;
            }

            int whole = naive.Ends.Count(end => end <= cut);
            Assert.That(packets, Is.EqualTo(naive.Blocks.Take(whole).Count(b => b == "EPB")), $"cut at {cut}");
            Assert.That(reader.Fault is null, Is.EqualTo(naive.Ends.Contains(cut)), $"cut at {cut}");
        }
    }

    [Test]
    public void A_replay_of_a_journal_gives_the_messages_that_came()
    {
        string path = NewPath();
        using (PacketJournal journal = new(path, s_lines, Comment, new JournalOptions()))
        {
            for (ulong i = 0; i < 50; i++)
            {
                byte[] packet = PcapWriter.Mold("S", (2 * i) + 1, ItchBytes.Adds((2 * i) + 1, 2));
                fixed (byte* data = packet)
                {
                    _ = journal.Append((int)(i & 1), 1_577_716_200_000_000_000 + (long)i, Loopback, 5_000, data, packet.Length);
                }

                Assert.That(journal.AppendMark(1_577_716_200_000_000_001 + (long)i), Is.True);
            }
        }

        Assert.That(Feed.Read(File.ReadAllBytes(path)).Orders, Is.EqualTo(Enumerable.Range(1, 100).Select(i => (ulong)i)));
    }

    [Test]
    public void A_full_ring_makes_the_producer_wait_and_loses_nothing()
    {
        using AnonymousPipeServerStream pipe = new(PipeDirection.In);
        using PacketJournal journal = new(PathOf(pipe), s_lines, Comment, new JournalOptions { Overwrite = true, RingBytes = JournalOptions.MinRingBytes });
        CloseClient(pipe);
        using MemoryStream read = new();
        Thread reader = new(() =>
        {
            // A pipe that nobody empties stops the cold thread, and that the hot one.
            while (journal.Waits == 0)
            {
                Thread.Sleep(1);
            }

            pipe.CopyTo(read);
        });
        reader.Start();
        byte[] payload = new byte[1_000];
        for (int i = 0; i < 2_000; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(payload, i);
            fixed (byte* data = payload)
            {
                Assert.That(journal.Append(0, i, Loopback, 1, data, payload.Length), Is.True);
            }
        }

        journal.Dispose();
        reader.Join();
        NaivePcapng naive = new(read.ToArray());
        Assert.That(naive.Packets.Select(p => BinaryPrimitives.ReadInt32BigEndian(p.Data.AsSpan(28))), Is.EqualTo(Enumerable.Range(0, 2_000)));
        Assert.That(journal.Waits, Is.GreaterThan(0));
        Assert.That(journal.WaitedNanos, Is.GreaterThan(0));
        Assert.That((journal.Appended, journal.Fault, journal.BytesWritten), Is.EqualTo((2_000, (string?)null, read.Length)));
    }

    [Test]
    public void A_disk_that_fails_is_told_at_the_next_append([Values] bool whileWaiting)
    {
        AnonymousPipeServerStream pipe = new(PipeDirection.In);
        using PacketJournal journal = new(PathOf(pipe), s_lines, Comment, new JournalOptions { Overwrite = true, RingBytes = JournalOptions.MinRingBytes });
        CloseClient(pipe);
        Thread breaker = new(() =>
        {
            while (whileWaiting && journal.Waits == 0)
            {
                Thread.Sleep(1);
            }

            pipe.Dispose();
        });
        breaker.Start();
        long end = Core.Time.MonotonicTimer.NowNanos + 10_000_000_000;
        byte[] payload = new byte[1_000];
        long appended = 0;
        fixed (byte* data = payload)
        {
            while (journal.Append(0, 1, Loopback, 1, data, payload.Length))
            {
                appended++;
                Assert.That(Core.Time.MonotonicTimer.NowNanos, Is.LessThan(end), "the journal does not fail");
            }
        }

        breaker.Join();
        Assert.That(journal.Fault, Does.Match("^journal .*: cannot be written after [0-9,]+ bytes \\(.+\\): make room or give another place$"));
        Assert.That((journal.AppendMark(1), journal.Appended), Is.EqualTo((false, appended)));
        journal.Dispose();
        Assert.That((journal.AppendMark(1), journal.Fault is null), Is.EqualTo((false, false)));
    }

    [Test]
    public void A_full_disk_is_told_at_once() =>
        Assert.That(
            () => new PacketJournal("/dev/full", s_lines, Comment, new JournalOptions { Overwrite = true }).Dispose(),
            Throws.TypeOf<LiveFeedException>().With.Message.Match("^journal /dev/full: cannot be written \\(.*\\): make room or give another place$"));

    [Test]
    public void Appending_allocates_nothing()
    {
        using PacketJournal journal = new(NewPath(), s_lines, Comment, new JournalOptions { Sync = true });
        byte[] payload = new byte[400];
        long least = long.MaxValue;
        fixed (byte* data = payload)
        {
            for (int round = 0; round < 4; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 25_000; i++)
                {
                    _ = journal.Append(i & 1, i, Loopback, 1, data, i % 400);
                }

                _ = journal.AppendMark(1) && journal.AppendSnapshot(1, data, 400);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }

        journal.Dispose();
        Assert.That((least, journal.Appended, journal.Fault), Is.EqualTo((0, 4 * 25_002, (string?)null)));
    }

    [Test]
    public void A_journal_that_cannot_be_is_refused()
    {
        string there = Feed.File("there", [1]);
        Assert.Multiple(() =>
        {
            Assert.That(Refused(there), Does.Contain("give another name, or overwrite it"));
            Assert.That(File.ReadAllBytes(there), Is.EqualTo(new byte[] { 1 }));
            Assert.That(Refused(Path.Combine(Path.GetDirectoryName(there)!, "no", "such")), Does.Contain("cannot be made").And.EndsWith("give another place"));
            Assert.That(Refused(NewPath(), comment: new string('x', 65_536)), Does.Contain("65,535 bytes of comment"));
            Assert.That(Refused(NewPath(), lines: [s_lines[0] with { Name = "engine:clock" }]), Does.Contain("does not begin with engine:"));
            Assert.That(Refused(NewPath(), options: new JournalOptions { RingBytes = 300_000 }), Does.Contain("give a power of two"));
            Assert.That(Refused(NewPath(), options: new JournalOptions { SyncBytes = 0 }), Does.Contain("both must be above 0"));
        });
    }

    [Test]
    public void Arguments_that_cannot_be_are_refused()
    {
        using PacketJournal journal = new(NewPath(), s_lines, "", new JournalOptions());
        Assert.That(() => journal.Append(2, 0, 0, 0, null, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => journal.Append(0, 0, 0, 0, null, 65_508), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => journal.Append(0, 0, 0, 0, null, 5, 4), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => journal.Append(0, 0, 0, 0, null, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static IEnumerable<ulong> FewSeeds() => Seeds.Take(3);

    private static List<Kept> Write(string path, ulong seed, int count, int longest = 2_000)
    {
        SeededRandom random = new(seed);
        List<Kept> kept = [];
        using PacketJournal journal = new(path, s_lines, Comment, new JournalOptions { RingBytes = JournalOptions.MinRingBytes });
        for (int i = 0; i < count; i++)
        {
            int kind = i < 4 ? i : random.Next(10);
            byte[] payload = new byte[kind == 1 ? 0 : longest > 1_000 && i == 5 ? JournalBlocks.MaxPayload : longest > 1_000 && kind == 2 ? random.Next(150_000) : random.Next(longest)];
            random.NextBytes(payload);
            long time = (long)(random.NextUInt64() >> 1);
            uint source = (uint)random.NextUInt64();
            ushort port = (ushort)random.NextUInt64();
            int line = random.Next(2);
            fixed (byte* data = payload)
            {
                if (kind == 1)
                {
                    Assert.That(journal.AppendMark(time), Is.True);
                    kept.Add(new Kept(time, "engine:clock", 147, payload, 0, 0, 0, 0));
                }
                else if (kind == 2 && i != 5)
                {
                    Assert.That(journal.AppendSnapshot(time, data, payload.Length), Is.True);
                    kept.AddRange(payload.Chunk(65_536).Select(c => new Kept(time, "engine:snapshot", 147, c, c.Length, 0, 0, 0)));
                }
                else
                {
                    int wire = Math.Min(payload.Length + (kind == 3 ? 1 + random.Next(9_000) : 0), JournalBlocks.MaxPayload);
                    Assert.That(journal.Append(line, time, source, port, data, payload.Length, wire), Is.True);
                    kept.Add(new Kept(time, s_lines[line].Name, 228, payload, wire, source, port, line));
                }
            }
        }

        return kept;
    }

    /// <summary>Takes IPv4 and UDP apart byte by byte.</summary>
    private static byte[] NaivePayload(byte[] packet, Kept kept)
    {
        int checksum = 0;
        for (int i = 0; i < 20; i += 2)
        {
            checksum += (packet[i] << 8) + packet[i + 1];
        }

        while (checksum > 0xFFFF)
        {
            checksum = (checksum & 0xFFFF) + (checksum >> 16);
        }

        JournalLine line = s_lines[kept.Line];
        Assert.That(checksum, Is.EqualTo(0xFFFF), "the header's sum");
        Assert.That((packet[0], packet[9], Big(packet, 2, 2), Big(packet, 24, 2)), Is.EqualTo(((byte)0x45, (byte)17, (ulong)kept.Wire + 28, (ulong)kept.Wire + 8)));
        Assert.That((Big(packet, 12, 4), Big(packet, 20, 2)), Is.EqualTo(((ulong)kept.Source, (ulong)kept.Port)));
        Assert.That((Big(packet, 16, 4), Big(packet, 22, 2)), Is.EqualTo(((ulong)line.Address, (ulong)line.Port)));
        return packet[28..];
    }

    private static ulong Big(byte[] bytes, int at, int size) => bytes.Skip(at).Take(size).Aggregate(0UL, (sum, b) => (sum * 256) + b);

    private static string Refused(string path, JournalLine[]? lines = null, string comment = "", JournalOptions? options = null) =>
        Assert.Throws<LiveFeedException>(() => new PacketJournal(path, lines ?? s_lines, comment, options ?? new JournalOptions()).Dispose())!.Message;

    private static string NewPath()
    {
        string path = Feed.File("journal.pcapng", []);
        File.Delete(path);
        return path;
    }

    private static string PathOf(AnonymousPipeServerStream pipe) => $"/proc/self/fd/{pipe.ClientSafePipeHandle.DangerousGetHandle()}";

    /// <summary>Leaves the journal the only writer of the pipe.</summary>
    private static void CloseClient(AnonymousPipeServerStream pipe) => pipe.DisposeLocalCopyOfClientHandle();

    private sealed record Kept(long Time, string Name, int Link, byte[] Payload, int Wire, uint Source, ushort Port, int Line);
}
