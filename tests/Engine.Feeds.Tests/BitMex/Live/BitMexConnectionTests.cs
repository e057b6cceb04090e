using System.Net.Sockets;
using System.Net.WebSockets;
using Engine.Core.Time;
using Engine.Feeds.BitMex;
using Engine.Feeds.BitMex.Live;
using Engine.Simulator.Live.BitMex;

namespace Engine.Feeds.Tests.BitMex.Live;

public class BitMexConnectionTests
{
    [TestCase(0)]
    [TestCase(100)]
    public void Partials_and_changes_come_in_order(int frameBytes)
    {
        using LiveSession session = LiveSession.Start(new BitMexServerOptions { FrameBytes = frameBytes });
        session.UntilPartials();
        session.Server.Step(2_000);
        session.UntilQuiet();

        Assert.That(session.Lines[0].Kind, Is.EqualTo(BitMexLineKind.Opened));
        Assert.That(session.Lines.First(line => line.Kind == BitMexLineKind.Received).Text, Does.StartWith("{\"info\""));
        Assert.That(session.Lines.Count(line => line.Text.StartsWith("{\"success\":true", StringComparison.Ordinal)), Is.EqualTo(12));
        Assert.That(session.Lines.Select(line => line.HasGoodTime), Is.All.True);
        Assert.That(session.Lines.Select(line => line.Time), Is.All.GreaterThan(1_600_000_000_000_000_000));
        foreach (BitMexSymbol symbol in BitMexSymbol.Usual)
        {
            Assert.That(NaiveBook.Of(session.Lines, symbol.Name, true), Is.EqualTo(session.Server.Book(symbol.Name, true)));
            Assert.That(NaiveBook.Of(session.Lines, symbol.Name, false), Is.EqualTo(session.Server.Book(symbol.Name, false)));
        }

        Assert.That(session.Counters.JoinedMessages > 1_000, Is.EqualTo(frameBytes > 0));
        Assert.That(session.Counters.Messages, Is.EqualTo(session.Kinds.Count(kind => kind == BitMexLineKind.Received)));
        Assert.That(session.Kinds.Count(kind => kind == BitMexLineKind.Sent), Is.EqualTo(session.Counters.Requests));
    }

    [Test]
    public void A_message_cut_in_the_middle_closes_and_everything_comes_again()
    {
        using LiveSession session = LiveSession.Start();
        session.UntilPartials();
        session.Server.CutNextMessage();
        session.Server.Step(20);
        session.UntilPartials(2);
        session.Server.Step(200);
        session.Until(() => session.Lines[^1].Kind == BitMexLineKind.Received && Agrees(session), "the server's book");

        KeptLine closed = session.Lines.Single(line => line.Kind == BitMexLineKind.Closed);
        Assert.That(closed.Text, Does.StartWith("lost"));
        Assert.That(session.Lines.Skip(session.Lines.IndexOf(closed) + 1).First().Kind, Is.EqualTo(BitMexLineKind.Opened));
        Assert.That((session.Counters.Opened, session.Server.Counts.CutMessages), Is.EqualTo((2, 1)));
    }

    [Test]
    public void Refusals_are_told_until_the_server_accepts()
    {
        using BitMexServer server = new(new BitMexServerOptions(), new WallClock());
        server.Start();
        server.Refuse(503);
        using LiveSession session = LiveSession.Follow(server);
        session.Until(() => session.Lines.Count >= 3, "three refusals");
        server.Accept();
        session.UntilPartials();

        Assert.That(session.Kinds.TakeWhile(kind => kind != BitMexLineKind.Opened), Is.All.EqualTo(BitMexLineKind.Refused));
        Assert.That(session.Lines[0].Text, Is.EqualTo("503 Service Unavailable"));
        Assert.That(session.Kinds, Does.Not.Contain(BitMexLineKind.Closed));
        Assert.That(session.Counters.Refused, Is.EqualTo(session.Kinds.Count(kind => kind == BitMexLineKind.Refused)));
    }

    [Test]
    public void A_refusal_may_say_when_to_come_back()
    {
        using BitMexServer server = new(new BitMexServerOptions(), new WallClock());
        server.Start();
        server.Refuse(429, retryAfterSeconds: 3_600);
        using LiveSession session = LiveSession.Follow(server, options => options with { LongestWait = TimeSpan.FromMilliseconds(300) });
        session.Until(() => session.Lines.Count >= 2, "two refusals");
        Assert.That(session.Lines.Select(line => line.Text), Is.All.EqualTo("429 Too Many Requests"));
        Assert.That(session.Lines[1].Time - session.Lines[0].Time, Is.GreaterThan(250_000_000));
    }

