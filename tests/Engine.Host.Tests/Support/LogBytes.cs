using System.Buffers.Binary;

namespace Engine.Host.Tests.Support;

/// <summary>A prediction log read from its bytes alone: a head, then records of 64 bytes, each with a CRC-32C in its last four.</summary>
internal sealed class LogBytes(byte[] bytes)
{
    public const int RecordSize = 64;
    public const byte Prediction = 1;

    /// <summary>Where the records begin.</summary>
    public int FirstRecord { get; } = 16 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));

    /// <summary>Records, whole or not.</summary>
    public int Records => (bytes.Length - FirstRecord + RecordSize - 1) / RecordSize;

    /// <summary>Kind of a record.</summary>
    public byte Kind(int record) => bytes[Offset(record)];

    /// <summary>Where a record begins.</summary>
    public int Offset(int record) => FirstRecord + (record * RecordSize);

    /// <summary>Predictions among the whole records before <paramref name="length"/>.</summary>
    public int PredictionsBefore(long length)
    {
        int count = 0;
        for (int record = 0; Offset(record) + RecordSize <= length; record++)
        {
            count += Kind(record) == Prediction ? 1 : 0;
        }

        return count;
    }

    /// <summary>Index of the n-th prediction's record.</summary>
    public int RecordOfPrediction(int n) =>
        Enumerable.Range(0, Records).Where(r => Kind(r) == Prediction).ElementAt(n);

    /// <summary>Makes a record's check fit its bytes again.</summary>
    public static void Reseal(Span<byte> record) => BinaryPrimitives.WriteUInt32LittleEndian(record[60..], Crc32C(record[..60]));

    /// <summary>CRC-32C bit by bit (RFC 3720, appendix B.4).</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        return ~crc;
    }
}
