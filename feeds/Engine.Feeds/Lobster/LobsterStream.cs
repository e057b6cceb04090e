using Engine.Core.Time;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Lobster;

/// <summary>Where the reading of one LOBSTER message file stands, and of the order-book file beside it.</summary>
internal sealed unsafe class LobsterStream : RecordStream
{
    /// <param name="file">The mapped message file.</param>
    /// <param name="index">Its place in the order given.</param>
    /// <param name="name">What its name says.</param>
    /// <param name="date">The day; null for times since midnight.</param>
    /// <param name="book">The order-book file; null where there is none.</param>
    public LobsterStream(CaptureFile file, int index, LobsterName name, DateOnly? date, LobsterBook? book)
        : base(file, index)
    {
        Symbol = name.Symbol;
        Date = date;
        Midnight = date is { } day ? UsEastern.MidnightUtcNanos(day) : 0;
        Book = book;
    }

    /// <summary>The symbol.</summary>
    public string Symbol { get; }

    /// <summary>The day, where it is known.</summary>
    public DateOnly? Date { get; }

    /// <summary>The day's beginning in New York, ns since the Unix epoch.</summary>
    public long Midnight { get; }

    /// <summary>The order-book file.</summary>
    public LobsterBook? Book { get; }

    /// <summary>Lines read.</summary>
    public long Lines { get; set; }

    /// <summary>The symbol's entry.</summary>
    public int Entry { get; set; }

    /// <summary>The symbol's place among the source's.</summary>
    public int Place { get; set; }

    /// <summary>Another file of the same symbol may have been read before, so the book begins anew with this one.</summary>
    public bool IsAnew { get; set; }

    /// <inheritdoc/>
    public override long NextTime
    {
        get
        {
            // SAFETY: reads up to the end of the file.
            byte* at = At;
            return LobsterLine.TryTime(ref at, End, out long time) ? Midnight + time : 0;
        }
    }
}
