using System.Net;
using System.Net.Sockets;
using System.Text;
using Engine.Core.Time;
using Engine.Feeds.Network.Live;

namespace Engine.Feeds.Tests.Live;

[TestFixture]
internal sealed unsafe class GlimpseTests
{
    private const long Patience = 10_000_000_000;

    [Test]
    public void A_snapshot_comes_as_the_server_sends_it()
    {
        byte[][] messages = ItchBytes.Adds(1, 500);
        using SoupServer server = new(s =>
        {
            _ = s.Until('L');
            s.Send(SoupServer.Accepted("S1"));
            s.Send([[.. messages.SelectMany(m => SoupServer.Packet('S', m))]]);
            _ = s.Until('R');
            _ = s.Until('R');
            s.Send(SoupServer.Packet('H'), SoupServer.End("501"));
            _ = s.Until('O');
            s.UntilClosed();
        });
        using GlimpseClient client = new(Options(server) with { Session = "S1", HeartbeatInterval = TimeSpan.FromMilliseconds(5) });
        Assert.That((client.State, client.Reset()), Is.EqualTo((GlimpseState.Idle, false)));
        Assert.That((client.Start(), client.Start()), Is.EqualTo((true, false)));
        Await(client, GlimpseState.Ready);
        Assert.Multiple(() =>
        {
            Assert.That((client.Messages, client.NextSequence, client.Session, client.OtherPackets, client.Attempts), Is.EqualTo((500, 501UL, "S1", 0, 1)));
            Assert.That(Bytes(client), Is.EqualTo(ItchBytes.BinaryFile(messages)));
            Assert.That(client.BytesSoFar, Is.EqualTo(client.Length));
            Assert.That((client.IsSession("S1        "u8), client.IsSession("        S1"u8), client.IsSession("S2        "u8)), Is.EqualTo((true, true, false)));
            Assert.That(Feed.Read(Bytes(client)).Orders, Is.EqualTo(Enumerable.Range(1, 500).Select(i => (ulong)i)));
        });
        server.Dispose();
        Assert.That(string.Concat(server.Heard.Select(h => h.Type)), Does.Match("^LRRR*O$"));
        Assert.That(Encoding.ASCII.GetString(server.Heard[0].Payload), Is.EqualTo("me    secret            S1                   1"));
        Assert.That(server.Fault, Is.Null);
    }

    [Test]
    public void A_second_attempt_begins_afresh()
    {
        int attempt = 0;
        using SoupServer server = new(s =>
        {
            _ = s.Until('L');
            attempt++;
            s.Send(SoupServer.Accepted($"S{attempt}"), SoupServer.Packet('S', [.. ItchBytes.Add((ulong)attempt)]), SoupServer.End(attempt == 2 ? "?" : $"{attempt}"));
            s.UntilClosed();
        });
        using GlimpseClient client = new(Options(server));
        foreach ((GlimpseState end, int number) in new[] { (GlimpseState.Ready, 1), (GlimpseState.Failed, 2), (GlimpseState.Ready, 3) })
        {
            Assert.That(client.Start(), Is.True);
            Await(client, end);
            Assert.That((client.Messages, client.Session), Is.EqualTo((1, $"S{number}")));
            Assert.That(Bytes(client), Is.EqualTo(ItchBytes.BinaryFile([ItchBytes.Add((ulong)number)])));
            Assert.That((client.Start(), client.Reset(), client.State), Is.EqualTo((false, true, GlimpseState.Idle)));
        }

        Assert.That(client.Attempts, Is.EqualTo(3));
    }

    [Test]
    public void Slow_bytes_and_other_packets_do_not_disturb()
    {
        byte[] long1 = [.. Enumerable.Range(0, SoupBinTcp.MaxPayload).Select(i => (byte)(i | 0x80))];
        using SoupServer server = new(s =>
        {
            s.Send(SoupServer.Packet('+', [.. "welcome"u8]));
            _ = s.Until('L');
            s.SendByteByByte([.. SoupServer.Accepted(), .. SoupServer.Packet('+'), .. SoupServer.Packet('S', 1, 2), .. SoupServer.Packet('U', 3), .. SoupServer.Packet('S')]);
            s.Send(SoupServer.Packet('S', long1), SoupServer.Packet('S', long1), SoupServer.Packet('?', 1));
            s.SendByteByByte(SoupServer.End("7"));
            s.UntilClosed();
        });
        using GlimpseClient client = new(Options(server));
        _ = client.Start();
        Await(client, GlimpseState.Ready);
        Assert.That((client.Messages, client.NextSequence, client.OtherPackets), Is.EqualTo((3, 7UL, 5)));
        Assert.That(Bytes(client), Is.EqualTo((byte[])[0, 2, 1, 2, 0xFF, 0xFE, .. long1, 0xFF, 0xFE, .. long1]));
    }

