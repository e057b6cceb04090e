using System.Numerics;
using System.Runtime.CompilerServices;
using Engine.Core.Memory;

namespace Engine.Core.Rings;

/// <summary>
/// The slots of a ring, allocated once outside the collected heap. It knows nothing of who may touch which slot: that is
/// decided by a producer (<see cref="SingleProducer{T,TWait}"/>, <see cref="MultiProducer{T,TWait}"/>) and by barriers.
/// </summary>
/// <typeparam name="T">A blittable event; 64 bytes make a slot one cache line.</typeparam>
public sealed unsafe class RingBuffer<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Most slots a ring may have.</summary>
    public const int MaxSize = 1 << 26;

    private readonly T* _slots;
    private readonly long _mask;
    private readonly NativeBuffer<T> _buffer;

    /// <param name="size">Slots; a power of two up to <see cref="MaxSize"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a power of two, or out of range.</exception>
    /// <exception cref="OutOfMemoryException">The memory cannot be had.</exception>
    public RingBuffer(int size)
    {
        if (size is < 1 or > MaxSize || !BitOperations.IsPow2(size))
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, $"A ring has a power of two of slots, 1 to {MaxSize:N0}.");
        }

        _buffer = new NativeBuffer<T>(size);
        _slots = _buffer.Pointer;
        _mask = size - 1;
    }

    /// <summary>Slots.</summary>
    public int Size => (int)_mask + 1;

    /// <summary>
    /// The slot of a sequence. Valid until the ring is disposed, and the caller's to touch only between a claim and its
    /// publication, or between a barrier's answer and the release of the caller's own sequence.
    /// </summary>
    public ref T this[long sequence]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]

        // SAFETY: the mask keeps the index inside the buffer for any sequence; the buffer lives as long as this object.
        get => ref _slots[sequence & _mask];
    }

    /// <summary>Writes every page of the ring, so that no slot faults on its first use; before the threads start.</summary>
    public void Touch() => _buffer.Span.Clear();

    /// <summary>Frees the slots; only after every thread that uses them has stopped.</summary>
    public void Dispose() => _buffer.Dispose();
}
