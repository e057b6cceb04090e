using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Engine.Feeds.Network;

/// <summary>
/// How a protocol frames its messages: a u16 size before each.
/// </summary>
/// <remarks>
/// <code>
/// MoldUDP64, BinaryFILE   | length u16 big    | message of length bytes |
/// IEX-TP                  | length u16 little | message of length bytes |
/// XDP                     | size u16 little   | type u16 | body |          the size counts itself and the type
/// </code>
/// </remarks>
/// <param name="isBigEndian">Byte order of the size.</param>
/// <param name="isInclusive">The size counts its own two bytes and a type of two.</param>
internal readonly unsafe struct MessageFraming(bool isBigEndian, bool isInclusive)
{
    /// <summary>MoldUDP64 and BinaryFILE.</summary>
    public static readonly MessageFraming Nasdaq = new(true, false);

    /// <summary>XDP: the message as handed out begins with its size.</summary>
    public static readonly MessageFraming Xdp = new(false, true);

    /// <summary>IEX-TP.</summary>
    public static readonly MessageFraming Iex = new(false, false);

    private const int Prefix = 2;
    private const int InclusiveHead = 4;

    /// <summary>Bytes from this message's size to the next one's; 0 for a size that cannot be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Step(byte* at)
    {
        // SAFETY: callers have checked that two bytes are left.
        int size = Size(at);
        return !isInclusive ? Prefix + size : size >= InclusiveHead ? size : 0;
    }

    /// <summary>Whether a message holds not even a type, and can be stepped over.</summary>
    public bool IsEmpty(byte* at) => !isInclusive && Size(at) == 0;

    /// <summary>A message by its first byte, as <see cref="MarketDataSource.TryGetMessage"/> hands it out.</summary>
    public ReadOnlySpan<byte> Message(byte* start) => new(start, Size(isInclusive ? start : start - Prefix));

    /// <summary>Whether exactly <paramref name="count"/> messages lie one behind the other from <paramref name="at"/> to
    /// <paramref name="end"/>; where the capture cut the packet, as far as it was kept, and at least one.</summary>
    public bool Chains(byte* at, byte* end, int count, bool truncated)
    {
        for (int i = 0; i < count; i++)
        {
            if (end - at < Prefix)
            {
                return truncated && i > 0;
            }

            int step = Step(at);
            if (step == 0)
            {
                return false;
            }

            if (end - at < step)
            {
                return truncated;
            }

            at += step;
        }

        return true;
    }

    /// <summary>How many of some messages lie whole before the end.</summary>
    /// <param name="at">The first one's size.</param>
    /// <param name="end">One past the last byte that may be read.</param>
    /// <param name="count">How many were announced.</param>
    /// <param name="past">One past the last whole one.</param>
    public int Whole(byte* at, byte* end, int count, out byte* past)
    {
        past = at;
        for (int i = 0; i < count; i++)
        {
            // SAFETY: the size is read only where two bytes are left, and the step never passes end.
            int step = end - past < Prefix ? 0 : Step(past);
            if (step == 0 || end - past < step)
            {
                return i;
            }

            past += step;
        }

        return count;
    }

    /// <summary>Steps over messages; when the bytes end within them, or a size cannot be, the run is left at its end.</summary>
    public void Skip(ref MessageRun run, long count)
    {
        for (; count > 0; count--)
        {
            // SAFETY: the size is read only where two bytes are left, and the step never passes End.
            int step = run.End - run.At < Prefix ? 0 : Step(run.At);
            if (step == 0 || run.End - run.At < step)
            {
                run.At = run.End;
                return;
            }

            run.At += step;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Size(byte* at)
    {
        ushort size = Unsafe.ReadUnaligned<ushort>(at);
        return isBigEndian ? BinaryPrimitives.ReverseEndianness(size) : size;
    }
}