    private static IEnumerable<TestCaseData> Faults()
    {
        byte[] add = SoupServer.Packet('S', ItchBytes.Add(1));
        yield return Fault("rejected the login: not authorized (A): check user and password", SoupServer.Packet('J', (byte)'A'));
        yield return Fault("rejected the login: no such session (S): check the requested session", SoupServer.Packet('J', (byte)'S'));
        yield return Fault("rejected the login: reason 0x07: ask the venue", SoupServer.Packet('J', 7));
        yield return Fault("rejected the login: no reason given", SoupServer.Packet('J'));
        yield return Fault("closed the connection after 1 messages (38 bytes), before the end", SoupServer.Accepted(), add);
        yield return Fault("closed the connection after 1 messages (38 bytes), in the middle of a packet, before the end", SoupServer.Accepted(), add, add[..7]);
        yield return Fault("closed the connection before it answered the login, before the end of the snapshot");
        yield return Fault("sent a packet of no length after 0 messages (0 bytes)", SoupServer.Accepted(), [0, 0, 0, 0]);
        yield return Fault("ended the session after 1 messages (38 bytes), before the end", SoupServer.Accepted(), add, SoupServer.Packet('Z'));
        yield return Fault("ended the snapshot with a message of 21 bytes that names no sequence", SoupServer.Accepted(), SoupServer.End("12x"));
        yield return Fault("ended the snapshot with a message of 1 bytes that names no sequence", SoupServer.Accepted(), SoupServer.Packet('S', (byte)'G'));
        yield return Fault("sent a message before it accepted the login", add);
        yield return Fault("accepted the login in a way that cannot be read", SoupServer.Accepted(), SoupServer.Accepted());
        yield return Fault("accepted the login in a way that cannot be read", SoupServer.Packet('A', 1, 2));
        yield return Fault("accepted the login in a way that cannot be read", SoupServer.Accepted("S\n"));
        yield return Fault("begins with message 5 in place of 1", SoupServer.Accepted("S1", 5));
        yield return Fault("sends a snapshot longer than 100 bytes (2 messages): raise the limit", SoupServer.Accepted(), add, add, add);
    }

    [TestCaseSource(nameof(Faults))]
    public void What_the_server_does_wrong_is_said(string words, byte[][] packets)
    {
        using SoupServer server = new(s =>
        {
            _ = s.Until('L');
            s.Send(packets);
        });
        using GlimpseClient client = new(Options(server) with { MaxBytes = 100 });
        _ = client.Start();
        Await(client, GlimpseState.Failed);
        Assert.That(client.Reason, Does.StartWith($"snapshot server {server.Address} {words}"));
        Assert.That(client.Reason, Does.Not.Contain('\n'));
    }

    [Test]
    public void A_reset_connection_is_said()
    {
        using SoupServer server = new(s =>
        {
            _ = s.Until('L');
            s.Send(SoupServer.Accepted());
            _ = s.Until('R');
            s.Abort();
        });
        using GlimpseClient client = new(Options(server) with { HeartbeatInterval = TimeSpan.FromMilliseconds(5) });
        _ = client.Start();
        Await(client, GlimpseState.Failed);
        Assert.That(client.Reason, Does.Contain($"{server.Address} broke the connection off after 0 messages (0 bytes) ("));
    }

    [Test]
    public void A_silent_server_is_given_up([Values] bool afterLogin)
    {
        using SoupServer server = new(s =>
        {
            _ = s.Until('L');
            s.Send(afterLogin ? SoupServer.Accepted() : []);
            s.UntilClosed();
        });
        using GlimpseClient client = new(Options(server) with { SilenceTimeout = TimeSpan.FromMilliseconds(60) });
        _ = client.Start();
        Await(client, GlimpseState.Failed);
        Assert.That(client.Reason, Does.Contain("has been silent for 0.06 s " + (afterLogin ? "after 0 messages" : "before it answered the login")));
    }

    [Test]
    public void A_server_that_only_lives_is_given_up()
    {
        using SoupServer server = new(s =>
        {
            _ = s.Until('L');
            s.Send(SoupServer.Accepted());
            while (true)
            {
                _ = s.Until('R');
                s.Send(SoupServer.Packet('H'));
            }
        });
        using GlimpseClient client = new(Options(server) with { HeartbeatInterval = TimeSpan.FromMilliseconds(5), TotalTimeout = TimeSpan.FromMilliseconds(150) });
        _ = client.Start();
        Await(client, GlimpseState.Failed);
        Assert.That(client.Reason, Does.Contain("took longer than 0.15 s, after 0 messages"));
    }

    [Test]
    public void A_refused_connection_is_said()
    {
        TcpListener closed = new(IPAddress.Loopback, 0);
        closed.Start();
        IPEndPoint address = (IPEndPoint)closed.LocalEndpoint;
        closed.Stop();
        using GlimpseClient client = new(new GlimpseOptions(address, "me", "secret"));
        _ = client.Start();
        Await(client, GlimpseState.Failed);
        Assert.That(client.Reason, Is.EqualTo($"snapshot server {address} refuses the connection: check that it runs, and its port"));
    }

