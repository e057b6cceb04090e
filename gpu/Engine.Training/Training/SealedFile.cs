using System.Security.Cryptography;

namespace Engine.Training.Training;

/// <summary>A file that a training goes on from: whole, unchanged and of the same training, or refused.</summary>
/// <remarks>
/// <code>
/// magic: 8 bytes | fingerprint: 32 bytes | content | SHA-256 of all before
/// </code>
/// Written beside the file and renamed, so that a kill leaves the one before.
/// </remarks>
/// <param name="magic">What it begins with.</param>
/// <param name="what">What it is, in words.</param>
/// <param name="others">What another fingerprint says that it is of.</param>
internal sealed class SealedFile(byte[] magic, string what, string others)
{
    private const int HashBytes = 32;

    /// <summary>Writes one.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="fingerprint">SHA-256 over what must be the same to go on.</param>
    /// <param name="content">Writes what it holds.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path, byte[] fingerprint, Action<BinaryWriter> content)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(magic);
        writer.Write(fingerprint);
        content(writer);
        writer.Flush();
        writer.Write(SHA256.HashData(bytes.ToArray()));
        string beside = path + ".part";
        File.WriteAllBytes(beside, bytes.ToArray());
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Reads one.</summary>
    /// <param name="path">Where from.</param>
    /// <param name="fingerprint">What its fingerprint must be.</param>
    /// <param name="content">Reads what it holds, which ends where the reader does.</param>
    /// <exception cref="InvalidDataException">It is no such file, is damaged, or is another training's.</exception>
    public T Read<T>(string path, byte[] fingerprint, Func<BinaryReader, T> content)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int end = bytes.Length - HashBytes;
        if (end < magic.Length + HashBytes || !bytes.AsSpan(0, magic.Length).SequenceEqual(magic)
            || !SHA256.HashData(bytes.AsSpan(0, end)).AsSpan().SequenceEqual(bytes.AsSpan(end)))
        {
            throw Wrong(path, $"no {what}, or a damaged one");
        }

        using var reader = new BinaryReader(new MemoryStream(bytes, 0, end));
        reader.BaseStream.Position = magic.Length;
        if (!reader.ReadBytes(HashBytes).AsSpan().SequenceEqual(fingerprint))
        {
            throw Wrong(path, $"a {what} of {others}");
        }

        try
        {
            return content(reader);
        }
        catch (EndOfStreamException)
        {
            throw Wrong(path, $"a {what} that ends too early");
        }
    }

    /// <summary>A count that was read.</summary>
    /// <exception cref="EndOfStreamException">It is out of range.</exception>
    public static int Bounded(int count, int most) => count >= 0 && count <= most ? count : throw new EndOfStreamException();

    private static InvalidDataException Wrong(string path, string what) => new($"{path}: {what}; delete it to begin anew");
}
