using System.Net;
using Engine.Simulator.Live;

namespace Engine.Simulator.Tests.Live;

public class SoupBinTests
{
    [Test]
    public void The_right_login_is_accepted_and_wrong_ones_are_rejected()
    {
        using SoupBinTcpServer server = Serve(new SoupBinOptions());
        Assert.That(LogIn(server, c => c.LogIn()), Is.EqualTo(('A', "SESSION001                   1")));
        Assert.That(LogIn(server, c => c.LogIn("ENGINE", "Engine", "SESSION001", "0")).Type, Is.EqualTo('A'));
        Assert.That(LogIn(server, c => c.LogIn(tail: "01000")).Type, Is.EqualTo('A'), "version 4.0's request");
        Assert.That(LogIn(server, c => c.LogIn("nobody")), Is.EqualTo(('J', "A")));
        Assert.That(LogIn(server, c => c.LogIn(password: "wrong")), Is.EqualTo(('J', "A")));
        Assert.That(LogIn(server, c => c.LogIn(session: "SESSION002")), Is.EqualTo(('J', "S")));
        WaitFor(() => server.Counts is { Accepted: 3, Rejected: 3, Connections: 6 }, "every login counted");
    }

    [TestCase('L', "too short")]
    [TestCase('R', "")]
    [TestCase('S', "a client sends no sequenced data")]
    [TestCase('L', "engineengine              not a number at all   ")]
    public void What_is_no_login_ends_the_connection(char type, string payload)
    {
        using SoupBinTcpServer server = Serve(new SoupBinOptions());
        Assert.That(LogIn(server, c => c.Send(type, payload)).Type, Is.EqualTo('!'));
        WaitFor(() => server.Counts.Malformed == 1, "it is counted");
    }

    [Test]
    public void A_length_that_no_packet_has_ends_the_connection()
    {
        using SoupBinTcpServer server = Serve(new SoupBinOptions());
        Assert.That(LogIn(server, c => c.Raw([0, 0, 0, 0])).Type, Is.EqualTo('!'));
        Assert.That(LogIn(server, c => c.Raw([0xFF, 0xFF, (byte)'L'])).Type, Is.EqualTo('!'));
        WaitFor(() => server.Counts.Malformed == 2, "both are counted");
    }

    [Test]
    public void Messages_come_from_the_wanted_sequence_then_the_end_and_a_logout_closes()
    {
        using SoupBinTcpServer server = Serve(new SoupBinOptions { Debug = "hello" });
        using var client = new NaiveSoupClient(server.Endpoint);
        client.Send('+', "a client may chat");
        client.LogIn(sequence: "2");
        Assert.That(client.ReadText().Type, Is.EqualTo('A'));
        Assert.That(client.ReadText(), Is.EqualTo(('+', "hello")));
        Assert.That(client.ReadText(), Is.EqualTo(('S', "two")));
        Assert.That(client.ReadText(), Is.EqualTo(('S', "three")));
        Assert.That(client.ReadText(), Is.EqualTo(('Z', "")));
        client.Send('R', "");
        client.Send('O', "");
        Assert.That(client.ReadText().Type, Is.EqualTo('!'));
        WaitFor(() => server.Counts is { Logouts: 1, Messages: 2 }, "the logout is counted");
    }

    [Test]
    public void An_idle_server_sends_heartbeats_and_drops_a_client_that_sends_none()
    {
        var options = new SoupBinOptions { Heartbeat = TimeSpan.FromMilliseconds(20), Timeout = TimeSpan.FromMilliseconds(400) };
        using SoupBinTcpServer server = Serve(options);
        using var client = new NaiveSoupClient(server.Endpoint);
        client.LogIn();
        int heartbeats = 0;
        char type;
        while ((type = client.Read().Type) != '!')
        {
            heartbeats += type == 'H' ? 1 : 0;
        }

        Assert.That(heartbeats, Is.GreaterThanOrEqualTo(1));
        WaitFor(() => server.Counts.Timeouts == 1, "the time-out is counted");
    }

    [Test]
    public void A_client_that_sends_heartbeats_is_kept_beyond_the_time_out()
    {
        var options = new SoupBinOptions { Heartbeat = TimeSpan.FromMilliseconds(40), Timeout = TimeSpan.FromSeconds(2) };
        using SoupBinTcpServer server = Serve(options);
        using var client = new NaiveSoupClient(server.Endpoint);
        client.LogIn();
        int heartbeats = 0;
        while (heartbeats < 55)
        {
            (char type, _) = client.Read();
            Assert.That(type, Is.Not.EqualTo('!'), $"cut off after {heartbeats} heartbeats");
            if (type == 'H')
            {
                heartbeats++;
                client.Send('R', "");
            }
        }

        Assert.That(server.Counts.Timeouts, Is.Zero);
    }

    [Test]
    public void It_pauses_and_cuts_as_told()
    {
        var pause = new SoupBinOptions { Heartbeat = TimeSpan.FromMilliseconds(10), PauseBeforeLast = TimeSpan.FromMilliseconds(200) };
        using (SoupBinTcpServer server = Serve(pause))
        {
            using var client = new NaiveSoupClient(server.Endpoint);
            client.LogIn();
            string types = "";
            while (!types.EndsWith('Z'))
            {
                types += client.Read().Type;
            }

            Assert.That(types, Does.Match("^ASSH+SH*Z$"));
        }

        using SoupBinTcpServer cutting = Serve(new SoupBinOptions { CutAfter = 2 });
        using var cut = new NaiveSoupClient(cutting.Endpoint);
        cut.LogIn();
        Assert.That(string.Concat(Enumerable.Range(0, 4).Select(_ => cut.ReadText().Type)), Is.EqualTo("ASS!"));
        WaitFor(() => cutting.Counts is { Cut: 1, Messages: 2 }, "the cut is counted");
    }

    [Test]
    public void Too_many_connections_are_refused()
    {
        using SoupBinTcpServer server = Serve(new SoupBinOptions());
        NaiveSoupClient[] clients = [.. Enumerable.Range(0, SoupBinTcpServer.ConnectionLimit).Select(_ => new NaiveSoupClient(server.Endpoint))];
        try
        {
            WaitFor(() => server.Counts.Connections == SoupBinTcpServer.ConnectionLimit, "all are taken");
            Assert.That(LogIn(server, _ => { }).Type, Is.EqualTo('!'));
            Assert.That(server.Counts.Refused, Is.EqualTo(1));
        }
        finally
        {
            Array.ForEach(clients, c => c.Dispose());
        }
    }

    private static (char Type, string Text) LogIn(SoupBinTcpServer server, Action<NaiveSoupClient> act)
    {
        using var client = new NaiveSoupClient(server.Endpoint);
        act(client);
        return client.ReadText();
    }

    private static SoupBinTcpServer Serve(SoupBinOptions options) =>
        new(new IPEndPoint(IPAddress.Loopback, 0), options, new ThreeMessages());

    private static void WaitFor(Func<bool> condition, string what)
    {
        long end = Environment.TickCount64 + (long)Venues.Deadline.TotalMilliseconds;
        while (!condition())
        {
            Assert.That(Environment.TickCount64, Is.LessThan(end), what);
            Thread.Sleep(1);
        }
    }

    private sealed class ThreeMessages : ISoupBinService
    {
        public SoupBinContent Open() => new("SESSION001", ["one"u8.ToArray(), "two"u8.ToArray(), "three"u8.ToArray()]);
    }
}
