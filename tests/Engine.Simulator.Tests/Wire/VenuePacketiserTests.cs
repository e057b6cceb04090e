using Engine.Simulator.Wire;

namespace Engine.Simulator.Tests.Wire;

public class VenuePacketiserTests
{
    private const long Midnight = 1_767_589_200_000_000_000;
    private const long Second = 1_000_000_000;

    [Test]
    public void Xdp_packets_are_these_bytes()
    {
        var packets = new MessageList();
        var xdp = new XdpPacketiser(packets, Midnight);
        byte[] reset = [0x0E, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17, 1];
        xdp.Message(5, reset);
        xdp.Message(5, [5, 0, 100, 0, 0xAA]);
        xdp.Message(6, [6, 0, 102, 0, 0xBB, 0xCC]);
        xdp.Finish(Second + 6);
        Assert.That(packets.Messages.Select(p => Convert.ToHexString(p.Body)), Is.EqualTo(new[]
        {
            "1E00" + "0C" + "01" + "01000000" + "50455B69" + "05000000" + "0E0001000000000000000000" + "1101",
            "1B00" + "0B" + "02" + "02000000" + "50455B69" + "06000000" + "05006400AA" + "06006600BBCC",
            "1000" + "01" + "00" + "04000000" + "51455B69" + "06000000",
        }));
        Assert.That(packets.Messages.Select(p => p.TimeNanos), Is.EqualTo(new[] { 5, 6, Second + 6 }));
        Assert.That(packets.IsFinished);
    }

    [Test]
    public void Iex_segments_are_these_bytes()
    {
        var packets = new MessageList();
        var iex = new IexPacketiser(packets, 20_260_105, Midnight);
        iex.Message(5, [0xAA]);
        iex.Message(6, [0xBB, 0xCC]);
        iex.Message(6_000, [0xDD]);
        iex.Finish(Second + 6_000);
        string head = "0100" + "0480" + "01000000" + "09253501";
        Assert.That(packets.Messages.Select(p => Convert.ToHexString(p.Body)), Is.EqualTo(new[]
        {
            head + "0700" + "0200" + "0000000000000000" + "0100000000000000" + Time(6) + "0100AA" + "0200BBCC",
            head + "0300" + "0100" + "0700000000000000" + "0300000000000000" + Time(6_000) + "0100DD",
            head + "0000" + "0000" + "0A00000000000000" + "0400000000000000" + Time(Second + 6_000),
        }));
        Assert.That(packets.IsFinished);
    }

    private static string Time(long nanos) => Convert.ToHexString(BitConverter.GetBytes(Midnight + nanos));
}
