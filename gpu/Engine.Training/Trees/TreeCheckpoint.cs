using System.Security.Cryptography;
using System.Text;

namespace Engine.Training.Trees;

/// <summary>Everything that boosting needs to go on from a round as if it had never stopped.</summary>
/// <remarks>
/// <code>
/// "ENGTRE01" | fingerprint: 32 bytes | rounds i32 | each: train loss, valid loss f64 | model: length i32, bytes
/// SHA-256 of all before
/// </code>
/// Little-endian. Written beside the file and renamed, so that a kill leaves the one before.
/// </remarks>
/// <param name="Fingerprint">SHA-256 over what must be the same to go on: options, rows and labels.</param>
/// <param name="History">Every round.</param>
/// <param name="Model">The trees, as XGBoost saves them.</param>
internal sealed record TreeCheckpoint(byte[] Fingerprint, IReadOnlyList<BoostingRound> History, byte[] Model)
{
    private const int HashBytes = 32;

    private static readonly byte[] s_magic = Encoding.ASCII.GetBytes("ENGTRE01");

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(s_magic);
        writer.Write(Fingerprint);
        writer.Write(History.Count);
        foreach (BoostingRound round in History)
        {
            writer.Write(round.TrainLoss);
            writer.Write(round.ValidLoss);
        }

        writer.Write(Model.Length);
        writer.Write(Model);
        writer.Flush();
        writer.Write(SHA256.HashData(bytes.ToArray()));
        string beside = path + ".part";
        File.WriteAllBytes(beside, bytes.ToArray());
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">It is no checkpoint, is damaged, or is another training's.</exception>
    public static TreeCheckpoint Read(string path, byte[] fingerprint)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length < s_magic.Length + (2 * HashBytes) || !bytes.AsSpan(0, s_magic.Length).SequenceEqual(s_magic)
            || !SHA256.HashData(bytes.AsSpan(0, bytes.Length - HashBytes)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - HashBytes)))
        {
            throw new InvalidDataException($"{path}: no checkpoint of trees, or a damaged one; delete it to begin anew");
        }

        using var reader = new BinaryReader(new MemoryStream(bytes, 0, bytes.Length - HashBytes));
        reader.ReadBytes(s_magic.Length);
        if (!reader.ReadBytes(HashBytes).AsSpan().SequenceEqual(fingerprint))
        {
            throw new InvalidDataException($"{path}: a checkpoint of other rows or other options; delete it to begin anew");
        }

        try
        {
            int rounds = reader.ReadInt32();
            if (rounds is < 0 or > BoostingSpec.MaxRounds)
            {
                throw new EndOfStreamException();
            }

            var history = new BoostingRound[rounds];
            for (int i = 0; i < history.Length; i++)
            {
                history[i] = new BoostingRound(i, reader.ReadDouble(), reader.ReadDouble());
            }

            int length = reader.ReadInt32();
            return length == reader.BaseStream.Length - reader.BaseStream.Position
                ? new TreeCheckpoint(fingerprint, history, reader.ReadBytes(length))
                : throw new EndOfStreamException();
        }
        catch (EndOfStreamException)
        {
            throw new InvalidDataException($"{path}: a checkpoint that ends too early; delete it to begin anew");
        }
    }
}
