using System.Buffers.Binary;
using System.Net;
using Engine.Core.Time;
using Engine.Feeds.Network.Live;
using Engine.TestKit;

namespace Engine.Feeds.Tests.Live;

[TestFixture]
internal sealed unsafe class UdpReceiverTests
{
    private const long Patience = 10_000_000_000;
    private const uint Loopback = 0x7F00_0001;

    private static readonly IPAddress s_groupA = IPAddress.Parse("239.77.1.1"), s_groupB = IPAddress.Parse("239.77.1.2"), s_groupC = IPAddress.Parse("239.77.1.3");

    [Test]
    public void A_datagram_comes_as_it_was_sent([Values] bool multicast, [Values("lo", "127.0.0.1")] string on)
    {
        UdpLine line = multicast ? Group("A", s_groupA, on) : new UdpLine("A", IPAddress.Loopback, 0);
        using UdpReceiver receiver = new([line], new UdpOptions());
        using UdpPublisher publisher = new();
        long before = new WallClock().NowNanos;
        publisher.Send(line.Address, receiver.PortOf(0), "hello"u8.ToArray());
        Await(receiver);
        long after = new WallClock().NowNanos;
        Assert.Multiple(() =>
        {
            Assert.That(Text(receiver), Is.EqualTo("hello"));
            Assert.That((receiver.Line, receiver.SourceAddress, (int)receiver.SourcePort), Is.EqualTo((0, Loopback, publisher.Port)));
            Assert.That((receiver.Length, receiver.WireLength, receiver.IsTruncated, receiver.HasKernelTime), Is.EqualTo((5, 5, false, true)));
            Assert.That(receiver.Time, Is.InRange(before, after));
            Assert.That((receiver.PacketsOf(0), receiver.BytesOf(0), receiver.TruncatedOf(0), receiver.UntimedOf(0), receiver.DropsOf(0)), Is.EqualTo((1, 5, 0, 0, 0)));
            Assert.That((receiver.Next(), receiver.Wait(0)), Is.EqualTo((false, 0)));
            Assert.That(receiver.ErrorsOf(0).Count, Is.Zero);
        });
    }

    [Test]
    public void A_sweep_over_two_lines_comes_in_the_order_of_the_kernels_times([ValueSource(nameof(SweepSeeds))] ulong seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new((int)seed);
        UdpLine[] lines = [Group("A", s_groupA), Group("B", s_groupB)];
        using UdpReceiver receiver = new(lines, new UdpOptions { BatchSize = 128 });
        using UdpPublisher publisher = new();
        List<int> sent = [];
        for (int i = 0; i < 120; i++)
        {
            sent.Add(random.Next(2));
            publisher.Send(lines[sent[i]].Address, lines[sent[i]].Port, i);
        }

        Settle(publisher);
        List<(int Line, int Number, long Time)> came = [];
        while (came.Count < sent.Count && receiver.Next())
        {
            came.Add((receiver.Line, Number(receiver), receiver.Time));
        }

        Assert.Multiple(() =>
        {
            Assert.That(came.Select(c => c.Number), Is.EqualTo(Enumerable.Range(0, sent.Count)));
            Assert.That(came.Select(c => c.Line), Is.EqualTo(sent));
            Assert.That(came.Select(c => c.Time), Is.Ordered);
            Assert.That(receiver.PacketsOf(0) + receiver.PacketsOf(1), Is.EqualTo(sent.Count));
        });
    }

    [Test]
    public void A_sweep_takes_a_batch_of_each_line_so_that_none_starves()
    {
        UdpLine[] lines = [Group("A", s_groupA), Group("B", s_groupB)];
        using UdpReceiver receiver = new(lines, new UdpOptions { BatchSize = 4 });
        using UdpPublisher publisher = new();
        for (int i = 0; i < 40; i++)
        {
            publisher.Send(s_groupA, lines[0].Port, i);
        }

        publisher.Send(s_groupB, lines[1].Port, 100);
        Settle(publisher);
        List<int> came = [];
        for (int i = 0; i < 41; i++)
        {
            Await(receiver);
            came.Add(Number(receiver));
        }

        Assert.That(came, Is.EqualTo((int[])[0, 1, 2, 3, 100, .. Enumerable.Range(4, 36)]));
        Assert.That(receiver.Sweeps, Is.GreaterThanOrEqualTo(10));
    }

