using System.Runtime.InteropServices;
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
/// Little-endian, a <see cref="SealedFile"/>.
/// </remarks>
internal sealed record Checkpoint
{
    private const int MaxRecords = TrainerOptions.MaxEpochs;
    private const int MaxNumbers = 1 << 28;

    private static readonly SealedFile s_file = new([.. "ENGTRN01"u8], "checkpoint", "another network, other rows or other options");

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
    public void Write(string path) => s_file.Write(path, Fingerprint, Write);

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">It is no checkpoint, is damaged, or is another training's.</exception>
    public static Checkpoint Read(string path, byte[] fingerprint) => s_file.Read(path, fingerprint, reader => Read(reader, fingerprint));

    private void Write(BinaryWriter writer)
    {
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
    }

    private static Checkpoint Read(BinaryReader reader, byte[] fingerprint)
    {
        int epochs = reader.ReadInt32(), bestEpoch = reader.ReadInt32();
        double bestLoss = reader.ReadDouble();
        int since = reader.ReadInt32();
        var history = new EpochRecord[SealedFile.Bounded(reader.ReadInt32(), MaxRecords)];
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
        var values = new float[SealedFile.Bounded(reader.ReadInt32(), MaxNumbers)];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