    [Test]
    public void Silence_is_pinged_and_without_an_answer_closed()
    {
        using LiveSession session = LiveSession.Start(change: options => options with
        {
            SilenceBeforePing = TimeSpan.FromMilliseconds(100), PongWithin = TimeSpan.FromMilliseconds(400),
        });
        session.UntilPartials();
        session.Until(() => session.Counters.Pongs >= 2, "two pongs");
        Assert.That(session.Kinds, Does.Not.Contain(BitMexLineKind.Closed));
        Assert.That(session.Lines.Select(line => line.Text), Does.Not.Contain("pong"));

        session.Server.Stall(true);
        session.Until(() => session.Kinds.Contains(BitMexLineKind.Closed), "the end of the silent connection");
        session.Server.Stall(false);
        session.UntilPartials(2);
        Assert.That(session.Lines.First(line => line.Kind == BitMexLineKind.Closed).Text, Is.EqualTo("silent, and no answer to a ping within 0.4 s"));
    }

    [Test]
    public void A_server_that_stops_and_starts_is_found_again()
    {
        using LiveSession session = LiveSession.Start();
        session.UntilPartials();
        session.Server.Stop();
        session.Until(() => session.Kinds.Count(kind => kind == BitMexLineKind.Closed) >= 3, "failed attempts");
        session.Server.Step(100);
        session.Server.Start();
        session.UntilPartials(2);
        session.Server.Step(100);
        session.Until(() => Agrees(session), "the server's book");
        Assert.That(session.Lines.Count(line => line.Text.StartsWith("no connection: ", StringComparison.Ordinal)), Is.GreaterThanOrEqualTo(2));
    }

    [Test]
    public void The_servers_goodbye_is_told()
    {
        using LiveSession session = LiveSession.Start();
        session.UntilPartials();
        session.Server.CloseClients(WebSocketCloseStatus.EndpointUnavailable, "going down");
        session.UntilPartials(2);
        Assert.That(
            session.Lines.Single(line => line.Kind == BitMexLineKind.Closed).Text, Is.EqualTo("the server closed: 1001 Endpoint Unavailable: going down"));
    }

    [Test]
    public void A_book_is_asked_for_again()
    {
        using LiveSession session = LiveSession.Start();
        session.UntilPartials();
        session.Server.LoseInsert("ETHUSD");
        Assert.That(session.Connection.RequestResubscribe("ETHUSD"u8), Is.True);
        Assert.That(session.Connection.RequestResubscribe("ETHUSX"u8), Is.False);
        session.Until(() => session.Lines.Count(line => line.Is("orderBookL2", "partial")) == 4, "the fourth partial of a book");
        session.UntilQuiet();

        string[] sent = [.. session.Lines.Where(line => line.Kind == BitMexLineKind.Sent).Select(line => line.Text).TakeLast(2)];
        Assert.That(sent, Is.EqualTo(new[]
        {
            "{\"op\":\"unsubscribe\",\"args\":[\"orderBookL2:ETHUSD\"]}", "{\"op\":\"subscribe\",\"args\":[\"orderBookL2:ETHUSD\"]}",
        }));
        Assert.That(Agrees(session), Is.True);
        Assert.That((session.Counters.Resubscriptions, session.Connection.UnknownResubscriptions, session.Counters.Opened), Is.EqualTo((1, 1, 1)));
    }

    [Test]
    public void A_full_ring_holds_the_server_back_and_loses_nothing()
    {
        using LiveSession session = LiveSession.Start(change: options => options with { RingBytes = 1 << 14, MessageBytesMax = 8_000 });
        session.UntilPartials();
        session.Server.Step(3_000);
        LiveSession.Await(() => session.Counters.RoomWaits > 0, "a full ring");
        session.UntilQuiet();
        Assert.That(Agrees(session), Is.True);
        Assert.That(session.Counters.Opened, Is.EqualTo(1));
    }

    [Test]
    public void An_overlong_message_ends_its_connection()
    {
        using LiveSession session = LiveSession.Start(change: options => options with { MessageBytesMax = 3_000 });
        session.Until(() => session.Kinds.Count(kind => kind == BitMexLineKind.Closed) >= 2, "two closed connections");
        Assert.That(session.Lines.Where(line => line.Kind == BitMexLineKind.Closed).Select(line => line.Text),
            Is.All.EqualTo("a message of more than 3000 bytes"));
        Assert.That(session.Counters.OverlongMessages, Is.GreaterThanOrEqualTo(2));
    }

