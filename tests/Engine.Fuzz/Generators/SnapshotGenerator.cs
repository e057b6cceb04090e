using System.Buffers.Binary;
using Engine.Core.Numerics;
using Engine.Feeds.Network.Recovery;

namespace Engine.Fuzz.Generators;

/// <summary>Snapshots of the first MoldUDP64 stream as they stand in a recording.</summary>
internal static class SnapshotGenerator
{
    private const int MaxMessages = 12, MessagesAt = 18, LengthAt = 26;

    private static readonly ulong[] s_absurd =
        [0, 1, 0xFFFF, int.MaxValue, 1UL << 32, 1UL << 40, (1UL << 62) - 1, long.MaxValue, 1UL << 63, ulong.MaxValue];

    /// <summary>Writes a head and messages.</summary>
    /// <param name="random">Says how.</param>
    /// <param name="target">Where to.</param>
    /// <param name="next">The first sequence that it does not contain.</param>
    /// <param name="isOrderly">Nothing in it is not what it says.</param>
    /// <returns>Its bytes.</returns>
    public static int Write(SeededRandom random, Span<byte> target, ulong next, bool isOrderly)
    {
        ByteWriter writer = new(target);
        writer.Text(isOrderly || random.Chance(0.95) ? "SESSION-1 " : random.Chance(0.5) ? " SESSION-1" : "OTHER     ");
        writer.Big64(isOrderly || random.Chance(0.95) ? next : s_absurd[random.Next(s_absurd.Length)]);
        writer.Skip(16);
        int messages = random.Next(MaxMessages);
        for (int i = 0; i < messages; i++)
        {
            int length = MoldGenerator.Message(random, writer.Rest[2..], isOrderly);
            writer.Big16(length);
            writer.Skip(length);
        }

        BinaryPrimitives.WriteUInt64BigEndian(target[MessagesAt..], (ulong)messages);
        BinaryPrimitives.WriteUInt64BigEndian(target[LengthAt..], (ulong)(writer.Length - SnapshotContent.HeadBytes));
        if (!isOrderly && random.Chance(0.1))
        {
            BinaryPrimitives.WriteUInt64BigEndian(target[MessagesAt..], s_absurd[random.Next(s_absurd.Length)]);
        }

        if (!isOrderly && random.Chance(0.03))
        {
            BinaryPrimitives.WriteUInt64BigEndian(target[LengthAt..], s_absurd[random.Next(s_absurd.Length)]);
        }

        return writer.Length;
    }
}
