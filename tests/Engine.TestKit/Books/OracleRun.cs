using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.TestKit.Books;

/// <summary>
/// One long random flow over many instruments, applied to the books and to the naive ones: what became of every event is compared, and
/// the number of orders; every level and queue of every book at checkpoints.
/// </summary>
public sealed class OracleRun : IDisposable
{
    private const int Instruments = 200;

    private static readonly EngineLimits s_limits = new()
    {
        Instruments = Instruments, Orders = 1 << 15, Levels = 1 << 14, LevelsPerSide = 512, WindowTrades = 64,
    };

    private readonly OrderBooks _books = new(s_limits);
    private readonly NaiveBooks _naive = new(s_limits);
    private readonly RandomFlow _flow;

    /// <param name="seed">Any value.</param>
    public OracleRun(ulong seed) => _flow = new RandomFlow(seed, new FlowOptions
    {
        Instruments = Instruments, Orders = 8_000, Ticks = 24, Mischief = 0.02, Upheaval = 0.00002, Snapshots = 0.00002, Outside = Instruments,
    });

    /// <summary>Events applied.</summary>
    public long Events { get; private set; }

    /// <summary>The books' digest so far.</summary>
    public BookDigest Digest => _books.Digest;

    /// <summary>Orders that rest now.</summary>
    public int LiveOrders => _books.LiveOrders;

    /// <summary>How many events came to a status.</summary>
    public long Count(BookStatus status) => _books.Count(status);

    /// <summary>Applies the next event; the first difference in words, or null.</summary>
    public string? Next()
    {
        MarketEvent e = _flow.Next();
        MarketEvent copy = e;
        EventKind kind = e.Kind;
        BookStatus status = _books.Apply(ref e);
        BookStatus expected = _naive.Apply(ref copy);
        Events++;
        string? difference = BookComparison.OfEvent(status, e, expected, copy)
            ?? (_books.LiveOrders != _naive.LiveOrders ? $"{_books.LiveOrders} orders, expected {_naive.LiveOrders}" : null);
        return difference is null ? null : $"event {Events}, {kind} of order {copy.OrderId} on {copy.Instrument}: {difference}";
    }

    /// <summary>Compares every book whole; the first difference in words, or null.</summary>
    public string? Compare()
    {
        for (int i = 0; i < Instruments; i++)
        {
            if ((BookComparison.OfBook(_books, _naive, i, 0) ?? BookComparison.OfQueues(_books, _naive, i)) is string difference)
            {
                return $"after event {Events}, instrument {i}: {difference}";
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _books.Dispose();
}
