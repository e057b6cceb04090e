using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Signals;

/// <summary>What some members of an ensemble said, published right before its prediction: 64 bytes, a record of the prediction log.</summary>
/// <remarks>
/// <code>
///  0    1     2     3     4          8                        56        60   64
///  +----+-----+-----+-----+----------+------------------------+---------+----+
///  |kind|count|first|model|instrument| values, 12 of f32      |    0    |crc |
///  |u8  |u8   |u8   |u8   |i32       | of members first, …    | u32     |u32 |
///  +----+-----+-----+-----+----------+------------------------+---------+----+
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Prediction.SizeInBytes)]
public struct MemberRecord
{
    /// <summary><see cref="Prediction.Kind"/> of these records.</summary>
    public const byte Kind = 6;

    /// <summary>Most values of one record; an ensemble of more has several.</summary>
    public const int MaxValues = 12;

    /// <summary><see cref="Kind"/>.</summary>
    [FieldOffset(0)] public byte RecordKind;

    /// <summary>Values in use.</summary>
    [FieldOffset(1)] public byte Count;

    /// <summary>Which member the first value is of.</summary>
    [FieldOffset(2)] public byte First;

    /// <summary>Number of the ensemble in the run.</summary>
    [FieldOffset(3)] public byte Model;

    /// <summary>Index of the instrument.</summary>
    [FieldOffset(4)] public int Instrument;

    /// <summary>The values; 0 behind the last.</summary>
    [FieldOffset(8)] public MemberSlots Values;

    /// <summary>CRC-32C of the first 60 bytes; set by the log.</summary>
    [FieldOffset(60)] public uint Check;

    /// <summary>A published item as what it is.</summary>
    public static ref MemberRecord Of(ref Prediction item) => ref MemoryMarshal.Cast<Prediction, MemberRecord>(new Span<Prediction>(ref item))[0];
}

/// <summary>Room for the values of a <see cref="MemberRecord"/>.</summary>
[InlineArray(MemberRecord.MaxValues)]
public struct MemberSlots
{
    private float _first;
}
