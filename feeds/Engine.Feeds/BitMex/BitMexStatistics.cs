namespace Engine.Feeds.BitMex;

/// <summary>
/// What a BitMEX session has shown beside what every feed counts. Every line is in one of the line counters or is a received
/// message; every received message is in <see cref="FeedStatistics.MessagesByType"/>, named by <see cref="Tables"/>.
/// </summary>
public sealed class BitMexStatistics
{
    /// <summary>Lines that say what the client sent.</summary>
    public long SentLines { get; internal set; }

    /// <summary>Connections opened.</summary>
    public long Opened { get; internal set; }

    /// <summary>Connections closed or broken.</summary>
    public long Closed { get; internal set; }

    /// <summary>Answers that were 503 or another HTTP error.</summary>
    public long Refused { get; internal set; }

    /// <summary>Connections opened while another was open as far as the lines say: what the other told is cleared.</summary>
    public long Reopened { get; internal set; }

    /// <summary>Empty lines.</summary>
    public long BlankLines { get; internal set; }

    /// <summary>Lines of no known form, passed over.</summary>
    public long MalformedLines { get; internal set; }

    /// <summary>Lines longer than <see cref="BitMexTextFile.MaxLineBytes"/>, passed over.</summary>
    public long LongLines { get; internal set; }

    /// <summary>Lines whose time does not fit; they take that of the line before, and their events are flagged.</summary>
    public long BadTimeLines { get; internal set; }

    /// <summary>Messages that are no JSON, passed over whole.</summary>
    public long MalformedMessages { get; internal set; }

    /// <summary>Messages nested deeper than <see cref="JsonScan.MaxDepth"/>, passed over whole.</summary>
    public long NestedMessages { get; internal set; }

    /// <summary>Messages of a table without an action that is known, or without data; passed over whole.</summary>
    public long ShapelessMessages { get; internal set; }

    /// <summary>Messages that name a property of theirs twice; the last one counts.</summary>
    public long RepeatedProperties { get; internal set; }

    /// <summary>Rows: one datum of a table each, of the tables that are followed.</summary>
    public long Rows { get; internal set; }

    /// <summary>Rows whose table and symbol have had no partial on this connection, dropped.</summary>
    public long RowsBeforePartial { get; internal set; }

    /// <summary>Rows of a symbol's lesser book table while the fuller one is followed, dropped.</summary>
    public long ShadowedRows { get; internal set; }

    /// <summary>Rows without a value that they need, or with one of a wrong type; dropped, and of a book it is a loss.</summary>
    public long BadRows { get; internal set; }

    /// <summary>Rows of a symbol longer than is kept, dropped.</summary>
    public long LongSymbolRows { get; internal set; }

    /// <summary>Rows with an action that their table does not have, dropped.</summary>
    public long UnexpectedRows { get; internal set; }

    /// <summary>Book partials whose keys are others than symbol, id and side: their table cannot be followed, and is not.</summary>
    public long UnknownKeys { get; internal set; }

    /// <summary>Numbers finer than 1e-9, or parts of a contract: left out, never rounded.</summary>
    public long TooFineNumbers { get; internal set; }

    /// <summary>Numbers too large for 64 bits: left out.</summary>
    public long TooLargeNumbers { get; internal set; }

    /// <summary>Times of rows that are none; the row takes the receive time, flagged.</summary>
    public long BadTimes { get; internal set; }

    /// <summary>Trades whose match id is none; they have none.</summary>
    public long BadMatchIds { get; internal set; }

    /// <summary>Updates and deletes of an id that the book does not have.</summary>
    public long UnknownIds { get; internal set; }

    /// <summary>Inserts of an id that the book has.</summary>
    public long KnownIds { get; internal set; }

    /// <summary>Levels that found no room.</summary>
    public long RefusedLevels { get; internal set; }

    /// <summary>Messages after which a book was crossed or locked.</summary>
    public long CrossedMessages { get; internal set; }

    /// <summary>Times without a connection: from a close (or, before the first opening, a refusal) to the next opening or the end.</summary>
    public long Outages { get; internal set; }

    /// <summary>How long those were that ended, ns.</summary>
    public long OutageNanos { get; internal set; }

    /// <summary>Whether the last one has not ended.</summary>
    public bool IsInOutage { get; internal set; }

    /// <summary>The names behind the counters of messages.</summary>
    public BitMexTables Tables { get; } = new();

    /// <summary>The books against the exchange's own quotes.</summary>
    public BitMexQuoteCheck Quotes { get; internal set; } = null!;

    /// <summary>Everything out of the ordinary, by name with its count, those that did not occur included.</summary>
    internal IEnumerable<(string Name, long Count)> Irregularities() =>
    [
        ("unknown_ids", UnknownIds), ("known_ids", KnownIds), ("crossed_messages", CrossedMessages),
        ("rows_before_partial", RowsBeforePartial), ("shadowed_rows", ShadowedRows), ("bad_rows", BadRows),
        ("long_symbol_rows", LongSymbolRows), ("unexpected_rows", UnexpectedRows), ("unknown_keys", UnknownKeys),
        ("too_fine_numbers", TooFineNumbers), ("too_large_numbers", TooLargeNumbers), ("bad_times", BadTimes),
        ("bad_match_ids", BadMatchIds),
        ("refused_levels", RefusedLevels), ("malformed_lines", MalformedLines), ("long_lines", LongLines),
        ("bad_time_lines", BadTimeLines), ("malformed_messages", MalformedMessages), ("nested_messages", NestedMessages),
        ("shapeless_messages", ShapelessMessages), ("repeated_properties", RepeatedProperties), ("reopened", Reopened),
        ("outages", Outages), ("refused_connections", Refused), ("quotes_differed", Quotes.Differed),
    ];
}
