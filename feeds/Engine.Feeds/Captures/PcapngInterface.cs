using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Engine.Feeds.Captures;

/// <summary>An interface that a pcapng section describes: how its packets are framed, and how its clock counts.</summary>
/// <remarks>
/// The body of an interface description block, and its options:
/// <code>
/// body    0           2          4             8
///         +-----------+----------+-------------+---------------------
///         | link type | reserved | snap length | options ...
///         +-----------+----------+-------------+---------------------
/// option  0           2          4
///         +-----------+----------+-----------------------------------
///         | code      | length   | value, padded to 4 bytes ...          0 ends them, 2 if_name, 9 if_tsresol u8, 14 if_tsoffset i64
///         +-----------+----------+-----------------------------------
/// </code>
/// if_tsresol: bit 7 clear, a tick is 10^-n seconds; set, it is 2^-n; absent, 10^-6. if_tsoffset: seconds to add.
/// Layout: IETF draft-ietf-opsawg-pcapng, sections 3.5 and 4.2.
/// </remarks>
internal unsafe struct PcapngInterface
{
    /// <summary>Body without options, bytes.</summary>
    public const int BodyHead = 8;

    private const ushort EndOfOptions = 0, NameOption = 2, TimeResolution = 9, TimeOffset = 14;
    private const ulong NanosPerSecond = 1_000_000_000;
    private const int NanoExponent = 9, MaxExponent = 19;

    private ulong _multiplier;
    private ulong _divisor;
    private int _shift;
    private byte* _name;
    private int _nameLength;
    private Int128 _offsetNanos;

    /// <summary>Link type as the tcpdump group numbers them, or <see cref="PacketReader.NoInterface"/>.</summary>
    public int LinkType { get; private set; }

    /// <summary>Most bytes kept of a packet; 0 is all.</summary>
    public uint SnapLength { get; private set; }

    /// <summary>The interface's name (if_name) in UTF-8, over the file's own memory; empty where it has none.</summary>
    public readonly ReadOnlySpan<byte> Name => new(_name, _nameLength); // SAFETY: checked against the block; the file outlives its interfaces.

    /// <summary>What it stands for, if the file is a recording.</summary>
    public InterfaceRole Role { get; private set; }

    /// <summary>The description contradicts itself: its clock cannot be known.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Reads a description. One that is damaged keeps its place among the interfaces, and gives no times.</summary>
    /// <param name="body">The block's body.</param>
    /// <param name="length">Bytes of it.</param>
    /// <param name="swapped">Whether the section's byte order is not this machine's.</param>
    public static PcapngInterface Read(byte* body, int length, bool swapped)
    {
        PcapngInterface result = new() { LinkType = PacketReader.NoInterface, IsDamaged = length < BodyHead };
        result.SetResolution(6);
        if (result.IsDamaged)
        {
            return result;
        }

        // SAFETY: the body holds its head, and the options are read within length.
        result.LinkType = (ushort)Value(body, 2, swapped);
        result.SnapLength = (uint)Value(body + 4, 4, swapped);
        result.ReadOptions(body + BodyHead, body + length, swapped);
        return result;
    }

    /// <summary>
    /// A packet's time in nanoseconds, rounded down to one; exact at every resolution and offset.
    /// </summary>
    /// <param name="ticks">The time stamp in units of the interface's resolution.</param>
    /// <param name="nanos">ns since the Unix epoch.</param>
    /// <returns>False for a damaged description, and for a time outside 1970 to 2262, which 63 bits of ns cannot hold.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TryNanos(ulong ticks, out long nanos)
    {
        ulong high = Math.BigMul(ticks, _multiplier, out ulong low);
        UInt128 scaled = _divisor == 1 ? new UInt128(high, low) >> _shift : _divisor == 0 ? 0 : low / _divisor;
        Int128 total = (Int128)scaled + _offsetNanos;
        nanos = (long)total;
        return !IsDamaged && total >= 0 && total <= long.MaxValue;
    }

    /// <summary>The first option of one kind in a list of options.</summary>
    /// <returns>Its value over the same memory; empty where the list has none, or contradicts itself before it.</returns>
    public static ReadOnlySpan<byte> FindOption(ushort wanted, byte* at, byte* end, bool swapped)
    {
        // SAFETY: as in ReadOptions.
        while (end - at >= 4)
        {
            ushort code = (ushort)Value(at, 2, swapped);
            int size = (ushort)Value(at + 2, 2, swapped);
            at += 4;
            if (code == EndOfOptions || size > end - at)
            {
                break;
            }

            if (code == wanted)
            {
                return new ReadOnlySpan<byte>(at, size);
            }

            at += Math.Min((size + 3) & ~3, end - at);
        }

        return default;
    }

    private void ReadOptions(byte* at, byte* end, bool swapped)
    {
        // SAFETY: an option's head, then its value, are read only where they fit before end.
        while (end - at >= 4)
        {
            ushort code = (ushort)Value(at, 2, swapped);
            int size = (ushort)Value(at + 2, 2, swapped);
            at += 4;
            if (code == EndOfOptions)
            {
                return;
            }

            if (size > end - at)
            {
                IsDamaged = true;
                return;
            }

            if (code is TimeResolution or TimeOffset)
            {
                TakeClock(code, at, size, swapped);
            }
            else if (code == NameOption)
            {
                _name = at;
                _nameLength = size;
                Role = RecordedInterface.Of(Name);
            }

            at += Math.Min((size + 3) & ~3, end - at);
        }
    }

    private void TakeClock(ushort code, byte* value, int size, bool swapped)
    {
        if (size != (code == TimeResolution ? 1 : 8))
        {
            IsDamaged = true;
        }
        else if (code == TimeResolution)
        {
            SetResolution(*value);
        }
        else
        {
            _offsetNanos = (Int128)(long)Value(value, 8, swapped) * NanosPerSecond;
        }
    }

    /// <summary>ns = ticks × multiplier / 2^shift, or ticks / divisor; divisor 0 is one that no 64-bit count reaches.</summary>
    private void SetResolution(byte resolution)
    {
        int exponent = resolution & 0x7F;
        bool isBinary = resolution >> 7 != 0;
        _shift = isBinary ? exponent : 0;
        _multiplier = isBinary ? NanosPerSecond : PowerOfTen(NanoExponent - exponent);
        _divisor = isBinary || exponent <= NanoExponent ? 1
            : exponent - NanoExponent <= MaxExponent ? PowerOfTen(exponent - NanoExponent)
            : 0;
    }

    private static ulong PowerOfTen(int exponent)
    {
        ulong power = 1;
        for (int i = 0; i < exponent; i++)
        {
            power *= 10;
        }

        return power;
    }

    private static ulong Value(byte* at, int size, bool swapped)
    {
        // SAFETY: callers have checked that size bytes are there.
        return size switch
        {
            2 when swapped => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(at)),
            2 => Unsafe.ReadUnaligned<ushort>(at),
            4 when swapped => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<uint>(at)),
            4 => Unsafe.ReadUnaligned<uint>(at),
            _ when swapped => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(at)),
            _ => Unsafe.ReadUnaligned<ulong>(at),
        };
    }
}
