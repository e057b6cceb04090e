using Engine.Training.Training;

namespace Engine.Training.Trees;

/// <summary>Everything that boosting needs to go on from a round as if it had never stopped.</summary>
/// <remarks>
/// <code>
/// "ENGTRE01" | fingerprint: 32 bytes | rounds i32 | each: train loss, valid loss f64 | model: length i32, bytes
/// SHA-256 of all before
/// </code>
/// Little-endian, a <see cref="SealedFile"/>.
/// </remarks>
/// <param name="Fingerprint">SHA-256 over what must be the same to go on: options, rows and labels.</param>
/// <param name="History">Every round.</param>
/// <param name="Model">The trees, as XGBoost saves them.</param>
internal sealed record TreeCheckpoint(byte[] Fingerprint, IReadOnlyList<BoostingRound> History, byte[] Model)
{
    private static readonly SealedFile s_file = new([.. "ENGTRE01"u8], "checkpoint of trees", "other rows or other options");

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path) => s_file.Write(path, Fingerprint, Write);

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">It is no checkpoint, is damaged, or is another training's.</exception>
    public static TreeCheckpoint Read(string path, byte[] fingerprint) => s_file.Read(path, fingerprint, reader => Read(reader, fingerprint));

    private static TreeCheckpoint Read(BinaryReader reader, byte[] fingerprint)
    {
        var history = new BoostingRound[SealedFile.Bounded(reader.ReadInt32(), BoostingSpec.MaxRounds)];
        for (int i = 0; i < history.Length; i++)
        {
            history[i] = new BoostingRound(i, reader.ReadDouble(), reader.ReadDouble());
        }

        int length = reader.ReadInt32();
        return length == reader.BaseStream.Length - reader.BaseStream.Position
            ? new TreeCheckpoint(fingerprint, history, reader.ReadBytes(length))
            : throw new EndOfStreamException();
    }

    private void Write(BinaryWriter writer)
    {
        writer.Write(History.Count);
        foreach (BoostingRound round in History)
        {
            writer.Write(round.TrainLoss);
            writer.Write(round.ValidLoss);
        }

        writer.Write(Model.Length);
        writer.Write(Model);
    }
}
