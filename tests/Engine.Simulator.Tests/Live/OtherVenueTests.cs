using System.Net;
using System.Net.Sockets;
using Engine.Core.Events;
using Engine.Simulator.Live;

namespace Engine.Simulator.Tests.Live;

public class OtherVenueTests
{
    [TestCase(Venue.Xdp, 16)]
    [TestCase(Venue.IexDeep, 40)]
    public void The_days_packets_come_over_the_socket_with_heartbeats_around_them(Venue kind, int headLength)
    {
        SimulatedVenueOptions options = Venues.Small(41);
        options = options with { Day = options.Day with { Venue = kind }, MessagesPerSecond = 10_000 };
        var expected = new MessageList();
        Simulation.Run(options.Day, [expected]);
        byte[][] packets = [.. expected.Messages.Select(m => m.Body).Where(b => b.Length > headLength)];
        using SimulatedVenue venue = Venues.Open(options);
        using var line = new RawListener(venue.Endpoints.Lines[0]);
        byte[] early = line.WaitFor(all => all.FirstOrDefault(), "a heartbeat before the first packet");
        AssertHeartbeat(kind, early, packets[0], null);
        venue.HoldAfter = 3_000;
        byte[] between = line.WaitFor(
            all => all.Any(p => p.Length > headLength) && all[^1].Length == headLength ? all[^1] : null, "a heartbeat in the middle");
        byte[] before = line.All.Last(p => p.Length > headLength);
        AssertHeartbeat(kind, between, packets[Array.FindIndex(packets, p => p.AsSpan().SequenceEqual(before)) + 1], before);
        Venues.Finish(venue);
        byte[][] heard = line.WaitFor(
            all => all.Count(p => p.Length > headLength) is var n && n == packets.Length ? all.Where(p => p.Length > headLength).ToArray() : null,
            "every packet");
        Assert.That(heard, Is.EqualTo(packets));
        Assert.That(venue.Summary().Lines[0].Counts.Datagrams, Is.EqualTo(packets.Length));
    }

    [Test]
    public void A_day_of_two_channels_is_refused()
    {
        SimulatedVenueOptions options = Venues.Small(42);
        options = options with { Day = options.Day with { Venue = Venue.Xdp, Channels = 2 } };
        Assert.That(options.Problem(), Does.Contain("2 channels"));
    }

    // A heartbeat between two packets is the next one's head without what tells of its content.
    private static void AssertHeartbeat(Venue kind, byte[] heartbeat, byte[] next, byte[]? before)
    {
        byte[] expected = next[..heartbeat.Length];
        if (kind == Venue.Xdp)
        {
            (expected[0], expected[1], expected[2], expected[3]) = (16, 0, 1, 0);
            (before ?? next).AsSpan(8, 8).CopyTo(expected.AsSpan(8)); // the time is that of the packet before
        }
        else
        {
            expected.AsSpan(12, 4).Clear();
            (before ?? next).AsSpan(32, 8).CopyTo(expected.AsSpan(32));
        }

        Assert.That(Convert.ToHexString(heartbeat), Is.EqualTo(Convert.ToHexString(expected)));
    }

    private sealed class RawListener : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 100 };
        private readonly List<byte[]> _all = [];

        public RawListener(LineEndpoint line)
        {
            _socket.ReceiveBufferSize = 4 << 20;
            _socket.Bind(new IPEndPoint(line.Group, line.Port));
            _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(line.Group, line.Interface));
        }

        public IReadOnlyList<byte[]> All => _all;

        // Receives on the test's own thread until there is what is wanted.
        public T WaitFor<T>(Func<List<byte[]>, T?> take, string what)
            where T : class
        {
            long end = Environment.TickCount64 + (long)Venues.Deadline.TotalMilliseconds;
            byte[] buffer = new byte[2_048];
            T? result;
            while ((result = take(_all)) is null)
            {
                Assert.That(Environment.TickCount64, Is.LessThan(end), $"never heard {what} in {_all.Count} packets");
                int length = _socket.Receive(buffer, SocketFlags.None, out SocketError error);
                if (error == SocketError.Success)
                {
                    _all.Add(buffer[..length]);
                }
            }

            return result;
        }

        public void Dispose() => _socket.Dispose();
    }
}
