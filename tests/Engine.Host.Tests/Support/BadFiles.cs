using System.Buffers.Binary;
using System.IO.Compression;
using Engine.Core.Numerics;

namespace Engine.Host.Tests.Support;

/// <summary>Files that people give by mistake, and captures that are damaged.</summary>
internal static class BadFiles
{
    private const int PcapHeader = 24;
    private const int RecordHeader = 16;

    /// <summary>Enough of a PNG: signature and IHDR.</summary>
    public static byte[] Png { get; } =
    [
        0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R',
        0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xDE,
    ];

    /// <summary>Text.</summary>
    public static byte[] Text { get; } = "This is a note about captures, not a capture.\n"u8.ToArray();

    /// <summary>Seeded noise.</summary>
    public static byte[] Noise(int length)
    {
        var random = new SeededRandom(42);
        return [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next(256))];
    }

    /// <summary>Bytes in gzip.</summary>
    public static byte[] Gzip(byte[] content)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return output.ToArray();
    }

    /// <summary>A pcap of TCP segments over IPv4 and Ethernet.</summary>
    public static byte[] TcpPcap(int packets)
    {
        byte[] file = new byte[PcapHeader + (packets * (RecordHeader + 54))];
        BinaryPrimitives.WriteUInt32LittleEndian(file, 0xA1B23C4D);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(6), 4);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(16), 65_535);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(20), 1);
        for (int i = 0; i < packets; i++)
        {
            Span<byte> record = file.AsSpan(PcapHeader + (i * (RecordHeader + 54)), RecordHeader + 54);
            BinaryPrimitives.WriteUInt32LittleEndian(record, 1_767_623_400);
            BinaryPrimitives.WriteUInt32LittleEndian(record[8..], 54);
            BinaryPrimitives.WriteUInt32LittleEndian(record[12..], 54);
            Span<byte> frame = record[RecordHeader..];
            frame[12] = 0x08;
            frame[14] = 0x45;
            frame[17] = 40;
            frame[22] = 64;
            frame[23] = 6;
            frame[26] = frame[30] = 10;
            frame[46] = 0x50;
        }

        return file;
    }
}
