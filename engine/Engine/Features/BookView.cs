using Engine.Books;
using Engine.Core.Events;

namespace Engine.Features;

/// <summary>What the families read when a row is made: the top of one book and the instrument's clocks. Filled once a row.</summary>
public sealed class BookView
{
    /// <summary>Levels a side that features look at.</summary>
    public const int Depth = 10;

    /// <summary>Ask prices, best first, 1e-9; valid to <see cref="AskCount"/>.</summary>
    public readonly long[] AskPrice = new long[Depth];

    /// <summary>Ask quantities.</summary>
    public readonly long[] AskQuantity = new long[Depth];

    /// <summary>Bid prices, best first, 1e-9; valid to <see cref="BidCount"/>.</summary>
    public readonly long[] BidPrice = new long[Depth];

    /// <summary>Bid quantities.</summary>
    public readonly long[] BidQuantity = new long[Depth];

    /// <summary>Ask levels present, at most <see cref="Depth"/>.</summary>
    public int AskCount { get; private set; }

    /// <summary>Bid levels present, at most <see cref="Depth"/>.</summary>
    public int BidCount { get; private set; }

    /// <summary>Instrument of the row.</summary>
    public int Instrument { get; private set; }

    /// <summary>Exchange time of the row, ns since the Unix epoch.</summary>
    public long Time { get; private set; }

    /// <summary>Exchange time of the last event before the row's own, ns.</summary>
    public long PreviousEventTime { get; private set; }

    /// <summary>Exchange time of the last gap of the instrument or its venue, or <see cref="MarketEvent.Absent"/>.</summary>
    public long LastGapTime { get; private set; }

    /// <summary>Trust of the book.</summary>
    public BookTrust Trust { get; private set; }

    /// <summary>Both sides have a level.</summary>
    public bool HasTouch => AskCount > 0 && BidCount > 0;

    /// <summary>Best bid plus best ask: twice the mid-price, 1e-9, exact. Only with <see cref="HasTouch"/>.</summary>
    public long TwiceMid => AskPrice[0] + BidPrice[0];

    /// <summary>Reads the book.</summary>
    public void Fill(OrderBooks books, int instrument, long time, long previousEventTime, long lastGapTime)
    {
        Instrument = instrument;
        Time = time;
        PreviousEventTime = previousEventTime;
        LastGapTime = lastGapTime;
        Trust = books.Trust(instrument);
        AskCount = books.Top(instrument, Side.Sell, AskPrice, AskQuantity);
        BidCount = books.Top(instrument, Side.Buy, BidPrice, BidQuantity);
    }
}
