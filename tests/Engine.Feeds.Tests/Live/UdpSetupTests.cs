using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Feeds.Network.Live;

namespace Engine.Feeds.Tests.Live;

[TestFixture]
internal sealed class UdpSetupTests
{
    [TestCase("A", "239.1.1.1", 26_400, "nic9", null, "line A (239.1.1.1:26400): this host has no interface nic9; it has ")]
    [TestCase("A", "239.1.1.1", 26_400, "10.99.98.97", null, "this host has no interface 10.99.98.97; it has ")]
    [TestCase("A", "203.0.113.7", 26_400, null, null, "203.0.113.7 is not an address of this host")]
    [TestCase("A", "::1", 26_400, null, null, "::1 is not an IPv4 address")]
    [TestCase("A", "239.1.1.1", 26_400, null, "::1", "::1 is not an IPv4 address")]
    [TestCase("A", "239.1.1.1", 0, "lo", null, "0 is not a port: give 1 to 65535")]
    [TestCase("A", "239.1.1.1", 65_536, "lo", null, "65536 is not a port")]
    [TestCase("A", "127.0.0.1", -1, null, null, "-1 is not a port")]
    [TestCase("A", "127.0.0.1", 0, null, "127.0.0.1", "only a multicast group is joined for one source")]
    [TestCase(" ", "127.0.0.1", 0, null, null, "give every line a name of its own")]
    public void A_line_that_cannot_be_is_refused(string name, string address, int port, string? on, string? source, string words) =>
        Assert.That(Refused([new UdpLine(name, IPAddress.Parse(address), port, on, source is null ? null : IPAddress.Parse(source))]), Does.Contain(words));

    [Test]
    public void An_address_in_use_is_refused()
    {
        using Socket holder = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)holder.LocalEndPoint!).Port;
        Assert.That(Refused([new UdpLine("A", IPAddress.Loopback, port)]), Does.Contain($"line A (127.0.0.1:{port}): cannot bind: another program holds"));
    }

    [Test]
    public void Names_come_once_and_lines_are_limited()
    {
        UdpLine line = new("A", IPAddress.Loopback, 0);
        Assert.Multiple(() =>
        {
            Assert.That(Refused([line, line]), Does.Contain("give every line a name of its own"));
            Assert.That(Refused([]), Does.Contain("there is no line"));
            Assert.That(
                Refused([.. Enumerable.Range(0, UdpReceiver.MaxLines + 1).Select(i => line with { Name = $"L{i}" })], new UdpOptions { BatchSize = 1 }),
                Does.Contain("line L64 (127.0.0.1:0) is one line too many"));
        });
    }

    [TestCase(0, 64, 2_048, 0, "the receive buffer of live lines is 0")]
    [TestCase(1, 0, 2_048, 0, "the batch of live lines is 0: give 1 to 1,024")]
    [TestCase(1, 1_025, 2_048, 0, "the batch")]
    [TestCase(1, 64, 65_537, 0, "the slot")]
    [TestCase(1, 64, 2_048, -1, "the busy poll")]
    public void Options_outside_their_range_are_refused(int buffer, int batch, int slot, int busy, string words) =>
        Assert.That(
            Refused([new UdpLine("A", IPAddress.Loopback, 0)], new UdpOptions { ReceiveBufferBytes = buffer, BatchSize = batch, SlotBytes = slot, BusyPollMicros = busy }),
            Does.Contain(words));

    [Test]
    public void A_refused_receiver_closes_the_lines_before()
    {
        int port = UdpPublisher.FreePort();
        _ = Refused([new UdpLine("A", IPAddress.Loopback, port), new UdpLine("B", IPAddress.Loopback, 0, "nic9")]);
        using Socket exclusive = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        exclusive.Bind(new IPEndPoint(IPAddress.Loopback, port));
        Assert.That(((IPEndPoint)exclusive.LocalEndPoint!).Port, Is.EqualTo(port));
    }

    [Test]
    public void Structures_lie_as_the_kernel_has_them() => Assert.Multiple(() =>
    {
        Assert.That(Unsafe.SizeOf<SocketCalls.SocketAddress>(), Is.EqualTo(16));
        Assert.That(Unsafe.SizeOf<SocketCalls.GroupRequest>(), Is.EqualTo(12));
        Assert.That(Unsafe.SizeOf<SocketCalls.SourceGroupRequest>(), Is.EqualTo(264));
        Assert.That(Unsafe.SizeOf<SocketCalls.MessageHead>(), Is.EqualTo(64));
        Assert.That(Offset<SocketCalls.MessageHead>("Pieces"), Is.EqualTo(16));
        Assert.That(Offset<SocketCalls.MessageHead>("Control"), Is.EqualTo(32));
        Assert.That(Offset<SocketCalls.MessageHead>("Flags"), Is.EqualTo(48));
        Assert.That(Offset<SocketCalls.MessageHead>("Length"), Is.EqualTo(56));
        Assert.That(Unsafe.SizeOf<SocketCalls.ControlHead>(), Is.EqualTo(16));
        Assert.That(Unsafe.SizeOf<SocketCalls.PollEntry>(), Is.EqualTo(8));
        Assert.That(Unsafe.SizeOf<SocketCalls.TimeSpecification>(), Is.EqualTo(16));
    });

    private static int Offset<T>(string field) => (int)Marshal.OffsetOf<T>(field);

    private static string Refused(UdpLine[] lines, UdpOptions? options = null)
    {
        LiveFeedException refused = Assert.Throws<LiveFeedException>(() => new UdpReceiver(lines, options ?? new UdpOptions()).Dispose())!;
        Assert.That((refused.ExitCode, refused.Message.Contains('\n')), Is.EqualTo((2, false)));
        return refused.Message;
    }
}
