using Engine.Books;

namespace Engine.Features;

/// <summary>What a family reads when its columns are written: the instrument's head, and the time of the row.</summary>
internal readonly unsafe ref struct InstrumentView
{
    private readonly InstrumentHead* _head;

    /// <param name="head">The instrument's block.</param>
    /// <param name="instrument">Its index.</param>
    /// <param name="time">Exchange time of the row, ns.</param>
    public InstrumentView(InstrumentHead* head, int instrument, long time)
    {
        _head = head;
        Instrument = instrument;
        Time = time;
    }

    /// <summary>The instrument.</summary>
    public int Instrument { get; }

    /// <summary>Exchange time of the row, ns since the Unix epoch.</summary>
    public long Time { get; }

    /// <summary>Exchange time of the last event before the row's own, ns.</summary>
    public long PreviousEventTime { get; init; }

    /// <summary>Exchange time of the last gap of the instrument or its venue, or <see cref="Core.Events.MarketEvent.Absent"/>.</summary>
    public long LastGapTime { get; init; }

    /// <summary>Trust of the book.</summary>
    public BookTrust Trust { get; init; }

    /// <summary>The instrument's block.</summary>
    public byte* Block => (byte*)_head;

    /// <summary>The instrument's head.</summary>
    public ref readonly InstrumentHead Head
    {
        get
        {
            // SAFETY: the head lies in native memory that the builder owns for the view's life.
            return ref *_head;
        }
    }

    /// <summary>The best levels of one side.</summary>
    public ref readonly TopLevels Side(bool ask)
    {
        // SAFETY: as Head.
        return ref ask ? ref _head->Ask : ref _head->Bid;
    }
}
