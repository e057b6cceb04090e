using System.Text;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests;

public class GzipTests
{
    private static readonly byte[] s_content = Noise(150_000);

    [Test]
    public void Members_behind_each_other_are_one_content([Values(0, 1, 7, 20, 8_191, 65_280, 149_999)] int split)
    {
        byte[] both = [.. Feed.Gzip(s_content[..split]), .. Feed.Gzip(s_content[split..])];
        AssertWhole(both);
        AssertWhole([.. both, .. Feed.Gzip([]), .. Feed.Gzip([])]);
        AssertWhole([.. Feed.Gzip([]), .. both, .. new byte[1_000]]);
    }

    [Test]
    public void Many_small_members_are_one_content()
    {
        List<byte> gzip = [];
        for (int i = 0; i < s_content.Length; i += 100)
        {
            gzip.AddRange(Feed.Gzip(s_content[i..(i + 100)]));
            gzip.AddRange(Feed.Gzip([]));
        }

        AssertWhole([.. gzip]);
    }

    [Test]
    public void Zeros_are_told_from_a_trailer_of_zeros([Values(0, 1, 9)] int zeros)
    {
        byte[] empty = Feed.Gzip(new byte[3_000]);
        (string? wrong, byte[] content) = Decompress([.. empty, .. Feed.Gzip([]), .. empty, .. Feed.Gzip([]), .. new byte[zeros]]);
        Assert.That((wrong, content.Length), Is.EqualTo(((string?)null, 6_000)));
    }

    [Test]
    public void Every_head_field_is_stepped_over([Range(0, 31)] int flags)
    {
        byte[] plain = Feed.Gzip(s_content);
        List<byte> gzip = [.. plain[..3], (byte)flags, .. plain[4..10]];
        gzip.AddRange((flags & 4) != 0 ? [3, 0, 9, 0, 9] : []);
        gzip.AddRange((flags & 8) != 0 ? [.. "name"u8, 0] : []);
        gzip.AddRange((flags & 16) != 0 ? [.. "comment"u8, 0] : []);
        gzip.AddRange((flags & 2) != 0 ? [1, 2] : []);
        gzip.AddRange(plain[10..]);
        AssertWhole([.. gzip, .. gzip]);
        int head = gzip.Count - plain.Length + 10;
        Assert.That(Decompress([.. gzip[..(head - 1)]]), Is.EqualTo(("cut", Array.Empty<byte>())));
    }

    [TestCase("x")]
    [TestCase("\0\0x")]
    [TestCase("hello hello hello")]
    [TestCase("\u001f")]
    public void Anything_else_behind_is_named_with_its_byte(string behind)
    {
        byte[] gzip = Feed.Gzip(s_content);
        (string? wrong, byte[] content) = Decompress([.. gzip, .. Encoding.ASCII.GetBytes(behind)]);
        int at = gzip.Length + behind.TakeWhile(letter => letter == '\0').Count();
        Assert.That(wrong, Is.EqualTo($"followed by something else at byte {at:N0} of the file"));
        Assert.That(content, Is.EqualTo(s_content));
    }

    [Test]
    public void A_cut_anywhere_is_cut_and_keeps_what_came_before()
    {
        byte[] first = Feed.Gzip(s_content[..60_000]);
        byte[] gzip = [.. first, .. Feed.Gzip(s_content[60_000..])];
        for (int length = 2; length < gzip.Length; length += length > gzip.Length - 40 || Math.Abs(length - first.Length) < 40 || length < 40 ? 1 : 997)
        {
            (string? wrong, byte[] content) = Decompress(gzip[..length]);
            string? expected = length == first.Length ? null
                : length == first.Length + 1 ? $"followed by something else at byte {first.Length:N0} of the file"
                : "cut";
            Assert.That(wrong, Is.EqualTo(expected), $"cut at {length}");
            Assert.That(content, Is.EqualTo(s_content[..content.Length]), $"cut at {length}");
            Assert.That(content, Has.Length.GreaterThanOrEqualTo(length >= first.Length ? 60_000 : 0), $"cut at {length}");
        }
    }

    [Test]
    public void A_wrong_checksum_or_length_of_any_member_is_damage([Range(1, 8)] int back, [Values] bool inFirst)
    {
        byte[] first = Feed.Gzip(s_content[..60_000]);
        byte[] gzip = [.. first, .. Feed.Gzip(s_content[60_000..])];
        gzip[(inFirst ? first.Length : gzip.Length) - back] ^= 1;
        (string? wrong, byte[] content) = Decompress(gzip);
        Assert.That((wrong, content.Length), Is.EqualTo(("damaged", inFirst ? 60_000 : s_content.Length)));
    }

    [Test]
    public void A_capture_with_something_behind_its_gzip_is_read_and_is_a_fault()
    {
        byte[] itch = ItchBytes.BinaryFile(ItchBytes.Adds(1, 20));
        byte[] gzip = [.. Feed.Gzip(itch[..100]), .. Feed.Gzip(itch[100..])];
        Feed.Result clean = Feed.Read(gzip);
        Assert.That((clean.Events.Count, clean.Fault), Is.EqualTo((20, (SourceFault?)null)));
        Feed.Result followed = Feed.Read([.. gzip, 65, 66]);
        Assert.That(followed.Events, Has.Count.EqualTo(20));
        Assert.That(followed.Fault!.Sentence, Does.Contain($"the gzip is followed by something else at byte {gzip.Length:N0} of the file"));
    }

    private static void AssertWhole(byte[] gzip)
    {
        (string? wrong, byte[] content) = Decompress(gzip);
        byte[] expected = [.. Enumerable.Range(0, content.Length / s_content.Length).SelectMany(_ => s_content)];
        Assert.That(wrong, Is.Null);
        Assert.That(content, Is.Not.Empty.And.EqualTo(expected));
    }

    private static (string? Wrong, byte[] Content) Decompress(byte[] gzip)
    {
        using MemoryStream compressed = new(gzip);
        using MemoryStream content = new();
        return (GzipSpool.Decompress(compressed, content), content.ToArray());
    }

    private static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        Random random = new(7);
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)random.Next(random.Next(2) * 30, 60);
        }

        return bytes;
    }
}
