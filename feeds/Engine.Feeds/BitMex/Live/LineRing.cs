using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Memory;
using Engine.Core.Rings;

namespace Engine.Feeds.BitMex.Live;

/// <summary>The head of a line in a <see cref="LineRing"/>; its bytes follow at once.</summary>
[StructLayout(LayoutKind.Explicit, Size = LineRing.HeadBytes)]
internal struct LineHead
{
    /// <summary>Bytes behind the head; <see cref="LineRing.Wrapped"/> where the rest of the buffer is unused.</summary>
    [FieldOffset(0)] public int Length;

    /// <summary>What the line is.</summary>
    [FieldOffset(4)] public BitMexLineKind Kind;

    /// <summary>Whether the time is one.</summary>
    [FieldOffset(5)] public bool HasGoodTime;

    /// <summary>Receive or send time, ns since the Unix epoch.</summary>
    [FieldOffset(8)] public long Time;
}

/// <summary>
/// Lines of any length from one producer at a time to one consumer, in memory that is taken once. A line lies in one piece.
/// </summary>
/// <remarks>
/// <code>
/// 0      4    5      6     8      16
/// +------+----+------+-----+------+-------+---------+
/// | len  |kind| good | pad | time | bytes | to 16 n |  len = −1: what follows is at the buffer's start
/// +------+----+------+-----+------+-------+---------+
/// </code>
/// The producer (1) finds room behind the consumer's last known position, and reads that position again only where there seems
/// to be none; (2) writes the line; (3) moves <c>_written</c> with release. The consumer (1) reads <c>_written</c> with acquire
/// when it has read all it knows of; (2) reads the line in place; (3) moves <c>_read</c> with release when it asks for the next.
/// Positions count bytes since the start and never go back. No line takes more than half of the buffer, so that a line and the
/// unused rest before it always fit into an empty one.
/// </remarks>
internal sealed unsafe class LineRing : IDisposable
{
    /// <summary>Bytes of a line's head; lines begin at multiples of it.</summary>
    public const int HeadBytes = 16;

    /// <summary>The length that stands where the rest of the buffer is unused.</summary>
    public const int Wrapped = -1;

    /// <summary>The smallest ring, bytes.</summary>
    public const int CapacityMin = 256;

    /// <summary>The largest ring, bytes.</summary>
    public const int CapacityMax = 1 << 30;

    private readonly NativeBuffer<byte> _buffer;
    private readonly int _mask;
    private readonly Sequence _written = new();
    private readonly Sequence _read = new();

    // The producer's: what it wrote, and how far it knows the consumer to be.
    private long _writing;
    private long _knownRead;

    // The consumer's: where it is, where the line after the one at hand begins, and what it knows to be written.
    private long _reading;
    private long _next;
    private long _knownWritten;

    /// <param name="capacityBytes">A power of two from <see cref="CapacityMin"/> to <see cref="CapacityMax"/>.</param>
    public LineRing(int capacityBytes)
    {
        if (!int.IsPow2(capacityBytes) || capacityBytes is < CapacityMin or > CapacityMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(capacityBytes), capacityBytes, $"A ring has a power of two of bytes, {CapacityMin} to {CapacityMax}.");
        }

        _buffer = new NativeBuffer<byte>(capacityBytes);
        _mask = capacityBytes - 1;
        LengthMax = capacityBytes / 2 - HeadBytes;
    }

    /// <summary>The longest line, bytes.</summary>
    public int LengthMax { get; }

    /// <summary>Producer: puts a line in.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="time">Its time, ns since the Unix epoch.</param>
    /// <param name="hasGoodTime">Whether that is one.</param>
    /// <param name="text">Its bytes, at most <see cref="LengthMax"/>.</param>
    /// <returns>False where there is no room yet.</returns>
    public bool TryWrite(BitMexLineKind kind, long time, bool hasGoodTime, ReadOnlySpan<byte> text)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, LengthMax);
        int size = Size(text.Length);
        int at = (int)_writing & _mask;
        int toEnd = _mask + 1 - at;
        int needed = size <= toEnd ? size : toEnd + size;
        if (_writing + needed - _knownRead > _mask + 1 && !HasRoom(needed))
        {
            return false;
        }

        if (size > toEnd)
        {
            Head(at)->Length = Wrapped;
            at = 0;
        }

        // SAFETY: [at, at + size) lies inside the buffer, and the consumer has left it: HasRoom or the check above said so.
        LineHead* head = Head(at);
        *head = new LineHead { Length = text.Length, Kind = kind, HasGoodTime = hasGoodTime, Time = time };
        text.CopyTo(new Span<byte>(head + 1, text.Length));
        _writing += needed;
        _written.SetRelease(Sequence.Initial + _writing);
        return true;
    }

    /// <summary>Consumer: leaves the line at hand and steps to the next.</summary>
    /// <param name="line">Its head, the bytes behind it; valid until the next call.</param>
    /// <returns>False where none is there.</returns>
    public bool TryRead(out LineHead* line)
    {
        if (_next != _reading)
        {
            _reading = _next;
            _read.SetRelease(Sequence.Initial + _reading);
        }

        line = null;
        if (_reading == _knownWritten)
        {
            _knownWritten = _written.Value - Sequence.Initial;
            if (_reading == _knownWritten)
            {
                return false;
            }
        }

        int at = (int)_reading & _mask;
        line = Head(at);
        if (line->Length == Wrapped)
        {
            // The rest and the line behind it were published together.
            _next += _mask + 1 - at;
            line = Head(0);
        }

        _next += Size(line->Length);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    private static int Size(int length) => (HeadBytes + length + HeadBytes - 1) & -HeadBytes;

    // SAFETY: callers mask `at`, which is a multiple of HeadBytes, as the buffer's length is.
    private LineHead* Head(int at) => (LineHead*)(_buffer.Pointer + at);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool HasRoom(int needed)
    {
        _knownRead = _read.Value - Sequence.Initial;
        return _writing + needed - _knownRead <= _mask + 1;
    }
}
