namespace Engine.Simulator.Live.BitMex;

/// <summary>What the instrument table says of a symbol, in the words of the feed.</summary>
/// <param name="IndexPrice">The index price.</param>
/// <param name="MarkPrice">The mark price.</param>
/// <param name="FundingRate">Rate of the next funding; null where there is none.</param>
/// <param name="FundingTime">When it is, ns since the Unix epoch; null where there is none.</param>
public sealed record BitMexReferenceTexts(string IndexPrice, string MarkPrice, string? FundingRate, long? FundingTime);
