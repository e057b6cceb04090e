using System.Diagnostics;
using System.Runtime.CompilerServices;
using Engine.Core.Memory;
using Engine.Core.Rings;

namespace Engine.Feeds.Network.Live;

/// <summary>
/// A ring of bytes between one producing and one consuming thread. What is put comes out in the same order; nothing is dropped.
/// </summary>
/// <remarks>
/// <code>
/// producer  1. <see cref="HasRoom"/>: claimed + bytes - released (read with acquire, when it seems full) stays within the capacity
///           2. <see cref="Put"/>, as often as it takes; the consumer sees nothing of it
///           3. <see cref="Publish"/>: the claimed position becomes the written one, with release
/// consumer  4. <see cref="Peek"/>: written (acquire) - released, up to the memory's end
///           5. <see cref="Release"/>: with release, so the producer overwrites only what was read
/// </code>
/// Positions count bytes from 0 and never wrap; the memory wraps.
/// </remarks>
internal sealed unsafe class JournalRing : IDisposable
{
    private readonly NativeBuffer<byte> _bytes;
    private readonly Sequence _written = new();
    private readonly Sequence _released = new();
    private long _claimed;
    private long _releasedSeen;
    private long _consumed;

    /// <param name="capacity">Bytes; a power of two.</param>
    public JournalRing(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(int.IsPow2(capacity), true, nameof(capacity));
        _bytes = new NativeBuffer<byte>(capacity);

        // Touched, so that the hot thread meets no page for the first time.
        _bytes.Span.Fill(0xFF);
        _written.SetRelease(0);
        _released.SetRelease(0);
    }

    /// <summary>Bytes.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>Producer: bytes published since the start.</summary>
    public long Written => _written.Value;

    /// <summary>Producer: whether so many bytes more can be put.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool HasRoom(int bytes) => _claimed + bytes - _releasedSeen <= _bytes.Length || LookAgain(bytes);

    /// <summary>Producer: puts bytes behind those put before; there is room for them.</summary>
    public void Put(byte* data, int length)
    {
        Debug.Assert(_claimed + length - _releasedSeen <= _bytes.Length, "put without room");
        int at = (int)(_claimed & (_bytes.Length - 1));
        int first = Math.Min(length, _bytes.Length - at);

        // SAFETY: the caller's length bytes; first of them fit before the memory's end, the rest at its start, where there is room.
        Unsafe.CopyBlockUnaligned(_bytes.Pointer + at, data, (uint)first);
        Unsafe.CopyBlockUnaligned(_bytes.Pointer, data + first, (uint)(length - first));
        _claimed += length;
    }

    /// <summary>Producer: shows the consumer what was put.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish() => _written.SetRelease(_claimed);

    /// <summary>Consumer: the oldest bytes, as far as they lie in a row; they stay until <see cref="Release"/>.</summary>
    /// <param name="length">How many; 0 for none.</param>
    public byte* Peek(out int length)
    {
        int at = (int)(_consumed & (_bytes.Length - 1));
        length = (int)Math.Min(_written.Value - _consumed, _bytes.Length - at);
        return _bytes.Pointer + at;
    }

    /// <summary>Consumer: gives bytes back, at most as many as were peeked at.</summary>
    public void Release(int length)
    {
        _consumed += length;
        _released.SetRelease(_consumed);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _bytes.Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool LookAgain(int bytes)
    {
        _releasedSeen = _released.Value;
        return _claimed + bytes - _releasedSeen <= _bytes.Length;
    }
}
