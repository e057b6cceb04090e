using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Engine.Simulator.Live;

namespace Engine.Simulator.Tests.Live;

public class RerequestTests
{
    private const string Session = "2026010501";

    [Test]
    public void It_brings_back_exactly_what_was_asked_for()
    {
        SimulatedVenueOptions options = Venues.Small(11) with { MessagesPerSecond = 1_000_000 };
        List<byte[]> expected = Venues.Messages(options);
        using SimulatedVenue venue = Venues.Open(options);
        Venues.Finish(venue);
        using Socket client = Client(venue);
        var random = new Engine.Core.Numerics.SeededRandom(11);
        for (int i = 0; i < 200; i++)
        {
            int first = 1 + random.Next(expected.Count);
            int count = 1 + random.Next(20);
            HeardPacket reply = Ask(client, Request(Session, (ulong)first, (ushort)count));
            int due = Math.Min(count, expected.Count - first + 1);
            Assert.That((reply.Session, reply.Sequence, reply.Messages.Count), Is.EqualTo((Session, (ulong)first, due)));
            Assert.That(reply.Messages, Is.EqualTo(expected.GetRange(first - 1, due)));
        }

        Assert.That(venue.Summary().Requests, Has.Property("Replies").EqualTo(200).And.Property("Requests").EqualTo(200));
    }

    [Test]
    public void A_reply_is_one_packet_as_full_as_it_can_be()
    {
        SimulatedVenueOptions options = Venues.Small(12) with { MessagesPerSecond = 1_000_000 };
        List<byte[]> expected = Venues.Messages(options);
        using SimulatedVenue venue = Venues.Open(options);
        Venues.Finish(venue);
        using Socket client = Client(venue);
        ulong next = 1;
        while (next <= (ulong)expected.Count)
        {
            HeardPacket reply = Ask(client, Request(Session, next, ushort.MaxValue));
            Assert.That(reply.Sequence, Is.EqualTo(next));
            Assert.That(reply.Messages, Is.EqualTo(expected.GetRange((int)next - 1, reply.Messages.Count)));
            int length = 20 + reply.Messages.Sum(m => 2 + m.Length);
            next += (ulong)reply.Messages.Count;
            Assert.That(next > (ulong)expected.Count || length + 2 + expected[(int)next - 1].Length > 1_400, $"room was left before {next}");
        }
    }

    [Test]
    public void What_is_not_published_or_makes_no_sense_gets_no_answer()
    {
        SimulatedVenueOptions options = Venues.Small(13) with { MessagesPerSecond = 1_000_000 };
        using SimulatedVenue venue = Venues.Open(options);
        venue.HoldAfter = 3_000;
        Assert.That(venue.WaitForPublished(3_000, Venues.Deadline));
        ulong published = venue.Publication.NextSequence - 1;
        using Socket client = Client(venue);
        client.Send(Request(Session, published + 1, 1));
        client.Send(Request(Session, 0, 1));
        client.Send(Request(Session, ulong.MaxValue, ushort.MaxValue));
        client.Send(Request("2026010502", 1, 1));
        client.Send(Request(Session, 1, 0));
        client.Send(Request(Session, 1, 1).AsSpan(0, 19));
        client.Send(Array.Empty<byte>());
        client.Send(new byte[1_500]);

        // Only this one is answered, so the first answer is its own.
        HeardPacket reply = Ask(client, Request(Session, published - 1, 100));
        Assert.That((reply.Sequence, reply.Messages.Count), Is.EqualTo((published - 1, 2)));
        RerequestCounts counts = venue.Summary().Requests;
        Assert.That((counts.Requests, counts.Beyond, counts.OtherSession, counts.Malformed), Is.EqualTo((9L, 3L, 1L, 4L)));
    }

    [Test]
    public void Requests_and_replies_are_lost_as_told()
    {
        SimulatedVenueOptions options = Venues.Small(14) with { MessagesPerSecond = 1_000_000, RequestLoss = 0.3, ReplyLoss = 0.3 };
        using SimulatedVenue venue = Venues.Open(options);
        Venues.Finish(venue);
        using Socket client = Client(venue);
        const int asked = 200;
        for (int i = 0; i < asked; i++)
        {
            client.Send(Request(Session, (ulong)(1 + i), 1));
        }

        long end = Environment.TickCount64 + (long)Venues.Deadline.TotalMilliseconds;
        while (venue.Summary().Requests.Requests < asked && Environment.TickCount64 < end)
        {
            Thread.Sleep(1);
        }

        RerequestCounts counts = venue.Summary().Requests;
        int heard = 0;
        byte[] buffer = new byte[2_048];
        while (heard < counts.Replies && client.Receive(buffer) > 0)
        {
            heard++;
        }

        Assert.That(counts.Requests, Is.EqualTo(asked));
        Assert.That(counts.LostRequests, Is.InRange(30, 90));
        Assert.That(counts.LostReplies, Is.InRange(15, 75));
        Assert.That(counts.Replies, Is.EqualTo(asked - counts.LostRequests - counts.LostReplies));
        Assert.That(client.Available, Is.Zero, "no more than that came");
    }

    [Test]
    public void It_can_be_stopped_and_started_again_at_the_same_place()
    {
        SimulatedVenueOptions options = Venues.Small(15) with { MessagesPerSecond = 1_000_000 };
        List<byte[]> expected = Venues.Messages(options);
        using SimulatedVenue venue = Venues.Open(options);
        Venues.Finish(venue);
        IPEndPoint before = venue.Endpoints.Request;
        venue.StopRequestServer();
        using Socket client = Client(venue);
        client.Send(Request(Session, 1, 1));
        venue.StartRequestServer();
        Assert.That(venue.Endpoints.Request, Is.EqualTo(before));
        using Socket again = Client(venue);
        HeardPacket reply = Ask(again, Request(Session, 42, 3));
        Assert.That(reply.Messages, Is.EqualTo(expected.GetRange(41, 3)));
        Assert.That(venue.Summary().Requests.Replies, Is.EqualTo(1), "what was asked of nobody is answered by nobody");
    }

    internal static Socket Client(SimulatedVenue venue)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveTimeout = (int)Venues.Deadline.TotalMilliseconds, ReceiveBufferSize = 1 << 20,
        };
        socket.Connect(venue.Endpoints.Request);
        return socket;
    }

    internal static byte[] Request(string session, ulong first, ushort count)
    {
        byte[] request = new byte[20];
        Encoding.ASCII.GetBytes(session, request);
        BinaryPrimitives.WriteUInt64BigEndian(request.AsSpan(10), first);
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(18), count);
        return request;
    }

    internal static HeardPacket Ask(Socket client, byte[] request)
    {
        client.Send(request);
        byte[] buffer = new byte[2_048];
        return HeardPacket.Parse(buffer.AsSpan(0, client.Receive(buffer)));
    }
}
