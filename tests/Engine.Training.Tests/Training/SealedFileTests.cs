using System.Security.Cryptography;
using System.Text;
using Engine.Training.Training;

namespace Engine.Training.Tests.Training;

/// <summary>Files that a training goes on from: their bytes, and that anything else is refused.</summary>
public class SealedFileTests
{
    private static readonly SealedFile s_file = new([.. "ENGTST01"u8], "something", "another thing");
    private static readonly byte[] s_fingerprint = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];

    private string _path = null!;

    [SetUp]
    public void Name() => _path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"sealed-{Guid.NewGuid():n}");

    [TearDown]
    public void Remove() => File.Delete(_path);

    [Test]
    public void A_file_is_its_magic_fingerprint_content_and_hash_and_comes_back()
    {
        s_file.Write(_path, s_fingerprint, Write);
        byte[] before = [.. Encoding.ASCII.GetBytes("ENGTST01"), .. s_fingerprint, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F];
        Assert.That(File.ReadAllBytes(_path), Is.EqualTo((byte[])[.. before, .. SHA256.HashData(before)]));
        Assert.That(File.Exists(_path + ".part"), Is.False);
        Assert.That(s_file.Read(_path, s_fingerprint, Read), Is.EqualTo((7, 1.0)));
    }

    [Test]
    public void A_file_with_any_byte_changed_or_cut_anywhere_or_of_something_else_is_refused()
    {
        s_file.Write(_path, s_fingerprint, Write);
        byte[] bytes = File.ReadAllBytes(_path);
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= 1;
            Refused(damaged, "no something, or a damaged one", $"byte {at}");
            Refused(bytes[..at], "no something, or a damaged one", $"{at} bytes");
        }

        File.WriteAllBytes(_path, bytes);
        byte[] others = [.. s_fingerprint.Reverse()];
        Assert.That(() => s_file.Read(_path, others, Read), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo($"{_path}: a something of another thing; delete it to begin anew"));
        Assert.That(
            () => s_file.Read(_path, s_fingerprint, reader => (Read(reader), reader.ReadByte())),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("a something that ends too early"), "the hash is no content");
        Assert.That(
            () => s_file.Read(_path, s_fingerprint, reader => SealedFile.Bounded(reader.ReadInt32(), 6)), Throws.TypeOf<InvalidDataException>().With.Message.Contains("ends too early"));
    }

    private static void Write(BinaryWriter writer)
    {
        writer.Write(7);
        writer.Write(1.0);
    }

    private static (int Count, double Value) Read(BinaryReader reader) => (SealedFile.Bounded(reader.ReadInt32(), 7), reader.ReadDouble());

    private void Refused(byte[] bytes, string expected, string why)
    {
        File.WriteAllBytes(_path, bytes);
        Assert.That(() => s_file.Read(_path, s_fingerprint, Read), Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected), why);
    }
}
