namespace Engine.TestKit.Labels;

/// <summary>An entry of a tape of best prices, in whole units; null where a side is empty.</summary>
/// <param name="Time">Exchange time, ns.</param>
/// <param name="Instrument">The instrument.</param>
/// <param name="Bid">Best bid.</param>
/// <param name="Ask">Best ask.</param>
/// <param name="IsGood">Whether the book is good.</param>
public sealed record NaiveQuote(long Time, int Instrument, long? Bid, long? Ask, bool IsGood)
{
    /// <summary>Twice the mid-price; null where a side is empty.</summary>
    public long? TwiceMid => Bid + Ask;
}

/// <summary>A row that is to be labelled.</summary>
/// <param name="Quote">What it saw, and when.</param>
/// <param name="Place">How many entries the tape had then.</param>
public sealed record NaiveRow(NaiveQuote Quote, int Place);

/// <summary>A label: its value, the end of its span, or why there is none.</summary>
/// <param name="Value">It; NaN where there is none.</param>
/// <param name="End">End of the span, ns.</param>
/// <param name="Missing">Why there is none; empty where there is one.</param>
public sealed record NaiveLabel(float Value, long End, string Missing);
