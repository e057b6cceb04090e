using Engine.Simulator.Wire;

namespace Engine.Simulator.Tests.Wire;

public class MoldPacketiserTests
{
    private const string SessionHex = "32303236303130353031";
    private const long Second = 1_000_000_000;

    [Test]
    public void Messages_of_one_moment_share_a_packet_and_later_ones_do_not()
    {
        (MoldPacketiser mold, MessageList packets) = Create();
        mold.Message(1_000, [0xAA]);
        mold.Message(1_000 + MoldPacketiser.HoldNanos, [0xBB, 0xCC]);
        mold.Message(1_001 + MoldPacketiser.HoldNanos, [0xDD]);
        mold.Finish(20_000);

        Assert.That(packets.Messages.Select(p => Convert.ToHexString(p.Body)), Is.EqualTo(new[]
        {
            SessionHex + "0000000000000001" + "0002" + "0001AA" + "0002BBCC",
            SessionHex + "0000000000000003" + "0001" + "0001DD",
            SessionHex + "0000000000000004" + "FFFF",
        }));
        Assert.That(packets.Messages[0].TimeNanos, Is.EqualTo(1_000 + MoldPacketiser.HoldNanos));
        Assert.That(packets.IsFinished);
    }

    [Test]
    public void A_full_packet_goes_out_and_none_is_longer_than_the_limit()
    {
        (MoldPacketiser mold, MessageList packets) = Create();
        for (int i = 0; i < 100; i++)
        {
            mold.Message(5, new byte[36]);
        }

        mold.Finish(5);
        int perPacket = (MoldPacketiser.PayloadLimit - MoldPacketiser.HeaderLength) / 38;
        Assert.That(packets.Messages[0].Body, Has.Length.EqualTo(MoldPacketiser.HeaderLength + (perPacket * 38)));
        Assert.That(packets.Messages.Select(p => p.Body.Length), Has.All.LessThanOrEqualTo(MoldPacketiser.PayloadLimit));
        Assert.That(packets.Messages.Sum(p => (p.Body.Length - MoldPacketiser.HeaderLength) / 38), Is.EqualTo(100));
    }

    [Test]
    public void Quiet_seconds_bring_heartbeats_that_name_the_next_sequence()
    {
        (MoldPacketiser mold, MessageList packets) = Create();
        mold.Message(0, [1]);
        mold.Message((2 * Second) + 5, [2]);
        mold.Finish((3 * Second) + 5);

        Assert.That(packets.Messages.Select(p => p.TimeNanos), Is.EqualTo(new[]
        {
            0, Second, 2 * Second, (2 * Second) + 5, (3 * Second) + 5, (3 * Second) + 5,
        }));
        Assert.That(packets.Messages.Select(p => Convert.ToHexString(p.Body[10..20])), Is.EqualTo(new[]
        {
            "00000000000000010001", "00000000000000020000", "00000000000000020000",
            "00000000000000020001", "00000000000000030000", "0000000000000003FFFF",
        }));
    }

    [Test]
    public void A_session_of_another_length_is_refused() =>
        Assert.That(() => new MoldPacketiser(new MessageList(), "short"), Throws.ArgumentException);

    private static (MoldPacketiser Mold, MessageList Packets) Create()
    {
        var packets = new MessageList();
        return (new MoldPacketiser(packets, "2026010501"), packets);
    }
}
