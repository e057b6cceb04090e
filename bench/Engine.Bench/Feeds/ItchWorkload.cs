using System.Buffers.Binary;
using Engine.Core.Numerics;

namespace Engine.Bench.Feeds;

/// <summary>
/// Generated ITCH 5.0 traffic with the mix of a real session (A 37 %, D 17 %, U 22 %, F 19 %, E 3 %, X 1 %, P 1 %) over 200 symbols,
/// written as a BinaryFILE and as a nanosecond pcap of MoldUDP64 packets. The types follow no pattern.
/// </summary>
public static class ItchWorkload
{
    private const int Symbols = 200;
    private const int PacketRoom = 1_400;

    /// <summary>Writes the same messages to two files.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="messages">How many.</param>
    /// <param name="perPacket">Most messages in a packet; fewer where they do not fit.</param>
    /// <returns>The paths.</returns>
    public static (string BinaryFile, string Pcap) Write(string folder, int messages, int perPacket)
    {
        Directory.CreateDirectory(folder);
        string binaryFile = Path.Combine(folder, "bench.itch");
        string pcap = Path.Combine(folder, "bench.pcap");
        using FileStream file = File.Create(binaryFile);
        using FileStream capture = File.Create(pcap);
        using BinaryWriter writer = new(capture);
        writer.Write(0xA1B23C4D);
        writer.Write(0x00040002);
        writer.Write(0UL);
        writer.Write(65_535);
        writer.Write(1);

        SeededRandom random = new(1);
        byte[] packet = new byte[2_048];
        Span<byte> message = stackalloc byte[64];
        int at = 0, count = 0;
        ulong sequence = 1;
        for (int i = 0; i < messages; i++)
        {
            int length = Message(random, i, message[2..]);
            BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)length);
            file.Write(message[..(2 + length)]);
            message[..(2 + length)].CopyTo(packet.AsSpan(62 + at));
            at += 2 + length;
            count++;
            if (count == perPacket || at > PacketRoom - 64 || i == messages - 1)
            {
                Packet(writer, packet, at, sequence, count, i);
                sequence += (ulong)count;
                at = count = 0;
            }
        }

        return (binaryFile, pcap);
    }

    private static int Message(SeededRandom random, int index, Span<byte> m)
    {
        int dice = random.Next(1_000);
        char type = dice < 370 ? 'A' : dice < 540 ? 'D' : dice < 765 ? 'U' : dice < 955 ? 'F' : dice < 985 ? 'E' : dice < 993 ? 'X' : 'P';
        int locate = 1 + random.Next(Symbols);
        m.Clear();
        m[0] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(m[1..], (ushort)locate);
        BinaryPrimitives.WriteUInt64BigEndian(m[3..], 34_200_000_000_000UL + ((ulong)index * 1_000));
        BinaryPrimitives.WriteUInt64BigEndian(m[11..], (ulong)random.Next(1 << 20));
        if (type is 'A' or 'F' or 'P')
        {
            m[19] = random.Chance(0.5) ? (byte)'B' : (byte)'S';
            BinaryPrimitives.WriteUInt32BigEndian(m[20..], 100);
            "S       "u8.CopyTo(m[24..]);
            m[25] = (byte)('A' + (locate / 26));
            m[26] = (byte)('A' + (locate % 26));
            BinaryPrimitives.WriteUInt32BigEndian(m[32..], (uint)(1_000_000 + random.Next(10_000)));
        }
        else if (type != 'D')
        {
            BinaryPrimitives.WriteUInt32BigEndian(m[19..], (uint)random.Next(1, 100));
            BinaryPrimitives.WriteUInt32BigEndian(m[27..], (uint)random.Next(1, 100));
        }

        return type switch { 'A' => 36, 'F' => 40, 'D' => 19, 'U' => 35, 'E' => 31, 'X' => 23, _ => 44 };
    }

    private static void Packet(BinaryWriter writer, byte[] packet, int bytes, ulong sequence, int count, int time)
    {
        Span<byte> p = packet;
        p[..62].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(p[12..], 0x0800);
        p[14] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(p[16..], (ushort)(48 + bytes));
        p[23] = 17;
        BinaryPrimitives.WriteUInt32BigEndian(p[30..], 0xE0010101);
        BinaryPrimitives.WriteUInt16BigEndian(p[36..], 26_477);
        BinaryPrimitives.WriteUInt16BigEndian(p[38..], (ushort)(28 + bytes));
        "BENCH00001"u8.CopyTo(p[42..]);
        BinaryPrimitives.WriteUInt64BigEndian(p[52..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(p[60..], (ushort)count);
        writer.Write(1_577_716_200 + (time / 1_000_000));
        writer.Write(time % 1_000_000 * 1_000);
        writer.Write(62 + bytes);
        writer.Write(62 + bytes);
        writer.Write(packet, 0, 62 + bytes);
    }
}
