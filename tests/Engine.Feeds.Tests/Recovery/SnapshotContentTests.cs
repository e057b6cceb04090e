using System.Text;
using Engine.Feeds.Network;
using Engine.Feeds.Network.Recovery;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>Of which session a snapshot is.</summary>
public unsafe class SnapshotContentTests
{
    [TestCase("2026010501", true)]
    [TestCase("2026010502", false)]
    [TestCase("          ", true, Description = "it does not name one")]
    public void A_snapshot_is_of_the_session_that_it_names(string name, bool expected)
    {
        byte[] packet = PcapWriter.MoldCount("2026010501", 1, 0);
        byte[] head = new byte[SnapshotContent.HeadBytes];
        Encoding.ASCII.GetBytes(name, head);
        fixed (byte* at = head, mold = packet)
        {
            SnapshotContent content = SnapshotContent.Read(at, at);
            Assert.That(content.IsOf(MoldHeader.Read(mold, packet.Length)), Is.EqualTo(expected));
        }
    }
}