    [Test]
    public void A_connection_that_is_not_answered_is_given_up()
    {
        // A listener that nobody serves answers no further connections once its queue is full.
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        IPEndPoint address = (IPEndPoint)listener.LocalEndPoint!;
        List<Socket> queue = [];
        for (int i = 0; i < 8; i++)
        {
            queue.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            _ = queue[^1].ConnectAsync(address);
        }

        using GlimpseClient client = new(new GlimpseOptions(address, "me", "secret") { ConnectTimeout = TimeSpan.FromMilliseconds(60) });
        _ = client.Start();
        Await(client, GlimpseState.Failed);
        queue.ForEach(s => s.Dispose());
        Assert.That(client.Reason, Is.EqualTo($"snapshot server {address} did not answer within 0.06 s: check its address and the network"));
    }

    [Test]
    public void It_can_be_disposed_at_any_moment([Values] GlimpseState at)
    {
        using SoupServer server = new(s =>
        {
            _ = s.Until('L');
            switch (at)
            {
                case GlimpseState.Reading:
                    s.Send(SoupServer.Accepted(), SoupServer.Packet('S', 1));
                    break;
                case GlimpseState.Ready:
                    s.Send(SoupServer.Accepted(), SoupServer.End("1"));
                    break;
                case GlimpseState.Failed:
                    s.Send(SoupServer.Packet('Z'));
                    break;
            }

            s.UntilClosed();
        });
        GlimpseClient client = new(Options(server));
        if (at != GlimpseState.Idle)
        {
            _ = client.Start();
            Await(client, at);
        }

        client.Dispose();
        client.Dispose();
        bool wasUnderWay = at is GlimpseState.Connecting or GlimpseState.Reading;
        Assert.That(client.State, Is.EqualTo(wasUnderWay ? GlimpseState.Failed : at));
        Assert.That(client.Reason.Contains("was given up, since the feed ends", StringComparison.Ordinal), Is.EqualTo(wasUnderWay));
        Assert.That((client.Reset() || at == GlimpseState.Idle, client.Start(), client.Length), Is.EqualTo((true, false, 0)));
    }

    [Test]
    public void Looking_asking_and_letting_go_allocate_nothing()
    {
        using SoupServer server = new(s =>
        {
            _ = s.Until('L');
            s.Send(SoupServer.Accepted(), SoupServer.End("1"));
            s.UntilClosed();
        });
        using GlimpseClient client = new(Options(server));
        long least = long.MaxValue;
        for (int i = 0; i < 4; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool started = client.Start();
            while (client.State is GlimpseState.Connecting or GlimpseState.Reading)
            {
                _ = client.BytesSoFar;
                Thread.Sleep(1);
            }

            bool is1 = client.IsSession("S1        "u8);
            bool reset = client.Reset();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.That((started, is1, reset), Is.EqualTo((true, true, true)));
        }

        Assert.That(least, Is.Zero);
    }

    [TestCase("sevenup", "", "", 1.0, 1L)]
    [TestCase("me", "elevenchars", "", 1.0, 1L)]
    [TestCase("me", "", "elevenchars", 1.0, 1L)]
    [TestCase("mé", "", "", 1.0, 1L)]
    [TestCase("me", "", "", 0.0, 1L)]
    [TestCase("me", "", "", 1.0, 0L)]
    public void Options_that_cannot_be_are_refused(string user, string password, string session, double seconds, long bytes)
    {
        GlimpseOptions options = new(new IPEndPoint(IPAddress.Loopback, 1), user, password)
        {
            Session = session,
            ConnectTimeout = TimeSpan.FromSeconds(seconds),
            MaxBytes = bytes,
        };
        Assert.That(() => new GlimpseClient(options).Dispose(), Throws.TypeOf<LiveFeedException>().With.Message.StartsWith("snapshot server 127.0.0.1:1: "));
    }

    [Test]
    public void A_password_is_not_printed() =>
        Assert.That($"{new GlimpseOptions(new IPEndPoint(IPAddress.Loopback, 1), "me", "secret")}", Is.EqualTo("snapshot server 127.0.0.1:1 as me"));

    private static TestCaseData Fault(string words, params byte[][] packets) => new TestCaseData(words, packets).SetArgDisplayNames(words);

    private static GlimpseOptions Options(SoupServer server) => new(server.Address, "me", "secret");

    private static byte[] Bytes(GlimpseClient client) => new ReadOnlySpan<byte>(client.Data, (int)client.Length).ToArray();

    private static void Await(GlimpseClient client, GlimpseState state)
    {
        long end = MonotonicTimer.NowNanos + Patience;
        for (GlimpseState now = client.State; now != state; now = client.State)
        {
            Assert.That(now is GlimpseState.Failed or GlimpseState.Ready, Is.False, client.Reason);
            Assert.That(MonotonicTimer.NowNanos, Is.LessThan(end), $"still {now}");
            Thread.Sleep(1);
        }
    }
}
