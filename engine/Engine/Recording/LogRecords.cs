using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Engine.Signals;

namespace Engine.Recording;

/// <summary>
/// The records of a prediction log beside <see cref="Prediction"/>, <see cref="MemberRecord"/> and <see cref="ModelRecord"/>, all 64
/// bytes, all with their CRC-32C in the last four.
/// </summary>
/// <remarks>
/// <code>
///  instrument  0 kind=2 | 1 symbol length | 4 instrument i32 | 8 symbol, UTF-8, up to 48 bytes, zero padded | 60 crc
///  seal        0 kind=3 | 4 records in the block i32 | 8 block number i64 | 16 chained hash u64 | 24 predictions so far i64 | 60 crc
///  end         0 kind=4 | 1 interrupted, 0 or 1 | 32 hash of a live feed's payloads u64 | otherwise as a seal
/// </code>
/// </remarks>
public static class LogRecords
{
    /// <summary>Size of every record.</summary>
    public const int Size = Prediction.SizeInBytes;

    /// <summary>Records in a block, its seal not counted.</summary>
    public const int RecordsPerBlock = 255;

    /// <summary>Longest symbol, UTF-8 bytes.</summary>
    public const int MaxSymbolBytes = 48;

    private const int CheckedBytes = 60;

    /// <summary>CRC-32C of a record's first 60 bytes.</summary>
    public static uint Crc(ReadOnlySpan<byte> record)
    {
        uint crc = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(record[..56]);
        for (int i = 0; i < words.Length; i++)
        {
            crc = BitOperations.Crc32C(crc, words[i]);
        }

        return ~BitOperations.Crc32C(crc, MemoryMarshal.Read<uint>(record[56..]));
    }

    /// <summary>Writes the check of a record whose other bytes are in place.</summary>
    public static void Close(Span<byte> record)
    {
        uint crc = Crc(record);
        MemoryMarshal.Write(record[CheckedBytes..], in crc);
    }

    /// <summary>Whether a record's check matches its bytes.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> record) => MemoryMarshal.Read<uint>(record[CheckedBytes..]) == Crc(record);

    /// <summary>Chains a closed record into the running hash of a log.</summary>
    public static ulong Chain(ulong hash, ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(record[..Size]);
        for (int i = 0; i < words.Length; i++)
        {
            // Both halves of the product, so that no bit of a word is left alone for a later one to cancel.
            ulong high = Math.BigMul(hash ^ words[i], 0x9E3779B97F4A7C15, out ulong low);
            hash = (high ^ low) + 0xC2B2AE3D27D4EB4F;
        }

        return hash;
    }

    /// <summary>An instrument record. A symbol longer than <see cref="MaxSymbolBytes"/> keeps its length so that the cut shows;
    /// it is cut between characters.</summary>
    public static void WriteInstrument(Span<byte> record, int instrument, string symbol)
    {
        record.Clear();
        record[0] = (byte)LogRecordKind.Instrument;
        MemoryMarshal.Write(record[4..], in instrument);
        byte[] bytes = Encoding.UTF8.GetBytes(symbol);
        record[1] = (byte)Math.Min(bytes.Length, byte.MaxValue);
        int kept = Math.Min(bytes.Length, MaxSymbolBytes);
        while (kept < bytes.Length && (bytes[kept] & 0xC0) == 0x80)
        {
            kept--;
        }

        bytes.AsSpan(0, kept).CopyTo(record[8..]);
        Close(record);
    }

    /// <summary>The symbol of an instrument record.</summary>
    public static string Symbol(ReadOnlySpan<byte> record)
    {
        int length = record[1];
        return length <= MaxSymbolBytes
            ? Encoding.UTF8.GetString(record.Slice(8, length))
            : Encoding.UTF8.GetString(record.Slice(8, MaxSymbolBytes).TrimEnd((byte)0)) + "…";
    }

    /// <summary>Whether an end record says that the run was ended before its captures were.</summary>
    public static bool IsInterrupted(ReadOnlySpan<byte> record) => record[1] != 0;

    /// <summary>The hash of a live feed's payloads in an end record; 0 for captures.</summary>
    public static ulong PayloadHash(ReadOnlySpan<byte> record) => MemoryMarshal.Read<ulong>(record[32..]);

    /// <summary>A seal or end record.</summary>
    /// <param name="record">Where to write, 64 bytes.</param>
    /// <param name="kind">Seal or end.</param>
    /// <param name="records">Records in the block.</param>
    /// <param name="block">The block's number.</param>
    /// <param name="chain">Hash of all before.</param>
    /// <param name="predictions">Predictions so far.</param>
    /// <param name="interrupted">In an end record: the run was ended before its captures were.</param>
    /// <param name="payloadHash">In an end record of a live log: the hash of what was received.</param>
    public static void WriteSeal(
        Span<byte> record, LogRecordKind kind, int records, long block, ulong chain, long predictions, bool interrupted = false, ulong payloadHash = 0)
    {
        record.Clear();
        record[0] = (byte)kind;
        record[1] = interrupted ? (byte)1 : (byte)0;
        MemoryMarshal.Write(record[4..], in records);
        MemoryMarshal.Write(record[8..], in block);
        MemoryMarshal.Write(record[16..], in chain);
        MemoryMarshal.Write(record[24..], in predictions);
        MemoryMarshal.Write(record[32..], in payloadHash);
        Close(record);
    }
}
