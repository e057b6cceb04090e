using System.Buffers.Binary;
using System.Text;

namespace Engine.Simulator.Tests;

/// <summary>A packet as the naive reader sees it.</summary>
internal sealed record NaivePacket(long ReceiveUnixNanos, uint Group, string Session, ulong Sequence, ushort Count, List<byte[]> Messages);

/// <summary>A UDP payload as the naive reader sees it.</summary>
internal sealed record NaiveDatagram(long ReceiveUnixNanos, uint Group, ushort Port, byte[] Payload);

/// <summary>
/// Reads a capture the slow and obvious way, checking every header on the way. Written from the formats' descriptions and not
/// from the writers.
/// </summary>
internal static class NaiveCapture
{
    /// <summary>The MoldUDP64 packets of a capture.</summary>
    public static List<NaivePacket> Read(byte[] file) => [.. Datagrams(file).Select(ReadMold)];

    /// <summary>The payloads of a capture, of any venue.</summary>
    public static List<NaiveDatagram> Datagrams(byte[] file)
    {
        Assert.That(Convert.ToHexString(file, 0, 24), Is.EqualTo("4D3CB2A1020004000000000000000000FFFF000001000000"));
        var packets = new List<NaiveDatagram>();
        int at = 24;
        while (at < file.Length)
        {
            long seconds = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));
            long nanos = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 4));
            int captured = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 8));
            Require(nanos < 1_000_000_000 && captured == BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 12)), "record head");
            packets.Add(ReadFrame((seconds * 1_000_000_000) + nanos, file.AsSpan(at + 16, captured)));
            at += 16 + captured;
        }

        return packets;
    }

    private static NaiveDatagram ReadFrame(long receiveNanos, ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> ip = frame[14..];
        Require(BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) == 0x0800 && ip[0] == 0x45 && ip[9] == 17, "IPv4 and UDP");
        Require(BinaryPrimitives.ReadUInt16BigEndian(ip[2..]) == ip.Length, "IPv4 length");
        uint sum = 0;
        for (int i = 0; i < 20; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(ip[i..]);
        }

        // With the checksum in place the one's complement sum is all ones.
        Require(((sum & 0xFFFF) + (sum >> 16)) == 0xFFFF, "IPv4 checksum");
        uint group = BinaryPrimitives.ReadUInt32BigEndian(ip[16..]);
        Require(group >> 28 == 0xE, "multicast group");
        Require(frame[0] == 1 && frame[1] == 0 && frame[2] == 0x5E && frame[3] == ((group >> 16) & 0x7F), "Ethernet group");
        ReadOnlySpan<byte> udp = ip[20..];
        Require(BinaryPrimitives.ReadUInt16BigEndian(udp[4..]) == udp.Length, "UDP length");
        Require(udp.Length - 8 <= 1_400, "payload at most 1,400 bytes");
        return new NaiveDatagram(receiveNanos, group, BinaryPrimitives.ReadUInt16BigEndian(udp[2..]), udp[8..].ToArray());
    }

    private static NaivePacket ReadMold(NaiveDatagram datagram)
    {
        ReadOnlySpan<byte> payload = datagram.Payload;
        Require(datagram.Port == 26_477, "port");
        string session = Encoding.ASCII.GetString(payload[..10]);
        ulong sequence = BinaryPrimitives.ReadUInt64BigEndian(payload[10..]);
        ushort count = BinaryPrimitives.ReadUInt16BigEndian(payload[18..]);
        var messages = new List<byte[]>();
        int at = 20;
        for (int i = 0; i < count && count != 0xFFFF; i++)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(payload[at..]);
            messages.Add(payload.Slice(at + 2, length).ToArray());
            at += 2 + length;
        }

        Require(at == payload.Length, "payload used up");
        return new NaivePacket(datagram.ReceiveUnixNanos, datagram.Group, session, sequence, count, messages);
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            Assert.Fail($"the capture fails at: {what}");
        }
    }
}
