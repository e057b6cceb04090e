using System.Buffers.Binary;
using Engine.Feeds.Captures;
using Engine.Feeds.Network.Recovery;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>A snapshot in a recording takes the memory of its pieces, whatever its head announces.</summary>
public class RecordedSnapshotTests
{
    [TestCase(1UL << 20)]
    [TestCase(1UL << 40)]
    [TestCase(1UL << 63)]
    [TestCase(ulong.MaxValue)]
    public unsafe void A_head_alone_takes_no_memory(ulong announced)
    {
        byte[] head = new byte[SnapshotContent.HeadBytes + 100];
        BinaryPrimitives.WriteUInt64BigEndian(head.AsSpan(26), announced);
        using RecordedSnapshot snapshot = new();

        // SAFETY: the array stays pinned while its bytes are taken.
        fixed (byte* data = head)
        {
            for (int piece = 1; piece <= 10; piece++)
            {
                Assert.That(snapshot.Add(data, head.Length), Is.False);
                Assert.That(snapshot.RoomBytes, Is.LessThanOrEqualTo(2L * piece * head.Length));
            }
        }
    }
}
