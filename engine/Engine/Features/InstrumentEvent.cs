using Engine.Books;
using Engine.Core.Events;

namespace Engine.Features;

/// <summary>What an event did to an instrument, as families are told of it; one object, filled anew for every event.</summary>
internal sealed unsafe class InstrumentEvent
{
    /// <summary>The books.</summary>
    public required OrderBooks Books { get; init; }

    /// <summary>The side's best levels before the event, where levels came or went.</summary>
    public TopLevels Before;

    /// <summary>The instrument's head, as it is after the event.</summary>
    public InstrumentHead* Head;

    /// <summary>The instrument's block.</summary>
    public byte* Block => (byte*)Head;

    /// <summary>Index of the instrument.</summary>
    public int Instrument;

    /// <summary>The instrument's clock, ns.</summary>
    public long Time;

    /// <summary>The side that changed is the ask side.</summary>
    public bool Ask;

    /// <summary>The book was read anew (a clear, a snapshot, a contradiction): nothing flowed.</summary>
    public bool IsReload;

    /// <summary>Twice the mid-price before the event; 0 where there was none.</summary>
    public long TwiceMidBefore;

    /// <summary>Begins a new event.</summary>
    public void Begin(InstrumentHead* head, int instrument, long time)
    {
        Head = head;
        Instrument = instrument;
        Time = time;
    }

    /// <summary>The levels of the side that changed, as they are.</summary>
    public ref readonly TopLevels After
    {
        get
        {
            // SAFETY: the head lies in native memory that the builder owns.
            return ref Ask ? ref Head->Ask : ref Head->Bid;
        }
    }

    /// <summary>The queue at the best price of a side.</summary>
    public bool TryTouchQueue(bool ask, out TouchQueue queue) => Books.TryTouchQueue(Instrument, ask ? Side.Sell : Side.Buy, out queue);
}
