using Engine.Simulator.Wire;

namespace Engine.Simulator.Tests.Wire;

public class CaptureBytesTests
{
    // The header checksum worked out by hand: 4500+001F+0000+4000+1011+0000+0A14+1E01+E936+0C6F = 1B2EA, folded B2EB, complement 4D14.
    private const string FrameHex =
        "01005E360C6F" + "02000A141E01" + "0800" +
        "4500001F00004000" + "1011" + "4D14" + "0A141E01" + "E9360C6F" +
        "676D676D000B0000" + "ABCDEF";

    [Test]
    public void A_frame_is_exactly_these_bytes()
    {
        var frame = new MulticastFrame(0x0A14_1E01, 0xE936_0C6F, 26_477);
        byte[] bytes = new byte[100];
        int length = frame.Write([0xAB, 0xCD, 0xEF], bytes);
        Assert.That(Convert.ToHexString(bytes.AsSpan(0, length)), Is.EqualTo(FrameHex));
    }

    [Test]
    public void A_capture_begins_with_its_head_and_records_follow()
    {
        using var stream = new MemoryStream();
        var pcap = new PcapWriter(stream);
        pcap.Write(1_767_623_390_123_456_789, [0x01, 0x02]);
        Assert.That(Convert.ToHexString(stream.ToArray()), Is.EqualTo(
            "4D3CB2A1" + "0200" + "0400" + "00000000" + "00000000" + "FFFF0000" + "01000000"
            + "DECA5B69" + "15CD5B07" + "02000000" + "02000000" + "0102"));
    }

    [Test]
    public void A_binary_file_is_lengths_and_messages()
    {
        using var stream = new MemoryStream();
        var file = new BinaryFileWriter(stream);
        file.Message(1, [0x53, 0x01]);
        file.Message(2, [0x44]);
        file.Finish(3);
        Assert.That(Convert.ToHexString(stream.ToArray()), Is.EqualTo("0002" + "5301" + "0001" + "44"));
    }
}
