namespace Engine.Simulator.Market.Known;

/// <summary>The trading of one instrument between the auctions, event by event. Times are nanoseconds since midnight US Eastern.</summary>
internal interface IMarketProcess
{
    /// <summary>When the next event is due.</summary>
    long NextNanos { get; }

    /// <summary>Fills the book before the opening auction.</summary>
    void PlaceOpeningOrders();

    /// <summary>Trading begins; the auction has taken orders away.</summary>
    /// <param name="nanos">The time; the feed's is set to it.</param>
    void Open(long nanos);

    /// <summary>Does the event that is due; the feed's time is <see cref="NextNanos"/>.</summary>
    void Step();

    /// <summary>Trading has stopped.</summary>
    /// <param name="nanos">When.</param>
    void Stop(long nanos);
}
