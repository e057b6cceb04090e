using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Engine.Training.Backends;

namespace Engine.Training.Training;

/// <summary>
/// Everything that a training needs to go on after an epoch as if it had never stopped.
/// </summary>
/// <remarks>
/// <code>
/// "ENGTRN01" | fingerprint: 32 bytes | epochs done i32 | best epoch i32 | best loss f64 | epochs since i32
/// records i32 | each: epoch i32, train, valid, norm, rate f64, steps i64
/// last state, best state, each: step i64, four lists: count i32, float32 …
/// SHA-256 of all before
/// </code>
/// Little-endian. Written beside the file and renamed, so that a kill leaves the one before.
/// </remarks>
internal sealed record Checkpoint
{
    private const int HashBytes = 32;
    private const int MaxRecords = TrainerOptions.MaxEpochs;
    private const int MaxNumbers = 1 << 28;

    private static readonly byte[] s_magic = Encoding.ASCII.GetBytes("ENGTRN01");

    /// <summary>SHA-256 over what must be the same to go on: see <see cref="Trainer"/>.</summary>
    public required byte[] Fingerprint { get; init; }

    /// <summary>Epochs done.</summary>
    public required int Epochs { get; init; }

    /// <summary>The best epoch; −1 for none.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Its validation loss.</summary>
    public required double BestLoss { get; init; }

    /// <summary>Epochs since.</summary>
    public required int SinceBest { get; init; }

    /// <summary>Every epoch.</summary>
    public required IReadOnlyList<EpochRecord> History { get; init; }

    /// <summary>After the last epoch.</summary>
    public required TrainingState Last { get; init; }

    /// <summary>After the best.</summary>
    public required TrainingState Best { get; init; }

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(s_magic);
        writer.Write(Fingerprint);
        writer.Write(Epochs);
        writer.Write(BestEpoch);
        writer.Write(BestLoss);
        writer.Write(SinceBest);
        writer.Write(History.Count);
        foreach (EpochRecord record in History)
        {
            writer.Write(record.Epoch);
            writer.Write(record.TrainLoss);
            writer.Write(record.ValidLoss);
            writer.Write(record.GradientNorm);
            writer.Write(record.Rate);
            writer.Write(record.Steps);
        }

        Write(writer, Last);
        Write(writer, Best);
        writer.Flush();
        writer.Write(SHA256.HashData(bytes.ToArray()));
        string beside = path + ".part";
        File.WriteAllBytes(beside, bytes.ToArray());
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">It is no checkpoint, is damaged, or is another training's.</exception>
    public static Checkpoint Read(string path, byte[] fingerprint)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length < s_magic.Length + HashBytes || !bytes.AsSpan(0, s_magic.Length).SequenceEqual(s_magic)
            || !SHA256.HashData(bytes.AsSpan(0, bytes.Length - HashBytes)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - HashBytes)))
        {
            throw new InvalidDataException($"{path}: no checkpoint, or a damaged one; delete it to begin anew");
        }

        using var reader = new BinaryReader(new MemoryStream(bytes));
        reader.ReadBytes(s_magic.Length);
        if (!reader.ReadBytes(HashBytes).AsSpan().SequenceEqual(fingerprint))
        {
            throw new InvalidDataException($"{path}: a checkpoint of another network, other rows or other options; delete it to begin anew");
        }

        try
        {
            return Read(reader, fingerprint);
        }
        catch (EndOfStreamException)
        {
            throw new InvalidDataException($"{path}: a checkpoint that ends too early; delete it to begin anew");
        }
    }

    private static Checkpoint Read(BinaryReader reader, byte[] fingerprint)
    {
        int epochs = reader.ReadInt32(), bestEpoch = reader.ReadInt32();
        double bestLoss = reader.ReadDouble();
        int since = reader.ReadInt32();
        var history = new EpochRecord[Bounded(reader.ReadInt32(), MaxRecords)];
        for (int i = 0; i < history.Length; i++)
        {
            history[i] = new EpochRecord(
                reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadInt64());
        }

        return new Checkpoint
        {
            Fingerprint = fingerprint,
            Epochs = epochs,
            BestEpoch = bestEpoch,
            BestLoss = bestLoss,
            SinceBest = since,
            History = history,
            Last = ReadState(reader),
            Best = ReadState(reader),
        };
    }

    private static void Write(BinaryWriter writer, TrainingState state)
    {
        writer.Write(state.Step);
        foreach (float[] values in new[] { state.Parameters, state.First, state.Second, state.Statistics })
        {
            writer.Write(values.Length);
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    private static TrainingState ReadState(BinaryReader reader) =>
        new(reader.ReadInt64(), ReadFloats(reader), ReadFloats(reader), ReadFloats(reader), ReadFloats(reader));

    private static float[] ReadFloats(BinaryReader reader)
    {
        var values = new float[Bounded(reader.ReadInt32(), MaxNumbers)];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static int Bounded(int count, int most) =>
        count >= 0 && count <= most ? count : throw new EndOfStreamException();
}
