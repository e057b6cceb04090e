using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Engine.Feeds.Network.Live;
using static Engine.Feeds.Tests.PcapWriter;

namespace Engine.Feeds.Tests.Live;

/// <summary>The client of an XDP request server, against a scripted one on a real connection.</summary>
public class XdpRequestClientTests
{
    private const string Head = "0B01"; // delivery flag 11, one message
    private const int Half = XdpRequestClient.Capacity / 2;
    private const string Engine = "454E47494E4500000000";

    [Test]
    public void A_request_goes_out_in_the_bytes_of_the_specification()
    {
        using TcpListener listener = Listen();
        using XdpRequestClient client = Client(listener);
        using Socket server = listener.AcceptSocket();
        client.Ask(0x01020304, 3);
        byte[] first = Read(server, 40);
        client.Ask(7, 5_000);
        byte[] second = Read(server, 40);
        Assert.Multiple(() =>
        {
            Assert.That(Timeless(first), Is.EqualTo($"2800{Head}01000000" + "1800 0A00 04030201 06030201 ".Replace(" ", "") + Engine + "1103"));
            Assert.That(Timeless(second), Is.EqualTo($"2800{Head}02000000" + "1800 0A00 07000000 EE030000 ".Replace(" ", "") + Engine + "1103"), "a thousand at most");
            Assert.That((client.Faults.Count, client.Refused), Is.EqualTo((0L, 0L)));
        });
    }

    [Test]
    public void Heartbeats_are_answered_and_rejections_told_however_the_bytes_are_cut()
    {
        using TcpListener listener = Listen();
        using XdpRequestClient client = Client(listener);
        using Socket server = listener.AcceptSocket();
        server.NoDelay = true;
        byte[] bytes = [.. Packet(1), .. Packet(11, Response('0')), .. Packet(11, Response('7')), .. Packet(1)];
        foreach (byte b in bytes)
        {
            _ = server.Send([b]);
        }

        byte[] answers = Read(server, 60);
        Assert.That(Timeless(answers[..30]), Is.EqualTo($"1E00{Head}010000000E000C00{Engine}"));
        Assert.That(Timeless(answers[30..]), Is.EqualTo($"1E00{Head}020000000E000C00{Engine}"));
        Assert.That(client.Faults.Count, Is.EqualTo(1));
        Assert.That(client.Faults.Last, Is.EqualTo($"request server {listener.LocalEndpoint} rejected a request: the channel is not known"));
    }

    [TestCase(new byte[] { 3, 0 }, "no XDP packet")]
    [TestCase(new byte[0], "closed the connection")]
    public void A_server_that_breaks_the_protocol_or_leaves_is_told_and_asked_again_later(byte[] bytes, string words)
    {
        using TcpListener listener = Listen();
        using XdpRequestClient client = Client(listener);
        using (Socket server = listener.AcceptSocket())
        {
            _ = server.Send(bytes);
        }

        Wait(() => client.Faults.Count > 0);
        Assert.That(client.Faults.Last, Does.Contain(words));
        using Socket again = listener.AcceptSocket();
        client.Ask(9, 1);
        Assert.That(Timeless(Read(again, 40)), Does.StartWith($"2800{Head}01000000"), "a connection counts its packets from 1");
    }

    [Test]
    public void Without_a_server_it_tells_so_and_gives_up_what_is_asked()
    {
        using TcpListener listener = Listen();
        IPEndPoint nobody = (IPEndPoint)listener.LocalEndpoint;
        listener.Stop();
        using XdpRequestClient client = new(Server(nobody));
        Wait(() => client.Faults.Count > 0);
        Assert.That(client.Faults.Last, Does.Contain("cannot be reached"));
        client.Ask(1, 1);
        Wait(() => client.Refused == 1);
    }

    [Test]
    public void What_cannot_be_asked_for_is_refused()
    {
        using TcpListener listener = Listen();
        using XdpRequestClient client = Client(listener);
        client.Ask(5, 0);
        client.Ask(uint.MaxValue, 2);
        Assert.That(client.Refused, Is.EqualTo(2));
    }

    [TestCase("")]
    [TestCase("ELEVENCHARS")]
    [TestCase("Ä")]
    public void A_source_id_that_does_not_fit_is_refused(string source) =>
        Assert.That(() => new XdpRequestClient(Server(new IPEndPoint(IPAddress.Loopback, 9)) with { SourceId = source }), Throws.TypeOf<LiveFeedException>());

    [Test]
    public void Asking_allocates_nothing()
    {
        using TcpListener listener = Listen();
        using XdpRequestClient client = Client(listener);
        using Socket server = listener.AcceptSocket();
        client.Ask(1, 1);
        _ = Read(server, 40);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (uint i = 0; i < Half; i++)
        {
            client.Ask(i + 2, 1);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(Read(server, 40 * Half), Has.Length.EqualTo(40 * Half));
    }

    private static TcpListener Listen()
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static LiveXdpRequests Server(IPEndPoint server) => new(server, "ENGINE", 17, 3, []);

    private static XdpRequestClient Client(TcpListener listener) => new(Server((IPEndPoint)listener.LocalEndpoint));

    private static byte[] Packet(byte flag, params byte[] message) =>
        [.. Little((ulong)message.Length + 16, 2), flag, (byte)(message.Length > 0 ? 1 : 0), .. new byte[12], .. message];

    private static byte[] Response(char status) =>
        [29, 0, 11, 0, .. Little(1, 4), .. Little(5, 4), .. Little(6, 4), .. Convert.FromHexString(Engine), 17, 3, (byte)status];

    /// <summary>A packet without its send time.</summary>
    private static string Timeless(byte[] packet) => Convert.ToHexString(packet, 0, 8) + Convert.ToHexString(packet, 16, packet.Length - 16);

    private static byte[] Read(Socket socket, int count)
    {
        socket.ReceiveTimeout = 20_000;
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int read = socket.Receive(bytes.AsSpan(at));
            Assert.That(read, Is.Positive, "the client closed the connection");
            at += read;
        }

        return bytes;
    }

    private static void Wait(Func<bool> isTrue)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!isTrue())
        {
            Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)), "it never came about");
            Thread.Sleep(1);
        }
    }
}
