using Engine.Core.Events;

namespace Engine.Tests.Features.Examples;

/// <summary>
/// A few events and what the columns must say after them, worked out by hand: the definitions by example. Times are seconds from a moment
/// at which a bucket of every window begins; prices are in currency units.
/// </summary>
internal sealed class FeatureExample(string name)
{
    /// <summary>A multiple of 15 s, and so of every bucket of the default contract.</summary>
    public const long Moment = 1_700_000_010_000_000_000;

    private readonly List<Step> _steps = [];
    private int _instrument;
    private EventFlags _next;

    /// <summary>The venue of the events.</summary>
    public Venue Venue { get; init; } = Venue.Itch50;

    /// <summary>When rows are taken.</summary>
    public string Sampling { get; init; } = "every-event";

    /// <summary>The events, each with what is expected of rows that it makes.</summary>
    public IReadOnlyList<Step> Steps => _steps;

    public static long At(decimal seconds) => Moment + (long)(seconds * 1_000_000_000);

    public static long Units(decimal price) => (long)(price * MarketEvent.PriceScale);

    public FeatureExample Add(decimal time, ulong id, Side side, decimal price, long quantity) =>
        Event(time, new MarketEvent { Kind = EventKind.Add, OrderId = id, Side = side, Price = Units(price), Quantity = quantity });

    public FeatureExample Execute(decimal time, ulong id, long quantity) => OfOrder(time, EventKind.Execute, id, quantity);

    public FeatureExample Cancel(decimal time, ulong id, long quantity) => OfOrder(time, EventKind.Cancel, id, quantity);

    public FeatureExample Delete(decimal time, ulong id) => OfOrder(time, EventKind.Delete, id, MarketEvent.Absent);

    public FeatureExample Modify(decimal time, ulong id, decimal price, long quantity) =>
        Event(time, new MarketEvent { Kind = EventKind.Modify, OrderId = id, Price = Units(price), Quantity = quantity });

    public FeatureExample Replace(decimal time, ulong id, ulong by, decimal price, long quantity) =>
        Event(time, new MarketEvent { Kind = EventKind.Replace, OrderId = id, Reference = by, Price = Units(price), Quantity = quantity });

    public FeatureExample SetLevel(decimal time, Side side, decimal price, long quantity) =>
        Event(time, new MarketEvent { Kind = EventKind.LevelSet, Side = side, Price = Units(price), Quantity = quantity });

    public FeatureExample Trade(decimal time, decimal price, long quantity, Side side = Side.Buy) =>
        Event(time, new MarketEvent { Kind = EventKind.Trade, Side = side, Price = Units(price), Quantity = quantity });

    /// <summary>A trade that counts nowhere but in the rate of events, for its row.</summary>
    public FeatureExample Tick(decimal time) => Flagged(EventFlags.NonPrintable).Trade(time, 1, 1);

    /// <summary>What makes no row and touches no book.</summary>
    public FeatureExample Status(decimal time) => Event(time, new MarketEvent { Kind = EventKind.Status });

    public FeatureExample Refer(decimal time, EventKind kind, long price, long quantity = MarketEvent.Absent) =>
        Event(time, new MarketEvent { Kind = kind, Price = price, Quantity = quantity });

    /// <summary>An event of the instrument at hand.</summary>
    public FeatureExample Event(decimal time, MarketEvent e)
    {
        (e.Venue, e.Instrument, e.ExchangeTime, e.ReceiveTime) = (Venue, _instrument, At(time), At(time) + 1_000);
        e.Flags = _next | EventFlags.Watched | EventFlags.LastOfEvent;
        _next = EventFlags.None;
        _steps.Add(new Step(e, []));
        return this;
    }

    /// <summary>Gives the next event more flags.</summary>
    public FeatureExample Flagged(EventFlags flags)
    {
        _next = flags;
        return this;
    }

    /// <summary>The events from here on are another instrument's.</summary>
    public FeatureExample On(int instrument)
    {
        _instrument = instrument;
        return this;
    }

    /// <summary>What the row that the last event made says.</summary>
    public FeatureExample Then(params (string Column, double Value)[] columns) => Expect(null, columns);

    /// <summary>What the row at a time says, of those that the last event made.</summary>
    public FeatureExample ThenAt(decimal time, params (string Column, double Value)[] columns) => Expect(At(time), columns);

    public override string ToString() => name;

    private FeatureExample OfOrder(decimal time, EventKind kind, ulong id, long quantity) =>
        Event(time, new MarketEvent { Kind = kind, OrderId = id, Price = MarketEvent.Absent, Quantity = quantity });

    private FeatureExample Expect(long? time, (string, double)[] columns)
    {
        _steps[^1].Rows.Add((time, columns));
        return this;
    }

    /// <summary>An event and what is expected of its rows: of the one at a time, or where no time is said of the only one.</summary>
    internal sealed record Step(MarketEvent Event, List<(long? Time, (string Column, double Value)[] Columns)> Rows);
}