    [Test]
    public void The_datagrams_of_a_sweep_stay_until_the_next_sweep()
    {
        UdpLine[] lines = [Group("A", s_groupA), Group("B", s_groupB)];
        using UdpReceiver receiver = new(lines, new UdpOptions { BatchSize = 64 });
        using UdpPublisher publisher = new();
        for (int i = 0; i < 50; i++)
        {
            publisher.Send(lines[i & 1].Address, lines[i & 1].Port, i);
        }

        Settle(publisher);
        List<nint> kept = [];
        do
        {
            Await(receiver);
            kept.Add((nint)receiver.Data);
        }
        while (receiver.Pending > 0);

        int count = kept.Count;
        Assert.That(kept.Select(at => BinaryPrimitives.ReadInt32BigEndian(new ReadOnlySpan<byte>((void*)at, 4))), Is.EqualTo(Enumerable.Range(0, count)));
        Assert.That((count, receiver.Sweeps), Is.EqualTo((50, 1)));
    }

    [Test]
    public void Other_groups_on_the_same_port_stay_out()
    {
        int port = UdpPublisher.FreePort();
        using UdpReceiver receiver = new([new UdpLine("A", s_groupA, port, "lo"), new UdpLine("B", s_groupB, port, "lo")], new UdpOptions());
        using UdpReceiver other = new([new UdpLine("C", s_groupC, port, "lo")], new UdpOptions());
        using UdpPublisher publisher = new();
        publisher.Send(s_groupC, port, 3);
        publisher.Send(s_groupB, port, 2);
        publisher.Send(s_groupA, port, 1);
        Settle(publisher);
        List<(int Line, int Number)> came = [];
        while (receiver.Next())
        {
            came.Add((receiver.Line, Number(receiver)));
        }

        Await(other);
        Assert.That(came, Is.EquivalentTo(((int, int)[])[(1, 2), (0, 1)]));
        Assert.That((Number(other), other.Next()), Is.EqualTo((3, false)));
    }

    [Test]
    public void Only_the_source_asked_for_comes_in([Values("127.0.0.1", "127.0.0.9")] string source)
    {
        UdpLine chosen = new("A", s_groupA, UdpPublisher.FreePort(), "lo", IPAddress.Parse(source));
        using UdpReceiver receiver = new([chosen, Group("B", s_groupB)], new UdpOptions());
        using UdpPublisher publisher = new();
        publisher.Send(s_groupA, chosen.Port, 1);
        publisher.Send(s_groupB, receiver.PortOf(1), 2);
        int wanted = source == "127.0.0.1" ? 2 : 1;
        Settle(publisher);
        List<int> came = [];
        while (receiver.Next())
        {
            came.Add(Number(receiver));
        }

        Assert.That(came, Is.EqualTo(wanted == 2 ? new[] { 1, 2 } : [2]));
        Assert.That(receiver.Report(0).Sentence, Does.Contain($"from {source}"));
    }

