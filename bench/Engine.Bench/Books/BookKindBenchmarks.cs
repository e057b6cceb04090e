using BenchmarkDotNet.Attributes;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Bench.Books;

/// <summary>
/// What each kind of message costs a book, at the touch or far from it, over 100 books of 40 levels a side. Every benchmark leaves the books
/// as it found them, so an order that is added is also taken away: time is per event.
/// </summary>
[MemoryDiagnoser]
public class BookKindBenchmarks : IDisposable
{
    /// <summary>Events of an invocation.</summary>
    public const int Events = 200_000;

    private const int Instruments = 100;
    private const int Levels = 40;
    private const int OrdersPerLevel = 3;
    private const long Tick = 10_000_000;
    private const long Middle = 10_000;

    private OrderBooks _books = new(new EngineLimits { Instruments = Instruments });
    private ulong _id = 1;
    private int _events;

    /// <summary>Where in the book the events fall.</summary>
    [Params("touch", "far")]
    public string Place { get; set; } = "touch";

    private long Away => Place == "touch" ? 1 : Levels;

    /// <summary>Fills the books.</summary>
    [GlobalSetup]
    public void Setup() => Setup(Events);

    /// <summary>Fills the books for another number of events.</summary>
    public void Setup(int events)
    {
        _events = events;
        _books.Dispose();
        _books = new OrderBooks(new EngineLimits { Instruments = Instruments });
        _id = 1;
        for (int i = 0; i < Instruments * 2 * Levels * OrdersPerLevel; i++)
        {
            Apply(Add(i, _id++, 2 + (i / (2 * Instruments) % Levels), uint.MaxValue));
        }
    }

    /// <summary>An order rests at a price of its own, and is deleted.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public ulong AddAndDeleteOpensALevel() => AddAndEnd(EventKind.Delete, Place == "touch" ? 1 : Levels + 3);

    /// <summary>An order rests behind others, and is deleted.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public ulong AddAndDelete() => AddAndEnd(EventKind.Delete, Away + 1);

    /// <summary>An order rests behind others, and trades whole.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public ulong AddAndExecute() => AddAndEnd(EventKind.Execute, Away + 1);

    /// <summary>Part of a resting order trades.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public ulong ExecutePart() => TakePart(EventKind.Execute);

    /// <summary>Part of a resting order is cancelled.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public ulong CancelPart() => TakePart(EventKind.Cancel);

    /// <summary>An order is replaced by one a tick away, and back.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public ulong Replace()
    {
        ulong first = _id;
        Apply(Add(0, _id, Away + 1, 100));
        for (int i = 0; i < _events; i++)
        {
            MarketEvent replace = Add(0, _id, Away + 1 + (i & 1), 100) with { Kind = EventKind.Replace, Reference = _id + 1 };
            Apply(replace);
            _id++;
        }

        Apply(new MarketEvent { Kind = EventKind.Delete, OrderId = _id++, Instrument = 0, Price = MarketEvent.Absent });
        return _books.Digest.Value ^ first;
    }

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _books.Dispose();
        GC.SuppressFinalize(this);
    }

    private ulong AddAndEnd(EventKind end, long away)
    {
        for (int i = 0; i < _events / 2; i++)
        {
            ulong id = _id++;
            Apply(Add(i, id, away, 100));
            Apply(new MarketEvent { Kind = end, OrderId = id, Instrument = i / 2 % Instruments, Price = MarketEvent.Absent, Quantity = 100 });
        }

        return _books.Digest.Value;
    }

    private ulong TakePart(EventKind kind)
    {
        int first = (int)(Away - 1) * 2 * Instruments;
        for (int i = 0; i < _events; i++)
        {
            int number = first + (i % (2 * Instruments));
            Apply(new MarketEvent { Kind = kind, OrderId = (ulong)number + 1, Instrument = number / 2 % Instruments, Price = MarketEvent.Absent, Quantity = 1 });
        }

        return _books.Digest.Value;
    }

    private void Apply(MarketEvent e)
    {
        BookStatus status = _books.Apply(ref e);
        if (status != BookStatus.Applied)
        {
            throw new InvalidOperationException($"{e.Kind} of order {e.OrderId}: {status}");
        }
    }

    private static MarketEvent Add(int number, ulong id, long away, long quantity)
    {
        bool buy = number % 2 == 0;
        return new MarketEvent
        {
            Kind = EventKind.Add,
            Instrument = number / 2 % Instruments,
            OrderId = id,
            Side = buy ? Side.Buy : Side.Sell,
            Price = (Middle + (buy ? -away : away)) * Tick,
            Quantity = quantity,
        };
    }
}
