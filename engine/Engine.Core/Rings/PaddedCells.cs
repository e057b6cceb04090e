using System.Runtime.InteropServices;

namespace Engine.Core.Rings;

/// <summary>
/// One counter alone on its cache lines.
/// </summary>
/// <remarks>
/// <code>
///  0                128     136              256
///  +----------------+-------+----------------+
///  | padding        | value | padding        |
///  +----------------+-------+----------------+
/// </code>
/// 128 bytes, not 64, because x86 prefetches lines in pairs. Heap objects are not aligned to lines, so the padding stands on
/// both sides: whatever the object's address, no other field shares the value's 128-byte pair.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = SizeInBytes)]
internal struct PaddedLong
{
    /// <summary>Size of the layout in bytes.</summary>
    public const int SizeInBytes = 256;

    /// <summary>The counter.</summary>
    [FieldOffset(128)] public long Value;
}

/// <summary>What a single producer writes for itself; padded like <see cref="PaddedLong"/>.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeInBytes)]
internal struct ProducerState
{
    /// <summary>Size of the layout in bytes.</summary>
    public const int SizeInBytes = 272;

    /// <summary>The highest sequence claimed so far.</summary>
    [FieldOffset(128)] public long Claimed;

    /// <summary>The slowest final consumer when it was last looked at; never above the truth.</summary>
    [FieldOffset(136)] public long CachedGating;
}

/// <summary>What a barrier's one consumer writes for itself, and the alert; padded like <see cref="PaddedLong"/>.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeInBytes)]
internal struct BarrierState
{
    /// <summary>Size of the layout in bytes.</summary>
    public const int SizeInBytes = 272;

    /// <summary>The highest sequence known to be available; never above the truth.</summary>
    [FieldOffset(128)] public long CachedAvailable;

    /// <summary>1 once somebody asked the consumer to stop waiting.</summary>
    [FieldOffset(136)] public int Alerted;
}
