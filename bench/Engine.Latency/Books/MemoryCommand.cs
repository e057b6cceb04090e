using System.Globalization;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Latency.Books;

/// <summary>
/// `memory`: what a million live orders in ten thousand books hold of the machine's memory, by structure, and that a long flow holds no
/// more at its end than at its beginning.
/// </summary>
public static class MemoryCommand
{
    private const int Instruments = 10_000;
    private const int Orders = 1_000_000;
    private const long Tick = 10_000_000;
    private const int Steps = 10;

    /// <summary>Rests the orders, runs the flow and prints resident bytes. 0; 1 when memory grew; 2 when an option makes no sense.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        long events = 50_000_000;
        if (args.Length > 0
            && !(args.Length == 2 && args[0] == "--events" && long.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out events) && events >= Steps))
        {
            Console.Error.WriteLine($"memory: {string.Join(' ', args)}: use --events {Steps}..");
            return 2;
        }

        output.WriteLine($"# {MachineName.Describe()}");
        var limits = new EngineLimits { Instruments = 16_384 };
        long before = Environment.WorkingSet;
        using var books = new OrderBooks(limits);
        for (int i = 0; i < Orders; i++)
        {
            MarketEvent add = Add(i, (ulong)i + 1);
            books.Apply(ref add);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{books.LiveOrders:N0} orders on {books.LiveLevels:N0} levels of {Instruments:N0} instruments: {(Environment.WorkingSet - before) / 1e6:F1} MB more are resident"));
        foreach ((string name, long bytes) in books.MemoryByStructure())
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-24} {bytes / 1e6,8:F1} MB reserved"));
        }

        return Flow(books, events, output);
    }

    /// <summary>Every event ends the oldest order and rests another, so that ids, books and prices move on while the number stays.</summary>
    private static int Flow(OrderBooks books, long events, TextWriter output)
    {
        long first = 0, last = 0;
        ulong next = Orders + 1;
        for (int step = 0; step <= Steps; step++)
        {
            for (long i = 0; step > 0 && i < events / Steps / 2; i++, next++)
            {
                var delete = new MarketEvent { Kind = EventKind.Delete, OrderId = next - Orders, Instrument = Book((long)(next - Orders) - 1), Price = MarketEvent.Absent };
                books.Apply(ref delete);
                MarketEvent add = Add((long)next - 1, next);
                books.Apply(ref add);
            }

            last = Environment.WorkingSet;
            first = step == 1 ? last : first;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  after {events / Steps * step,12:N0} events {last / 1e6,8:F1} MB resident, {books.LiveOrders:N0} orders, {books.LiveLevels:N0} levels"));
        }

        output.WriteLine($"digest {books.Digest}, {books.Digest.Events:N0} changes");
        return last - first > 4 << 20 ? 1 : 0;
    }

    private static int Book(long number) => (int)(number % Instruments);

    private static MarketEvent Add(long number, ulong id)
    {
        // Each book's prices wander slowly, so that levels come and go.
        bool buy = (number / Instruments) % 2 == 0;
        long away = 1 + ((number * 31) % 12);
        long middle = 10_000 + ((number / Orders) % 64);
        return new MarketEvent
        {
            Kind = EventKind.Add,
            Instrument = Book(number),
            OrderId = id,
            Side = buy ? Side.Buy : Side.Sell,
            Price = (middle + (buy ? -away : away)) * Tick,
            Quantity = 100,
            ExchangeTime = number,
        };
    }
}