    [Test]
    public void A_datagram_longer_than_its_slot_is_kept_in_part_and_counted()
    {
        using UdpReceiver receiver = new([new UdpLine("A", IPAddress.Loopback, 0)], new UdpOptions { SlotBytes = 100 });
        using UdpPublisher publisher = new();
        publisher.Send(IPAddress.Loopback, receiver.PortOf(0), [.. Enumerable.Range(0, 101).Select(i => (byte)i)]);
        publisher.Send(IPAddress.Loopback, receiver.PortOf(0), [.. Enumerable.Range(0, 100).Select(i => (byte)i)]);
        publisher.Send(IPAddress.Loopback, receiver.PortOf(0), []);
        List<(int Length, int Wire, bool Truncated, bool Same)> came = [];
        for (int i = 0; i < 3; i++)
        {
            Await(receiver);
            bool same = new ReadOnlySpan<byte>(receiver.Data, receiver.Length).SequenceEqual(Enumerable.Range(0, receiver.Length).Select(n => (byte)n).ToArray());
            came.Add((receiver.Length, receiver.WireLength, receiver.IsTruncated, same));
        }

        Assert.That(came, Is.EqualTo([(100, 101, true, true), (100, 100, false, true), (0, 0, false, true)]));
        Assert.That((receiver.TruncatedOf(0), receiver.BytesOf(0)), Is.EqualTo((1, 201)));
    }

    [Test]
    public void What_the_kernel_drops_is_counted_by_line()
    {
        UdpLine[] lines = [new("A", IPAddress.Loopback, 0), new("B", IPAddress.Loopback, 0)];
        using UdpReceiver receiver = new(lines, new UdpOptions { ReceiveBufferBytes = 4_096 });
        using UdpPublisher publisher = new();
        for (int i = 0; i < 200; i++)
        {
            publisher.Send(IPAddress.Loopback, receiver.PortOf(0), new byte[1_000]);
        }

        Drain(receiver);
        long received = receiver.PacketsOf(0);
        receiver.ReadDrops();
        Assert.That((receiver.PacketsOf(0) + receiver.DropsOf(0), receiver.DropsOf(1)), Is.EqualTo((200, 0)));
        Assert.That(receiver.DropsOf(0), Is.GreaterThan(0));

        publisher.Send(IPAddress.Loopback, receiver.PortOf(0), 1);
        Await(receiver);
        Assert.That((receiver.PacketsOf(0), receiver.DropsOf(0)), Is.EqualTo((received + 1, 200 - received)), "the control message says the same");
    }

    [Test]
    public void Drops_come_with_the_first_datagram_after_them()
    {
        using UdpReceiver receiver = new([new UdpLine("A", IPAddress.Loopback, 0)], new UdpOptions { ReceiveBufferBytes = 4_096 });
        using UdpPublisher publisher = new();
        for (int i = 0; i < 200; i++)
        {
            publisher.Send(IPAddress.Loopback, receiver.PortOf(0), new byte[1_000]);
        }

        Drain(receiver);
        long received = receiver.PacketsOf(0);
        Assert.That(receiver.DropsOf(0), Is.Zero);
        publisher.Send(IPAddress.Loopback, receiver.PortOf(0), 1);
        Await(receiver);
        Assert.That(receiver.DropsOf(0), Is.EqualTo(200 - received).And.GreaterThan(0));
    }

    [Test]
    public void Receiving_waiting_and_asking_allocate_nothing()
    {
        UdpLine[] lines = [new("A", IPAddress.Loopback, 0), new("B", IPAddress.Loopback, 0)];
        using UdpReceiver receiver = new(lines, new UdpOptions { SlotBytes = 512 });
        UdpRequester requester = receiver.AddRequester("ask", IPAddress.Loopback);
        byte[] question = new byte[20];
        long allocated = 0, received = 0;
        for (int round = 0; round < 1_000; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                _ = requester.Send(Loopback, (ushort)receiver.PortOf(i & 1), question);
            }

            while (receiver.Next() || received + 100 > receiver.PacketsOf(0) + receiver.PacketsOf(1))
            {
                _ = receiver.Wait(1_000);
            }

            received += 100;
            allocated += round < 10 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That((allocated, received, requester.Sent), Is.EqualTo((0, 100_000, 100_000)));
        Assert.That(receiver.PacketsOf(0), Is.EqualTo(50_000));
    }

