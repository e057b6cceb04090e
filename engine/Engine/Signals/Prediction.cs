using System.Runtime.InteropServices;

namespace Engine.Signals;

/// <summary>One prediction with what it was made from: 64 bytes, the record of the prediction log.</summary>
/// <remarks>
/// <code>
///  0    1     2     3     4          8          16        24       32      40      48    52      54    56        60   64
///  +----+-----+-----+-----+----------+----------+---------+--------+-------+-------+-----+-------+-----+---------+----+
///  |kind|trust|flags|model|instrument| exch. ns | recv. ns| feed   | event | row   |value|missing|  0  |    0    |crc |
///  |u8  |u8   |u8   |u8   |i32       | i64      | i64     | seq u64| i64   | digest| f32 |u16    | u16 | u32     |u32 |
///  +----+-----+-----+-----+----------+----------+---------+--------+-------+-------+-----+-------+-----+---------+----+
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = SizeInBytes)]
public struct Prediction
{
    /// <summary>Size of the layout in bytes.</summary>
    public const int SizeInBytes = 64;

    /// <summary>Which record of the log this is; <see cref="Recording.LogRecordKind.Prediction"/>.</summary>
    [FieldOffset(0)] public byte Kind;

    /// <summary><see cref="Books.BookTrust"/> of the book.</summary>
    [FieldOffset(1)] public byte Trust;

    /// <summary>Flags of the event (<see cref="Core.Events.EventFlags"/>).</summary>
    [FieldOffset(2)] public byte Flags;

    /// <summary>Index of the model in the run.</summary>
    [FieldOffset(3)] public byte Model;

    /// <summary>Index of the instrument.</summary>
    [FieldOffset(4)] public int Instrument;

    /// <summary>Exchange time of the row, ns since the Unix epoch.</summary>
    [FieldOffset(8)] public long ExchangeTime;

    /// <summary>Receive time of the event that made it due, ns since the Unix epoch.</summary>
    [FieldOffset(16)] public long ReceiveTime;

    /// <summary>The feed's sequence number of that event.</summary>
    [FieldOffset(24)] public ulong Sequence;

    /// <summary>Number of that event in the run, from 0.</summary>
    [FieldOffset(32)] public long Event;

    /// <summary>Hash of the raw feature row's bits.</summary>
    [FieldOffset(40)] public ulong RowDigest;

    /// <summary>What the model said.</summary>
    [FieldOffset(48)] public float Value;

    /// <summary>Features of the row that were NaN or infinite.</summary>
    [FieldOffset(52)] public ushort Missing;

    /// <summary>CRC-32C of the first 60 bytes; set by the log.</summary>
    [FieldOffset(60)] public uint Check;
}
