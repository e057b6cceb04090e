using System.Buffers.Binary;
using Engine.Core.Numerics;

namespace Engine.Fuzz.Generators;

/// <summary>pcapng files of every block type, in sections of either byte order.</summary>
internal sealed class PcapngGenerator : CaptureGenerator
{
    private static readonly uint[] s_blocks = [1, 1, 2, 3, 4, 5, 6, 6, 6, 6, 9, 10, 0xBAD, 0x40000BAD, 77];

    /// <inheritdoc/>
    public override string Name => "pcapng";

    /// <inheritdoc/>
    public override int Write(SeededRandom random, Span<byte> file)
    {
        ByteWriter writer = new(file);
        bool isBig = Section(random, ref writer);
        for (int i = random.Next(2 * MaxPackets); i > 0; i--)
        {
            if (random.Chance(0.05))
            {
                isBig = Section(random, ref writer);
            }

            Block(ref writer, random, s_blocks[random.Next(s_blocks.Length)], isBig);
        }

        return writer.Length;
    }

    private static bool Section(SeededRandom random, ref ByteWriter writer)
    {
        bool isBig = random.Chance(0.5);
        Put(ref writer, 0x0A0D0D0A, isBig);
        Put(ref writer, 28, isBig);
        Put(ref writer, 0x1A2B3C4D, isBig);
        Put(ref writer, isBig ? 0x00010000u : 1, isBig);
        writer.Little64(ulong.MaxValue);
        Put(ref writer, 28, isBig);
        Block(ref writer, random, 1, isBig);
        return isBig;
    }

    /// <summary>A block with a sensible body; its two lengths agree, but for one in fifty.</summary>
    private static void Block(ref ByteWriter writer, SeededRandom random, uint type, bool isBig)
    {
        int start = writer.Length;
        Span<byte> lengthField = writer.Rest[4..];
        Put(ref writer, type, isBig);
        Put(ref writer, 0, isBig);
        int packet = random.Next(MaxPacket);
        switch (type)
        {
            case 1:
                Put(ref writer, isBig ? 0x00010000u : 1, isBig);
                Put(ref writer, 0, isBig);
                Options(ref writer, random, isBig);
                break;
            case 2 or 6:
                Put(ref writer, random.Chance(0.9) ? 0 : (uint)random.Next(4), isBig);
                Put(ref writer, (uint)random.Next(400_000), isBig);
                Put(ref writer, (uint)random.NextUInt64(), isBig);
                Put(ref writer, (uint)packet, isBig);
                Put(ref writer, (uint)packet, isBig);
                Packet(random, ref writer, packet, 4);
                break;
            case 3:
                Put(ref writer, (uint)packet, isBig);
                Packet(random, ref writer, packet, 4);
                break;
            default:
                Packet(random, ref writer, packet, 4);
                break;
        }

        uint length = (uint)(writer.Length - start + 4);
        Put(ref writer, random.Chance(0.98) ? length : (uint)random.Next(200), isBig);
        if (isBig)
        {
            BinaryPrimitives.WriteUInt32BigEndian(lengthField, length);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(lengthField, length);
        }
    }

    /// <summary>A time resolution, a time offset, or neither.</summary>
    private static void Options(ref ByteWriter writer, SeededRandom random, bool isBig)
    {
        if (random.Chance(0.5))
        {
            Put(ref writer, isBig ? 0x00090001u : 0x00010009u, isBig);
            writer.Little32((uint)random.Next(256));
        }

        if (random.Chance(0.3))
        {
            Put(ref writer, isBig ? 0x000E0008u : 0x0008000Eu, isBig);
            writer.Little64(random.NextUInt64() >> random.Next(64));
        }

        if (random.Chance(0.5))
        {
            writer.Little32(0);
        }
    }

    private static void Put(ref ByteWriter writer, uint value, bool isBig)
    {
        if (isBig)
        {
            writer.Big32(value);
        }
        else
        {
            writer.Little32(value);
        }
    }
}
