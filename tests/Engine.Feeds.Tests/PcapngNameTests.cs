using System.Text;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests;

/// <summary>Comments of sections and names of interfaces.</summary>
[TestFixture]
internal sealed unsafe class PcapngNameTests
{
    [Test]
    public void The_comment_of_the_first_section_is_told([Values] bool bigEndian)
    {
        PcapngWriter writer = new(bigEndian);
        byte[] first = Section(writer, writer.Option(4, "other"u8.ToArray()), writer.Option(1, "one é"u8.ToArray()), writer.Option(1, "two"u8.ToArray()), writer.Option(0, []));
        byte[] second = Section(writer, writer.Option(1, "later"u8.ToArray()));
        writer = new PcapngWriter(bigEndian).Interface().Enhanced(0, 1, [1]);
        byte[] packets = writer.ToArray()[28..];
        Assert.Multiple(() =>
        {
            Assert.That(Comment([.. first, .. packets]), Is.EqualTo("one é"));
            Assert.That(Comment([.. first, .. packets, .. second, .. packets]), Is.EqualTo("one é"));
            Assert.That(Comment([.. writer.ToArray(), .. first]), Is.Empty);
            Assert.That(Comment(Section(writer, writer.Option(0, []), writer.Option(1, "behind the end"u8.ToArray()))), Is.Empty);
            Assert.That(Comment(Section(writer, [.. writer.U16(1), .. writer.U16(9), 1, 2, 3, 4])), Is.Empty, "longer than its block");
            Assert.That(Comment(Section(writer, [.. writer.U16(4), .. writer.U16(65_535), .. writer.Option(1, "behind"u8.ToArray())])), Is.Empty);
        });
    }

    [Test]
    public void A_packet_names_its_interface()
    {
        PcapngWriter writer = new();
        byte[] named = [.. writer.U16(1), 0, 0, .. writer.U32(0), .. writer.Option(2, "line B"u8.ToArray()), .. writer.Option(9, [9]), .. writer.U32(0)];
        byte[] unnamed = [.. writer.U16(1), 0, 0, .. writer.U32(0)];
        byte[] damaged = [.. writer.U16(1), 0, 0, .. writer.U32(0), .. writer.U16(2), .. writer.U16(50), 1, 2, 3, 4];
        writer.Interface().Block(1, named).Block(1, unnamed).Block(1, damaged)
            .Enhanced(1, 1, [1]).Enhanced(0, 1, [1]).Enhanced(2, 1, [1]).Enhanced(3, 1, [1]).Enhanced(4, 1, [1]).Simple([1]).Obsolete(1, 1, [1])
            .Section(true).Simple([1]).Interface().Enhanced(0, 1, [1]).Enhanced(1, 1, [1]);
        using PcapngReader reader = new(CaptureFile.Open(Feed.File("named", writer.ToArray())));
        List<(int Index, string Name)> came = [];
        for (; reader.HasRecord; reader.Advance())
        {
            came.Add((reader.InterfaceIndex, Encoding.UTF8.GetString(reader.InterfaceName(reader.InterfaceIndex))));
        }

        Assert.That(came, Is.EqualTo(((int, string)[])
            [(1, "line B"), (0, "eth0"), (2, ""), (3, ""), (-1, ""), (0, "eth0"), (1, "line B"), (-1, ""), (0, "eth0"), (-1, "")]));
    }

    private static byte[] Section(PcapngWriter writer, params byte[][] options)
    {
        int before = writer.Length;
        return writer.Block(0x0A0D0D0A, [.. writer.U32(0x1A2B3C4D), .. writer.U16(1), .. writer.U16(0), .. Enumerable.Repeat((byte)0xFF, 8), .. options.SelectMany(o => o)])
            .ToArray()[before..];
    }

    private static string Comment(byte[] bytes)
    {
        using PcapngReader reader = new(CaptureFile.Open(Feed.File("comment", bytes)));
        while (reader.HasRecord)
        {
            reader.Advance();
        }

        return reader.SectionComment;
    }
}
