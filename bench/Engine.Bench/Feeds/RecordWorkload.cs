using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Engine.Core.Numerics;

namespace Engine.Bench.Feeds;

/// <summary>Generated DBN MBO and LOBSTER files, in the mix of types of a busy session.</summary>
public static class RecordWorkload
{
    private const int Symbols = 200;
    private const int Depth = 10;

    /// <summary>Writes a DBN 3 file of MBO records over 200 instruments without names.</summary>
    public static void WriteDbn(string path, int records)
    {
        SeededRandom random = new(2);
        using FileStream file = File.Create(path);
        byte[] head = new byte[8 + 100 + 20];
        "DBN"u8.CopyTo(head);
        head[3] = 3;
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), head.Length - 8);
        head[8 + 42] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(8 + 45), 71);
        file.Write(head);
        Span<byte> record = stackalloc byte[56];
        for (int i = 0; i < records; i++)
        {
            ulong time = 1_600_000_000_000_000_000 + ((ulong)i * 1_000);
            int dice = random.Next(100);
            record[0] = 14;
            record[1] = 0xA0;
            BinaryPrimitives.WriteUInt16LittleEndian(record[2..], 1);
            BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (uint)(1 + random.Next(Symbols)));
            BinaryPrimitives.WriteUInt64LittleEndian(record[8..], time);
            BinaryPrimitives.WriteUInt64LittleEndian(record[16..], (ulong)random.Next(1 << 20));
            BinaryPrimitives.WriteInt64LittleEndian(record[24..], (100 + random.Next(50)) * 1_000_000_000L);
            BinaryPrimitives.WriteUInt32LittleEndian(record[32..], (uint)random.Next(1, 100));
            record[36] = 0x80;
            record[38] = (byte)(dice < 42 ? 'A' : dice < 82 ? 'C' : dice < 94 ? 'M' : dice < 97 ? 'T' : 'F');
            record[39] = random.Chance(0.5) ? (byte)'B' : (byte)'A';
            BinaryPrimitives.WriteUInt64LittleEndian(record[40..], time + 500);
            BinaryPrimitives.WriteUInt32LittleEndian(record[52..], (uint)i);
            file.Write(record);
        }
    }

    /// <summary>Writes a LOBSTER message file, and beside it the order-book file of ten levels.</summary>
    public static void WriteLobster(string messages, string rows, int lines)
    {
        SeededRandom random = new(3);
        using StreamWriter message = new(messages, false, Encoding.ASCII);
        using StreamWriter row = new(rows, false, Encoding.ASCII);
        long[] sizes = [.. Enumerable.Range(0, 2 * Depth).Select(_ => (long)random.Next(1, 99) * 100)];
        long mid = 5_000_000;
        for (int i = 0; i < lines; i++)
        {
            int dice = random.Next(100);
            int type = dice < 48 ? 1 : dice < 50 ? 2 : dice < 92 ? 3 : 4;
            mid += random.Chance(0.02) ? 100 : random.Chance(0.02) ? -100 : 0;
            sizes[random.Next(2 * Depth)] = random.Next(1, 99) * 100;
            message.Write(string.Create(CultureInfo.InvariantCulture,
                $"{34_200 + (i / 1_000)}.{i % 1_000 * 1_000_003:000000000},{type},{random.Next(1 << 28)},{random.Next(1, 500)},{mid},{(random.Chance(0.5) ? 1 : -1)}\n"));
            for (int level = 0; level < Depth; level++)
            {
                row.Write(string.Create(CultureInfo.InvariantCulture,
                    $"{(level > 0 ? "," : "")}{mid + (100 * (level + 1))},{sizes[level]},{mid - (100 * level)},{sizes[Depth + level]}"));
            }

            row.Write('\n');
        }
    }
}
