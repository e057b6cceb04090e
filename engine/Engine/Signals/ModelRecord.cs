using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Signals;

/// <summary>A model took another's place, published before the first prediction that follows from it: 64 bytes, a record of the prediction log.</summary>
/// <remarks>
/// <code>
///  0    1     2        3     4     8         16      24              56    60   64
///  +----+-----+--------+-----+-----+---------+-------+---------------+-----+----+
///  |kind|place|replaced|model|  0  | exch. ns| event | SHA-256 of    |  0  |crc |
///  |u8  |u8   |u8      |u8   | u32 | i64     | i64   | the file      | u32 |u32 |
///  +----+-----+--------+-----+-----+---------+-------+---------------+-----+----+
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Prediction.SizeInBytes)]
public struct ModelRecord
{
    /// <summary><see cref="Prediction.Kind"/> of these records.</summary>
    public const byte Kind = 5;

    /// <summary><see cref="Kind"/>.</summary>
    [FieldOffset(0)] public byte RecordKind;

    /// <summary>Which model of the command line it stands for.</summary>
    [FieldOffset(1)] public byte Place;

    /// <summary>Number of the model that it replaces.</summary>
    [FieldOffset(2)] public byte Replaced;

    /// <summary>Its own number, which its predictions carry.</summary>
    [FieldOffset(3)] public byte Model;

    /// <summary>Exchange time of the first event whose rows it predicts, ns since the Unix epoch.</summary>
    [FieldOffset(8)] public long ExchangeTime;

    /// <summary>Number of that event in the run, from 0.</summary>
    [FieldOffset(16)] public long Event;

    /// <summary>SHA-256 of its file.</summary>
    [FieldOffset(24)] public ModelHash Sha256;

    /// <summary>CRC-32C of the first 60 bytes; set by the log.</summary>
    [FieldOffset(60)] public uint Check;

    /// <summary>A published item as what it is.</summary>
    public static ref ModelRecord Of(ref Prediction item) => ref MemoryMarshal.Cast<Prediction, ModelRecord>(new Span<Prediction>(ref item))[0];
}

/// <summary>The 32 bytes of a SHA-256.</summary>
[InlineArray(Size)]
public struct ModelHash
{
    private const int Size = 32;

    private byte _first;

    /// <summary>From lower-case hex.</summary>
    public static ModelHash Parse(string hex)
    {
        var hash = default(ModelHash);
        Convert.FromHexString(hex).CopyTo((Span<byte>)hash);
        return hash;
    }

    /// <summary>Lower-case hex.</summary>
    public override readonly string ToString() => Convert.ToHexStringLower((ReadOnlySpan<byte>)this);
}
