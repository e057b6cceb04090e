using Engine.Core.Events;

namespace Engine.Feeds.BitMex;

/// <summary>What the decoder keeps of an instrument. All zeros is one of which nothing is known.</summary>
internal struct BitMexInstrument
{
    /// <summary>Bit t is set when table t has had its partial on this connection.</summary>
    public byte Partials;

    /// <summary>The book table that is followed, plus one; 0 while none is.</summary>
    public byte BookTable;

    /// <summary>Whether the side is part of the book's keys.</summary>
    public bool SideIsKey;

    /// <summary>Something was lost since the book's partial.</summary>
    public bool IsSuspect;

    /// <summary>The message that named it last.</summary>
    public ulong Message;

    /// <summary>The next instrument of that message; −1 behind the last.</summary>
    public int NextInMessage;

    /// <summary>The book changed, or was rebuilt, in that message.</summary>
    public bool BookTouched;

    /// <summary>That message holds a partial of the book.</summary>
    public bool InSnapshot;

    /// <summary>That message gave it an event. (A row of a book already given up for lost need not.)</summary>
    public bool HasEvent;

    /// <summary>Exchange time of the last of these.</summary>
    public long LastTime;

    /// <summary>What the last of these was flagged with for itself, not for its message.</summary>
    public EventFlags LastFlags;

    /// <summary>That message's end was dealt with for it.</summary>
    public bool IsClosed;

    /// <summary>The instrument table has said something.</summary>
    public bool HasValues;

    /// <summary>What the instrument table says.</summary>
    public BitMexValues Values;
}

/// <summary>What BitMEX's instrument table says of an instrument beside its book, merged from sparse updates: 1e-9 units,
/// <see cref="MarketEvent.Absent"/> where it says nothing.</summary>
/// <param name="IndexPrice">The index, as it stands for settlement.</param>
/// <param name="MarkPrice">The mark price.</param>
/// <param name="FundingRate">Of the next funding; 0.0001 is a hundredth of a per cent.</param>
/// <param name="NextFundingRate">Of the funding after it, as it stands.</param>
/// <param name="FundingTime">When the next funding is, ns since the Unix epoch.</param>
/// <param name="Time">Exchange time of the last row, ns since the Unix epoch.</param>
public readonly record struct BitMexValues(
    long IndexPrice, long MarkPrice, long FundingRate, long NextFundingRate, long FundingTime, long Time)
{
    /// <summary>Nothing is known.</summary>
    public static BitMexValues Unknown { get; } = new(
        MarketEvent.Absent, MarketEvent.Absent, MarketEvent.Absent, MarketEvent.Absent, MarketEvent.Absent, MarketEvent.Absent);
}
