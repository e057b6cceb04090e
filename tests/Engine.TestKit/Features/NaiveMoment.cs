using Engine.Core.Events;
using Engine.TestKit.Books;

namespace Engine.TestKit.Features;

/// <summary>All that a row of one instrument is made from, in currency units and seconds where it is no count.</summary>
/// <param name="books">The books.</param>
/// <param name="history">What happened.</param>
/// <param name="reference">What was said about the reference values.</param>
/// <param name="instrument">The instrument.</param>
/// <param name="time">The row's time, ns.</param>
public sealed class NaiveMoment(NaiveBooks books, NaiveHistory history, NaiveReference reference, int instrument, long time)
{
    /// <summary>The longest time since something that a column tells; it stands for never too.</summary>
    public const double LongestSeconds = 3600;

    /// <summary>The row's time, ns.</summary>
    public long Time => time;

    /// <summary>What happened.</summary>
    public NaiveHistory History => history;

    /// <summary>What was said about the reference values.</summary>
    public NaiveReference Reference => reference;

    /// <summary>Time of the instrument's last event before the row's own, ns.</summary>
    public required long PreviousEvent { get; init; }

    /// <summary>Time of the last gap of the instrument or its venue, ns; null for never.</summary>
    public required long? LastGap { get; init; }

    /// <summary>Trust of the book, as a number.</summary>
    public double Trust { get; } = (double)books.Trust(instrument);

    /// <summary>Ask levels, best first, each with its queue.</summary>
    public (double Price, double Quantity, List<NaiveOrder> Queue)[] Asks { get; } = Levels(books, instrument, Side.Sell);

    /// <summary>Bid levels, best first, each with its queue.</summary>
    public (double Price, double Quantity, List<NaiveOrder> Queue)[] Bids { get; } = Levels(books, instrument, Side.Buy);

    /// <summary>Best bid plus best ask, 1e-9; null without both sides.</summary>
    public long? TwiceMid { get; } = new NaiveBookState(books, instrument).TwiceMid;

    /// <summary>Both sides have a level.</summary>
    public bool HasTouch => Asks.Length > 0 && Bids.Length > 0;

    /// <summary>The mid-price; NaN without both sides.</summary>
    public double Mid => HasTouch ? (Asks[0].Price + Bids[0].Price) / 2 : double.NaN;

    /// <summary>The levels of the side that a name begins with.</summary>
    public (double Price, double Quantity, List<NaiveOrder> Queue)[] LevelsOf(string name) => SideOf(name) == Side.Sell ? Asks : Bids;

    /// <summary>The side that a column's name begins with.</summary>
    public static Side SideOf(string name) => name.StartsWith("ask_", StringComparison.Ordinal) ? Side.Sell
        : name.StartsWith("bid_", StringComparison.Ordinal) ? Side.Buy
        : throw new ArgumentException($"'{name}' names no side.", nameof(name));

    /// <summary>Seconds since a time, at most <see cref="LongestSeconds"/>, which is also the answer for never.</summary>
    public double Since(long? then) => then is null ? LongestSeconds : Math.Clamp((time - then.Value) / 1e9, 0, LongestSeconds);

    private static (double Price, double Quantity, List<NaiveOrder> Queue)[] Levels(NaiveBooks books, int instrument, Side side) =>
        [.. books.Levels(instrument, side).Select(l => (l.Price / 1e9, (double)l.Queue.Sum(o => o.Quantity), l.Queue))];
}
