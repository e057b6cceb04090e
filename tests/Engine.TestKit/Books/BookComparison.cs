using System.Runtime.InteropServices;
using Engine.Books;
using Engine.Core.Events;

namespace Engine.TestKit.Books;

/// <summary>Compares the books with the naive ones; answers the first difference in words, or null.</summary>
public static class BookComparison
{
    private const int Depth = 20;

    /// <summary>Compares two copies of an event after it was applied.</summary>
    public static string? OfEvent(BookStatus status, MarketEvent e, BookStatus naiveStatus, MarketEvent naive) =>
        status != naiveStatus ? $"status {status}, expected {naiveStatus}"
        : !MemoryMarshal.AsBytes([e]).SequenceEqual(MemoryMarshal.AsBytes([naive]))
            ? $"event side {e.Side} price {e.Price} quantity {e.Quantity} flags {e.Flags}, expected {naive.Side} {naive.Price} {naive.Quantity} {naive.Flags}"
        : null;

    /// <summary>Compares the counters and the top of one instrument's book, and the queue of the level at a price.</summary>
    public static string? OfBook(OrderBooks books, NaiveBooks naive, int instrument, long price)
    {
        if (books.LiveOrders != naive.LiveOrders || books.LiveLevels != naive.LiveLevels)
        {
            return $"{books.LiveOrders} orders on {books.LiveLevels} levels, expected {naive.LiveOrders} on {naive.LiveLevels}";
        }

        if (books.Trust(instrument) != naive.Trust(instrument) || books.IsCrossed(instrument) != naive.IsCrossed(instrument))
        {
            return $"trust {books.Trust(instrument)} crossed {books.IsCrossed(instrument)}, expected {naive.Trust(instrument)} {naive.IsCrossed(instrument)}";
        }

        return OfSide(books, naive, instrument, Side.Buy, price) ?? OfSide(books, naive, instrument, Side.Sell, price);
    }

    /// <summary>Compares every queue of every level of one instrument.</summary>
    public static string? OfQueues(OrderBooks books, NaiveBooks naive, int instrument)
    {
        foreach (Side side in (Side[])[Side.Buy, Side.Sell])
        {
            List<(long Price, List<NaiveOrder> Queue)> levels = [.. naive.Levels(instrument, side)];
            for (int rank = 0; rank < levels.Count; rank++)
            {
                if (OfQueue(books, instrument, side, rank, levels[rank].Queue) is string difference)
                {
                    return difference;
                }
            }
        }

        return null;
    }

    private static string? OfSide(OrderBooks books, NaiveBooks naive, int instrument, Side side, long price)
    {
        Span<long> prices = stackalloc long[Depth];
        Span<long> quantities = stackalloc long[Depth];
        int count = books.Top(instrument, side, prices, quantities);
        int rank = 0;
        string? difference = null;
        foreach ((long expected, List<NaiveOrder> queue) in naive.Levels(instrument, side))
        {
            if (rank < Depth && (rank >= count || prices[rank] != expected || quantities[rank] != queue.Sum(o => o.Quantity)))
            {
                return $"{side} level {rank} of {count}: {prices[rank]} × {quantities[rank]}, expected {expected} × {queue.Sum(o => o.Quantity)}";
            }

            difference ??= expected == price ? OfQueue(books, instrument, side, rank, queue) : null;
            rank++;
        }

        return books.Depth(instrument, side) != rank || count != Math.Min(rank, Depth)
            ? $"{side} has {books.Depth(instrument, side)} levels, {count} shown, expected {rank}"
            : difference;
    }

    private static string? OfQueue(OrderBooks books, int instrument, Side side, int rank, List<NaiveOrder> expected)
    {
        IReadOnlyList<(ulong Id, long Quantity)> queue = books.Queue(instrument, side, rank);
        return queue.SequenceEqual(expected.Where(o => !o.IsLevel).Select(o => (o.Id, o.Quantity)))
            ? null
            : $"{side} queue {rank}: {string.Join(' ', queue)}, expected {string.Join(' ', expected.Select(o => (o.Id, o.Quantity)))}";
    }
}
