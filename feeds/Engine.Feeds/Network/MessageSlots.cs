using Engine.Core.Memory;

namespace Engine.Feeds.Network;

/// <summary>Which message each event of the last read came from.</summary>
/// <param name="events">Most events of one read.</param>
/// <param name="framing">How the messages are framed.</param>
internal sealed unsafe class MessageSlots(int events, MessageFraming framing) : IDisposable
{
    private readonly NativeBuffer<nint> _starts = new(events);

    /// <summary>Most events of one read.</summary>
    public int Capacity => _starts.Length;

    /// <summary>The messages' first bytes, by event; 0 where no message stands behind one.</summary>
    public nint* Pointer => _starts.Pointer;

    /// <summary>Notes that an event has no message.</summary>
    public void NoteSynthetic(int index) => _starts[index] = 0;

    /// <summary>The message behind an event: what <see cref="MarketDataSource.TryGetMessage"/> answers.</summary>
    /// <param name="index">Index of the event.</param>
    /// <param name="count">How many events the last read wrote.</param>
    /// <param name="message">The message.</param>
    public bool TryGet(int index, int count, out ReadOnlySpan<byte> message)
    {
        message = default;
        if ((uint)index >= (uint)count || _starts[index] == 0)
        {
            return false;
        }

        // SAFETY: the pointer is to a message that was decoded from the mapped capture, its size before it or in it.
        message = framing.Message((byte*)_starts[index]);
        return true;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _starts.Dispose();
}
