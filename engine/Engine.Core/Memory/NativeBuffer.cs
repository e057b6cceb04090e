using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Core.Memory;

/// <summary>
/// A fixed array outside the collected heap: zeroed, aligned to 2 MiB when large (so that the kernel may back it with huge
/// pages) and to a cache line otherwise. Pages that are never touched cost no memory.
/// </summary>
public sealed unsafe class NativeBuffer<T> : IDisposable
    where T : unmanaged
{
    private T* _items;
    private readonly nuint _bytes;
    private readonly bool _mapped;
    private readonly void* _mapping;

    /// <param name="length">Elements; fixed for life.</param>
    /// <exception cref="OutOfMemoryException">The memory cannot be had.</exception>
    public NativeBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Length = length;
        _bytes = (nuint)length * (nuint)sizeof(T);
        _mapped = OperatingSystem.IsLinux() && _bytes >= AnonymousMapping.HugePage;
        if (_mapped)
        {
            _mapping = AnonymousMapping.Create(_bytes);
            _items = (T*)AnonymousMapping.AlignedStart(_mapping);
        }
        else
        {
            _items = (T*)NativeMemory.AlignedAlloc(_bytes, 64);
            NativeMemory.Clear(_items, _bytes);
        }
    }

    /// <summary>Frees the memory of a buffer that nobody disposed.</summary>
    ~NativeBuffer() => Free();

    /// <summary>Elements.</summary>
    public int Length { get; }

    /// <summary>The first element; valid until disposed.</summary>
    public T* Pointer => _items;

    /// <summary>An element; the index is checked in debug builds only.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            System.Diagnostics.Debug.Assert((uint)index < (uint)Length, "index outside the buffer");

            // SAFETY: callers keep 0 <= index < Length; the memory lives as long as this object.
            return ref _items[index];
        }
    }

    /// <summary>All elements.</summary>
    public Span<T> Span => new(_items, Length);

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        T* items = _items;
        _items = null;
        if (items == null)
        {
            return;
        }

        if (_mapped)
        {
            AnonymousMapping.Free(_mapping, _bytes);
        }
        else
        {
            NativeMemory.AlignedFree(items);
        }
    }
}
