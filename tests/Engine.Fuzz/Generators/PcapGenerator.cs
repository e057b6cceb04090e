using Engine.Core.Numerics;

namespace Engine.Fuzz.Generators;

/// <summary>Classic pcap files of either byte order and resolution.</summary>
internal sealed class PcapGenerator : CaptureGenerator
{
    private static readonly int[] s_links = [0, 1, 101, 108, 113, 228, 229, 276];

    /// <inheritdoc/>
    public override string Name => "pcap";

    /// <inheritdoc/>
    public override int Write(SeededRandom random, Span<byte> file)
    {
        ByteWriter writer = new(file);
        bool isBig = random.Chance(0.5);
        U32(ref writer, random.Chance(0.5) ? 0xA1B2C3D4 : 0xA1B23C4D, isBig);
        U32(ref writer, isBig ? 0x00020004u : 0x00040002u, isBig);
        writer.Little64(0);
        U32(ref writer, 262_144, isBig);
        U32(ref writer, (uint)s_links[random.Next(s_links.Length)], isBig);
        for (int i = random.Next(MaxPackets + 1); i > 0; i--)
        {
            int length = random.Next(MaxPacket);
            U32(ref writer, 1_600_000_000 + (uint)i, isBig);
            U32(ref writer, (uint)random.Next(1_100_000_000), isBig);
            U32(ref writer, (uint)length, isBig);
            U32(ref writer, (uint)(length + random.Next(2)), isBig);
            Packet(random, ref writer, length, 1);
        }

        return writer.Length;
    }

    private static void U32(ref ByteWriter writer, uint value, bool isBig)
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
