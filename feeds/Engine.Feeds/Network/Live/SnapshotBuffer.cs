using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Engine.Feeds.Network.Live;

/// <summary>What became of a message put into a <see cref="SnapshotBuffer"/>.</summary>
internal enum SnapshotPut
{
    /// <summary>It is in.</summary>
    Done,

    /// <summary>It would exceed the limit.</summary>
    Full,

    /// <summary>The host has no memory.</summary>
    NoMemory,
}

/// <summary>Messages one behind the other in native memory, each behind its u16 big-endian length, as in a BinaryFILE; grows up to a limit.</summary>
internal sealed unsafe class SnapshotBuffer : IDisposable
{
    private const long FirstBytes = 1 << 20;
    private const int Prefix = 2;

    private readonly long _maxBytes;
    private byte* _start;
    private long _room;

    /// <param name="maxBytes">The limit.</param>
    public SnapshotBuffer(long maxBytes)
    {
        _maxBytes = maxBytes;
    }

    /// <summary>Frees the memory of a buffer that nobody disposed.</summary>
    ~SnapshotBuffer() => Free();

    /// <summary>The first message's length field; moves when a message is put.</summary>
    public byte* Start => _start;

    /// <summary>Bytes in it.</summary>
    public long Length { get; private set; }

    /// <summary>Messages in it.</summary>
    public long Messages { get; private set; }

    /// <summary>Empties it, and keeps its memory.</summary>
    public void Clear() => Length = Messages = 0;

    /// <summary>Appends a message.</summary>
    /// <param name="message">At most 65,535 bytes.</param>
    public SnapshotPut Put(ReadOnlySpan<byte> message)
    {
        long length = Length + Prefix + message.Length;
        if (length > _maxBytes)
        {
            return SnapshotPut.Full;
        }

        if (length > _room && !Grow(length))
        {
            return SnapshotPut.NoMemory;
        }

        // SAFETY: there is room for length bytes, of which Length are taken.
        Span<byte> to = new(_start + Length, Prefix + message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)message.Length);
        message.CopyTo(to[Prefix..]);
        Length = length;
        Messages++;
        return SnapshotPut.Done;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private bool Grow(long length)
    {
        long room = Math.Min(Math.Max(Math.Max(length, 2 * _room), FirstBytes), Math.Max(_maxBytes, length));
        try
        {
            // SAFETY: memory of this object, or none yet; what was in it moves along.
            _start = (byte*)NativeMemory.Realloc(_start, (nuint)room);
            _room = room;
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    private void Free()
    {
        NativeMemory.Free(_start);
        _start = null;
        _room = Length = Messages = 0;
    }
}
