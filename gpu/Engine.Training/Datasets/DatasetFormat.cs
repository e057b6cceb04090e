using System.Runtime.InteropServices;
using Engine.Core.Events;

namespace Engine.Training.Datasets;

/// <summary>
/// What a file of a data set holds beside the feature rows of <see cref="Engine.Recording.Hdf5.FeatureFileFormat"/>, which it is a file of.
/// </summary>
/// <remarks>
/// <code>
///  /bid /ask          int64  [rows]      best prices as the row saw them, units of 1e-9; price_absent where a side is empty
///  /quote             int64  [rows]      how many entries the tape had when the row was made: those from here on come after it
///
///  the tape: an entry when the best bid, the best ask or the trust of an instrument is another than before, event-complete states only
///  /quotes/time       int64  [entries]   exchange time, ns since the Unix epoch; never backwards inside an instrument
///  /quotes/instrument int32  [entries]   number of the instrument in the run, as in /symbol_ids
///  /quotes/bid /ask   int64  [entries]   best prices, units of 1e-9; price_absent where a side is empty
///  /quotes/trust      uint8  [entries]   0 good, 1 recovering, 2 suspect
///
///  /quotes/ends       int64  [instruments] by instrument, the latest exchange time of the streams that told of it, ns
///  /quotes/end        int64  [0 or 2]    entries, and the latest exchange time that the run saw; written last
///  /quotes/sha256     uint8  [0 or 32]   hash over the tape and its ends
///  /rows_sha256       uint8  [0 or 32]   hash over all rows: time, features, own quote, place on the tape, instrument, trust
///
///  /labels/NAME       float32 [rows]     a label, NaN where there is none; its definition is an attribute
///  /labels/NAME_end   int64   [rows]     end of the span that it looks at, ns since the Unix epoch
///
///  attributes of /: those of feature rows, and price_absent, price_scale
/// </code>
/// A session that begins anew ends every book of its venue: it is an entry without prices and with trust recovering, before what the
/// session tells. So is a book that a clear or a snapshot takes away, and a gap is an entry with trust suspect.
/// </remarks>
public static class DatasetFormat
{
    /// <summary>Datasets.</summary>
    public const string Bid = "/bid", Ask = "/ask", Quote = "/quote", RowsHash = "/rows_sha256",
        Quotes = "/quotes", QuoteTime = "/quotes/time", QuoteInstrument = "/quotes/instrument", QuoteBid = "/quotes/bid",
        QuoteAsk = "/quotes/ask", QuoteTrust = "/quotes/trust", QuoteEnd = "/quotes/end", QuoteEnds = "/quotes/ends", QuotesHash = "/quotes/sha256", Labels = "/labels";

    /// <summary>What the name of a label's ends has behind the label's.</summary>
    public const string EndSuffix = "_end";

    /// <summary>Attributes.</summary>
    public const string PriceAbsent = "price_absent", PriceScale = "price_scale", Definition = "definition", DefinitionHash = "definition_hash";

    /// <summary>A price that is not there.</summary>
    public const long Absent = MarketEvent.Absent;

    /// <summary>Entries of `/quotes/end`.</summary>
    public const int EndEntries = 2;

    /// <summary>Bytes of `/rows_sha256` and `/quotes/sha256`.</summary>
    public const int HashBytes = 32;

    /// <summary>Entries of a chunk of the tape.</summary>
    public const int QuotesPerChunk = 1 << 13;

    /// <summary>Ending of a day's file.</summary>
    public const string Ending = ".h5";

    /// <summary>What a file that is being written has behind its name.</summary>
    public const string PartialEnding = ".partial";
}

/// <summary>What is hashed of a row. The features are there by their own digest.</summary>
/// <param name="Time">Exchange time, ns.</param>
/// <param name="Digest">Digest of the features' bits.</param>
/// <param name="Bid">Best bid, or absent.</param>
/// <param name="Ask">Best ask, or absent.</param>
/// <param name="Place">How many entries the tape had before it.</param>
/// <param name="Instrument">Index into the file's symbols.</param>
/// <param name="Trust">Trust of the book.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct HashedRow(long Time, ulong Digest, long Bid, long Ask, long Place, int Instrument, int Trust);

/// <summary>What is hashed of an entry of the tape.</summary>
/// <param name="Time">Exchange time, ns.</param>
/// <param name="Bid">Best bid, or absent.</param>
/// <param name="Ask">Best ask, or absent.</param>
/// <param name="Instrument">Number of the instrument in the run.</param>
/// <param name="Trust">Trust of the book.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct HashedQuote(long Time, long Bid, long Ask, int Instrument, int Trust);
