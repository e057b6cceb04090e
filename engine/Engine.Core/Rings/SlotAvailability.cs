using System.Numerics;
using System.Runtime.CompilerServices;
using Engine.Core.Memory;

namespace Engine.Core.Rings;

/// <summary>
/// Which slots of a many-producer ring are published: per slot the lap (sequence / size) of its last publication, from −1.
/// Laps are compared for equality, so their wrap after 2^32 rounds does no harm.
/// </summary>
internal sealed class SlotAvailability : IDisposable
{
    private readonly NativeBuffer<int> _laps;
    private readonly int _shift;
    private readonly long _mask;

    /// <param name="size">Slots; a power of two.</param>
    public SlotAvailability(int size)
    {
        _laps = new NativeBuffer<int>(size);
        _laps.Span.Fill(-1);
        _shift = BitOperations.Log2((uint)size);
        _mask = size - 1;
    }

    /// <summary>Publishes one slot with release.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish(long sequence) => Volatile.Write(ref _laps[(int)(sequence & _mask)], (int)(sequence >> _shift));

    /// <summary>
    /// The highest sequence up to which everything from <paramref name="low"/> on is published, not above
    /// <paramref name="claimed"/>; <paramref name="low"/> − 1 when it is not published itself. Reads with acquire.
    /// </summary>
    public long HighestPublished(long low, long claimed)
    {
        // Bounded by the ring's size: claims run at most one lap ahead of the consumer that asks.
        for (long sequence = low; sequence <= claimed; sequence++)
        {
            if (Volatile.Read(ref _laps[(int)(sequence & _mask)]) != (int)(sequence >> _shift))
            {
                return sequence - 1;
            }
        }

        return claimed;
    }

    /// <summary>Frees the laps.</summary>
    public void Dispose() => _laps.Dispose();
}