    [Test]
    public void Stopping_says_goodbye_and_ends_the_lines()
    {
        using LiveSession session = LiveSession.Start();
        session.UntilPartials();
        session.Connection.Stop();
        session.Until(() => session.Next() == BitMexNext.End, "the end");
        Assert.That(session.Kinds, Does.Not.Contain(BitMexLineKind.Closed), "an end that was asked for leaves the books as they are");
        Assert.That(session.Connection.Fault, Is.Null);
        LiveSession.Await(() => session.Server.ClientCount == 0, "the client's leaving");
    }

    [Test]
    public void Attempts_end_at_their_bound()
    {
        using BitMexServer server = new(new BitMexServerOptions(), new WallClock());
        server.Start();
        server.Stop();
        using LiveSession session = LiveSession.Follow(server, options => options with { AttemptsMax = 4 });
        session.Until(() => session.Next() == BitMexNext.End, "the end");
        Assert.That(session.Kinds, Is.EqualTo(Enumerable.Repeat(BitMexLineKind.Closed, 4)));
        Assert.That(session.Connection.Fault?.Sentence, Does.Contain("4 attempts in a row"));
    }

    [Test]
    public void A_server_that_accepts_and_says_nothing_is_given_up()
    {
        using TcpListener deaf = new(System.Net.IPAddress.Loopback, 0);
        deaf.Start();
        Uri address = new($"ws://{deaf.LocalEndpoint}/realtime");
        using BitMexServer unused = new(new BitMexServerOptions(), new WallClock());
        using LiveSession session = LiveSession.Follow(unused, options => options with
        {
            WebSocket = address, ConnectWithin = TimeSpan.FromMilliseconds(100),
        });
        session.Until(() => session.Lines.Count >= 2, "two attempts");
        Assert.That(session.Lines.Select(line => line.Text), Is.All.EqualTo("no connection within 0.1 s"));
    }

    [Test]
    public void The_rest_address_tells_whether_the_venue_answers()
    {
        using LiveSession session = LiveSession.Start(change: options => options with
        {
            Rest = new Uri(options.WebSocket.AbsoluteUri.Replace("ws://", "http://", StringComparison.Ordinal)
                .Replace("/realtime", "/api/v1/instrument/active", StringComparison.Ordinal)),
            PollEvery = TimeSpan.FromMilliseconds(5),
        });
        session.Until(() => session.Counters.Polls >= 3, "three polls");
        Assert.That(session.Counters.PollsRefused + session.Counters.PollsFailed, Is.Zero);
        session.Server.Refuse(503);
        session.Until(() => session.Kinds.Count(kind => kind == BitMexLineKind.Refused) >= 2, "two refusals");
        session.Server.Accept();
        long polls = session.Counters.Polls;
        session.Until(() => session.Counters.Polls > polls + 3, "further polls");

        Assert.That(session.Lines.First(line => line.Kind == BitMexLineKind.Refused).Text,
            Does.Match(@"^503 Service Unavailable \(/api/v1/instrument/active, for 0\.\d{3} s\)$"));
        Assert.That(session.Counters.UnavailableNanos, Is.GreaterThan(0));
        Assert.That(session.Kinds, Does.Not.Contain(BitMexLineKind.Closed));
    }

    [Test]
    public void Reading_many_lines_allocates_nothing()
    {
        using LiveSession session = LiveSession.Start();
        session.UntilPartials();
        long lines = 0;
        long least = long.MaxValue;
        for (int run = 0; run < 4 && least != 0; run++)
        {
            long messages = session.Server.Counts.Messages;
            session.Server.Step(3_000);
            long count = session.Server.Counts.Messages - messages;
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (lines = 0; lines < count;)
            {
                lines += session.Connection.Next() == BitMexNext.Line ? 1 : 0;
                _ = session.Connection.RequestResubscribe("NONE"u8);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least, Is.Zero);
        Assert.That(lines, Is.GreaterThan(3_000));
    }

    /// <summary>Whether the books made of the lines equal the server's.</summary>
    private static bool Agrees(LiveSession session) => BitMexSymbol.Usual.All(symbol =>
        NaiveBook.Of(session.Lines, symbol.Name, true).SequenceEqual(session.Server.Book(symbol.Name, true))
        && NaiveBook.Of(session.Lines, symbol.Name, false).SequenceEqual(session.Server.Book(symbol.Name, false)));
}
