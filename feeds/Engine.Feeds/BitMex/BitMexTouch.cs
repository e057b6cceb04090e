using Engine.Core.Events;

namespace Engine.Feeds.BitMex;

/// <summary>The best level of both sides. A side without a level has price <see cref="MarketEvent.Absent"/> and size 0.</summary>
/// <param name="BidPrice">1e-9 units.</param>
/// <param name="BidSize">Contracts.</param>
/// <param name="AskPrice">1e-9 units.</param>
/// <param name="AskSize">Contracts.</param>
public readonly record struct BitMexTouch(long BidPrice, long BidSize, long AskPrice, long AskSize)
{
    /// <summary>Whether all four are the same. (The record's own comparison makes its comparers on the thread that asks first.)</summary>
    internal bool Is(in BitMexTouch other) =>
        BidPrice == other.BidPrice && BidSize == other.BidSize && AskPrice == other.AskPrice && AskSize == other.AskSize;
}

/// <summary>A quote that the rebuilt book never showed.</summary>
/// <param name="Instrument">Whose.</param>
/// <param name="Time">The quote's exchange time, ns since the Unix epoch.</param>
/// <param name="Quote">What the exchange said.</param>
/// <param name="Book">The top of the rebuilt book when the quote was given up.</param>
public readonly record struct BitMexDifference(int Instrument, long Time, BitMexTouch Quote, BitMexTouch Book);