    [Test]
    public void Replies_to_a_requester_come_out_of_the_receiver()
    {
        using UdpReceiver receiver = new([Group("A", s_groupA)], new UdpOptions());
        UdpRequester requester = receiver.AddRequester("re-request", IPAddress.Loopback);
        using UdpPublisher server = new();
        Assert.That(requester.Send(Loopback, (ushort)server.Port, "which?"u8), Is.True);
        Assert.That(server.Receive(out IPEndPoint from), Is.EqualTo("which?"u8.ToArray()));
        Assert.That((from.Address, from.Port), Is.EqualTo((IPAddress.Loopback, requester.Port)));
        server.Send(from.Address, from.Port, "this"u8.ToArray());
        Await(receiver);
        Assert.Multiple(() =>
        {
            Assert.That((Text(receiver), receiver.Line, receiver.LineAt(1).Name), Is.EqualTo(("this", requester.Line, "re-request")));
            Assert.That((receiver.SourceAddress, (int)receiver.SourcePort), Is.EqualTo((Loopback, server.Port)));
            Assert.That((requester.Sent, requester.Failed, requester.Line), Is.EqualTo((1, 0, 1)));
        });
    }

    [Test]
    public void A_question_that_the_kernel_refuses_is_counted()
    {
        UdpReceiver receiver = new([Group("A", s_groupA)], new UdpOptions());
        UdpRequester requester = receiver.AddRequester("ask");
        Assert.That(requester.Send(Loopback, 9, new byte[70_000]), Is.False);
        Assert.That((requester.Failed, requester.LastError), Is.EqualTo((1, 90)), "too long");
        receiver.Dispose();
        Assert.That((requester.Send(Loopback, 9, [1]), requester.LastError), Is.EqualTo((false, 9)), "closed");
        Assert.That((receiver.Next(), receiver.Wait(0), receiver.PacketsOf(0)), Is.EqualTo((false, 0, 0)));
    }

    [Test]
    public void The_report_says_what_was_granted()
    {
        using UdpReceiver receiver = new([Group("A", s_groupA)], new UdpOptions { ReceiveBufferBytes = 100_000, BusyPollMicros = 50 });
        UdpLineReport report = receiver.Report(0);
        Assert.Multiple(() =>
        {
            Assert.That(report.GrantedBufferBytes, Is.GreaterThanOrEqualTo(100_000));
            Assert.That((report.HasKernelTimes, report.CountsDrops), Is.EqualTo((true, true)));
            Assert.That(report.Sentence, Does.StartWith($"A: 239.77.1.1:{receiver.PortOf(0)} on lo, receive buffer 100,000 bytes, kernel receive times, busy poll 50 µs"));
        });
    }

    private static IEnumerable<ulong> SweepSeeds() => Seeds.Take(4);

    private static UdpLine Group(string name, IPAddress group, string on = "lo") => new(name, group, UdpPublisher.FreePort(), on);

    private static string Text(UdpReceiver receiver) => System.Text.Encoding.ASCII.GetString(receiver.Data, receiver.Length);

    private static int Number(UdpReceiver receiver) => BinaryPrimitives.ReadInt32BigEndian(new ReadOnlySpan<byte>(receiver.Data, receiver.Length));

    private static void Await(UdpReceiver receiver)
    {
        long end = MonotonicTimer.NowNanos + Patience;
        while (!receiver.Next())
        {
            _ = receiver.Wait(Patience / 100);
            Assert.That(MonotonicTimer.NowNanos, Is.LessThan(end), "no datagram came");
        }
    }

    /// <summary>Waits for a datagram sent after all others: loopback delivers in the order of sending.</summary>
    private static void Settle(UdpPublisher publisher)
    {
        using UdpReceiver last = new([new UdpLine("last", IPAddress.Loopback, 0)], new UdpOptions());
        publisher.Send(IPAddress.Loopback, last.PortOf(0), 0);
        Await(last);
    }

    private static void Drain(UdpReceiver receiver)
    {
        Await(receiver);
        while (receiver.Next())
        {
        }
    }
}
