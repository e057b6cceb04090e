namespace Engine.Core.Events;

/// <summary>Qualifiers of a <see cref="MarketEvent"/>.</summary>
[Flags]
public enum EventFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The last event of what the venue calls one event: the book may be read now.</summary>
    LastOfEvent = 1,

    /// <summary>Part of a snapshot, not of the running feed.</summary>
    FromSnapshot = 2,

    /// <summary>The capture has no receive time; it equals the exchange time.</summary>
    BadReceiveTime = 4,

    /// <summary>The book concerned was not good when the event was applied. Set by the books.</summary>
    BookSuspect = 8,

    /// <summary>A trade or execution that does not count towards volume: ITCH printable = N, or one whose trade the feed tells apart (DBN).</summary>
    NonPrintable = 16,

    /// <summary>The instrument is one the run watches: books, features and predictions follow it.</summary>
    Watched = 32,

    /// <summary>The first message of a feed seen from its very beginning: all books of the venue are empty and known to be.</summary>
    SessionStart = 64,

    /// <summary>The feed has no exchange time; it equals the receive time.</summary>
    BadExchangeTime = 128,
}
