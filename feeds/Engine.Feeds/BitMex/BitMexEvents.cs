using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Feeds.BitMex;

/// <summary>
/// Events on their way out, with the text that each comes from. While a message goes on, the last event stays: whether it is the last
/// of its instrument is not known yet.
/// </summary>
internal sealed class BitMexEvents : IDisposable
{
    /// <summary>Most events that one row, or the end of a message for one instrument, makes.</summary>
    public const int MostPerStep = 8;

    private const int Capacity = 64;

    private readonly NativeBuffer<MarketEvent> _events = new(Capacity);
    private readonly NativeBuffer<JsonPart> _texts = new(Capacity);
    private int _first;
    private int _count;

    /// <summary>Whether another step's events find room.</summary>
    public bool HasRoom => _count <= Capacity - MostPerStep;

    /// <summary>Whether there is an event that waits, or is ready.</summary>
    public bool HasLast => _count > _first;

    /// <summary>The event that came last; only with <see cref="HasLast"/>.</summary>
    public ref MarketEvent Last => ref _events[_count - 1];

    /// <summary>The message goes on: the last event is kept back.</summary>
    public bool KeepsLast { get; set; }

    /// <summary>Whether some can be taken.</summary>
    public bool HasReady => _count - (KeepsLast ? 1 : 0) > _first;

    /// <summary>A new event; the caller fills it.</summary>
    /// <param name="text">What it comes from.</param>
    public ref MarketEvent Add(JsonPart text)
    {
        _texts[_count] = text;
        return ref _events[_count++];
    }

    /// <summary>Moves what is ready.</summary>
    /// <param name="events">Where to.</param>
    /// <param name="texts">Where the texts go, at the same places.</param>
    /// <param name="written">How many are there already; raised.</param>
    public void Take(Span<MarketEvent> events, Span<JsonPart> texts, ref int written)
    {
        int ready = Math.Min(_count - (KeepsLast ? 1 : 0) - _first, events.Length - written);
        if (ready > 0)
        {
            _events.Span.Slice(_first, ready).CopyTo(events[written..]);
            _texts.Span.Slice(_first, ready).CopyTo(texts[written..]);
            _first += ready;
            written += ready;
        }

        // What is left, at most the one kept back unless the target is full, moves to the front.
        int left = _count - _first;
        if (_first > 0 && left <= 1)
        {
            _events.Span.Slice(_first, left).CopyTo(_events.Span);
            _texts.Span.Slice(_first, left).CopyTo(_texts.Span);
            (_first, _count) = (0, left);
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _events.Dispose();
        _texts.Dispose();
    }
}
