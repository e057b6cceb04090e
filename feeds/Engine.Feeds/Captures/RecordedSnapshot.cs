using System.Runtime.InteropServices;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;

namespace Engine.Feeds.Captures;

/// <summary>Puts a snapshot together from its pieces in a recording.</summary>
internal sealed unsafe class RecordedSnapshot : IDisposable
{
    /// <summary>Longest snapshot that is believed, bytes.</summary>
    public const long MaxBytes = 1L << 30;

    private byte* _bytes;
    private long _room;
    private long _length;
    private bool _isWhole;

    /// <summary>The snapshot, once it is whole; readable until the next piece.</summary>
    public SnapshotContent Content => SnapshotContent.Read(_bytes, _bytes + SnapshotContent.HeadBytes);

    /// <summary>Bytes of memory taken for the pieces.</summary>
    public long RoomBytes => _room;

    /// <summary>Takes a piece; whether the snapshot is whole with it.</summary>
    public bool Add(byte* data, int length)
    {
        if (_isWhole)
        {
            _length = 0;
            _isWhole = false;
        }

        if (_length + length > MaxBytes + SnapshotContent.HeadBytes)
        {
            _length = 0;
            return false;
        }

        Grow(_length + length);

        // SAFETY: Grow made room for the piece behind what is there; the reader checked that the piece is in the file.
        Buffer.MemoryCopy(data, _bytes + _length, _room - _length, length);
        _length += length;
        _isWhole = _length >= SnapshotContent.HeadBytes && _length - SnapshotContent.HeadBytes >= Content.Length;
        return _isWhole;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
        _room = 0;
    }

    private void Grow(long wanted)
    {
        if (wanted > _room)
        {
            _room = Math.Max(wanted, 2 * _room);
            _bytes = (byte*)NativeMemory.Realloc(_bytes, (nuint)_room);
        }
    }
}
