using Engine.Core.Events;
using Engine.Core.Numerics;

namespace Engine.TestKit.Books;

/// <summary>
/// A seeded stream of market events that looks like a busy, sometimes faulty feed. It remembers only roughly what is alive, so
/// that what the events do is for the books to say.
/// </summary>
public sealed partial class RandomFlow
{
    private readonly long _tick;
    private const long Start = 1_700_000_000_123_456_789;

    private static readonly EventKind[] s_asides = [EventKind.Status, EventKind.IndexPrice, EventKind.MarkPrice, EventKind.Funding];

    private readonly SeededRandom _random;
    private readonly FlowOptions _options;
    private readonly List<Believed> _live = [];
    private readonly HashSet<int> _inSnapshot = [];
    private readonly long[] _mid;
    private ulong _nextId = 1;
    private ulong _sequence;
    private long _time = Start;

    /// <param name="seed">Any value.</param>
    /// <param name="options">The mix; null takes the defaults.</param>
    public RandomFlow(ulong seed, FlowOptions? options = null)
    {
        _random = new SeededRandom(seed);
        _options = options ?? new FlowOptions();
        _mid = [.. Enumerable.Range(0, _options.Instruments).Select(i => (i + 1) * (long)_options.Middle)];
        _tick = _options.Tick;
    }

    /// <summary>The first events of a flow.</summary>
    public static MarketEvent[] Create(ulong seed, int count, FlowOptions? options = null)
    {
        var flow = new RandomFlow(seed, options);
        return [.. Enumerable.Range(0, count).Select(_ => flow.Next())];
    }

    /// <summary>The next event.</summary>
    public MarketEvent Next()
    {
        _time += _random.Chance(_options.Reversals) ? -_random.Next(_options.ReversalNanos) : Pause() + Step();
        MarketEvent e = Choose();
        e.ExchangeTime = _time;
        e.ReceiveTime = _time + 1_000 + _random.Next(50_000);
        e.Sequence = ++_sequence;
        e.Flags |= EventFlags.Watched | (_random.Chance(0.9) ? EventFlags.LastOfEvent : EventFlags.None);
        BeginSession(ref e);
        e.Flags |= _inSnapshot.Contains(e.Instrument) || e.Kind is EventKind.SnapshotBegin or EventKind.SnapshotEnd
            ? EventFlags.FromSnapshot : EventFlags.None;
        if (_options.Outside != -2 && _random.Chance(0.002))
        {
            e.Instrument = _options.Outside;
        }

        if (_random.Chance(_options.Mischief))
        {
            Spoil(ref e);
        }

        return e;
    }

    private long Step() => IsInBurst() ? Math.Max(0, _random.Next(-500, 100)) : _random.Next(10) switch
    {
        < 3 => 0,
        < 9 => _random.Next(1, (int)_options.MeanStepNanos),
        _ => _random.Next(1, 10 * (int)_options.MeanStepNanos),
    };

    private MarketEvent Choose()
    {
        if (Rarer() is MarketEvent rarer)
        {
            return rarer;
        }

        if (_random.Chance(_options.Upheaval))
        {
            return Upheave();
        }

        if (_options.Snapshots > 0 && _random.Chance(_options.Snapshots))
        {
            return Snapshot();
        }

        if (_random.Chance(0.04))
        {
            return Print();
        }

        // The more orders are alive, the rarer a new one.
        return _random.Next(2 * _options.Orders) >= _live.Count ? Add() : Touch(_random.Next(_live.Count));
    }

    private MarketEvent Add()
    {
        int instrument = _random.Next(_options.Instruments - _options.LevelInstruments);
        _mid[instrument] += _random.Chance(0.1) ? _random.Next(-2, 3) : 0;
        Wander(instrument);
        Side side = _random.Chance(0.5) ? Side.Buy : Side.Sell;
        int away = _random.Chance(0.01) ? -_random.Next(1, 5)
            : _random.Chance(0.7) ? _random.Next(1, Math.Max(2, _options.Ticks / 4))
            : _random.Next(1, _options.Ticks);
        away += _options.Far > 0 && _random.Chance(_options.Far) ? _random.Next(1, 20 * _options.Ticks) : 0;
        MarketEvent e = On(instrument, EventKind.Add, NewId());
        e.Side = side;
        e.Price = (_mid[instrument] + (side == Side.Buy ? -away : away)) * _tick;
        e.Price += _options.Between > 0 && _random.Chance(_options.Between) ? _random.Next(1, (int)_tick) : 0;
        e.Quantity = _random.Next(1, 50) * 10;
        _live.Add(new Believed(e.OrderId, instrument, e.Price, e.Quantity, side));
        return e;
    }

    private MarketEvent Touch(int index)
    {
        Believed order = _live[index];
        int choice = _random.Next(100);
        MarketEvent e = On(order.Instrument, EventKind.Execute, order.Id);
        e.Price = e.Quantity = MarketEvent.Absent;
        switch (choice)
        {
            case < 40:
                e.Kind = choice < 28 ? EventKind.Execute : EventKind.Cancel;
                e.Quantity = choice % 4 == 0 || order.Quantity < 2 ? order.Quantity : _random.Next(1, (int)order.Quantity);
                e.Price = choice % 5 == 0 && e.Kind == EventKind.Execute ? order.Price + _tick : MarketEvent.Absent;
                e.Flags = choice % 7 == 0 ? EventFlags.NonPrintable : EventFlags.None;
                e.Reference = _sequence;
                Believe(index, order with { Quantity = order.Quantity - e.Quantity });
                break;
            case < 75:
                e.Kind = EventKind.Delete;
                Believe(index, order with { Quantity = 0 });
                break;
            case < 90:
                e.Kind = EventKind.Replace;
                e.Reference = choice == 89 ? order.Id : NewId();
                e.Price = order.Price + (_random.Next(-3, 4) * _tick);
                e.Quantity = _random.Next(1, 500);
                Believe(index, order with { Id = e.Reference, Price = e.Price, Quantity = e.Quantity });
                break;
            default:
                e.Kind = EventKind.Modify;
                e.Price = choice < 94 ? MarketEvent.Absent : order.Price + (_random.Next(-2, 3) * _tick);
                e.Quantity = Math.Max(1, order.Quantity + _random.Next(-50, 20));
                Believe(index, order with { Quantity = e.Quantity, Price = e.Price == MarketEvent.Absent ? order.Price : e.Price });
                break;
        }

        return e;
    }

    private void Believe(int index, Believed order)
    {
        if (order.Quantity > 0)
        {
            _live[index] = order;
        }
        else
        {
            _live.RemoveAt(index);
        }
    }

    private MarketEvent Print()
    {
        int instrument = _random.Next(_options.Instruments);
        MarketEvent e = On(instrument, _random.Chance(0.9) ? EventKind.Trade : s_asides[_random.Next(s_asides.Length)], 0);
        e.Side = _random.Chance(0.9) ? Side.Buy : Side.None;
        e.Side = e.Side == Side.Buy && e.Venue == Venue.BitMex && _random.Chance(0.5) ? Side.Sell : e.Side;
        e.Price = _random.Chance(0.05) ? MarketEvent.Absent : (_mid[instrument] * _tick) + (_random.Next(-4, 5) * _tick / 2);
        e.Quantity = _random.Chance(0.03) ? MarketEvent.Absent : _random.Next(1, 300);
        e.Flags = _random.Chance(0.1) ? EventFlags.NonPrintable : EventFlags.None;
        return e;
    }

    private MarketEvent Upheave()
    {
        int instrument = _random.Next(_options.Instruments);
        MarketEvent e = On(instrument, EventKind.Gap, 0);
        bool all = _random.Chance(0.5);
        int choice = _random.Next(4);
        e.Kind = choice switch { 0 or 1 => EventKind.Gap, 2 => EventKind.Clear, _ => EventKind.Status };
        e.Quantity = _random.Next(1, 100);
        e.Flags = choice == 3 ? EventFlags.SessionStart : EventFlags.None;
        if (all || choice == 3)
        {
            e.Instrument = MarketEvent.AllInstruments;
        }

        // Sometimes the feed goes on naming orders that a clear took away.
        if (choice >= 2 && _random.Chance(0.8))
        {
            _live.RemoveAll(o => all || choice == 3 ? VenueOf(o.Instrument) == VenueOf(instrument) : o.Instrument == instrument);
        }

        Untime(ref e);
        return e;
    }

    private MarketEvent Snapshot()
    {
        int instrument = _random.Next(_options.Instruments);
        MarketEvent e = On(instrument, EventKind.SnapshotBegin, 0);
        e.Kind = _inSnapshot.Remove(instrument) || _random.Chance(0.1) ? EventKind.SnapshotEnd : EventKind.SnapshotBegin;
        if (_random.Chance(0.1))
        {
            e.Instrument = MarketEvent.AllInstruments;
            _live.RemoveAll(o => VenueOf(o.Instrument) == e.Venue && _random.Chance(0.8));
        }
        else if (e.Kind == EventKind.SnapshotBegin)
        {
            _inSnapshot.Add(instrument);
            _live.RemoveAll(o => o.Instrument == instrument && _random.Chance(0.9));
        }

        return e;
    }

    private void Spoil(ref MarketEvent e)
    {
        switch (_random.Next(7))
        {
            case 0:
                e.OrderId = _nextId + 1_000_000;
                break;
            case 1:
                e.OrderId = _live.Count > 0 ? _live[_random.Next(_live.Count)].Id : 0;
                break;
            case 2:
                e.Instrument = e.Instrument < 0 ? e.Instrument : _random.Next(_options.Instruments);
                break;
            case 3:
                e.Quantity = _random.Next(-1, 1);
                break;
            case 4:
                e.Price = _random.Next(-1, 1);
                break;
            case 5:
                e.Quantity += 1_000;
                break;
            default:
                e.Reference = _live.Count > 0 ? _live[_random.Next(_live.Count)].Id : 0;
                break;
        }
    }

    private ulong NewId() => _nextId += (ulong)_random.Next(1, 4);

    private MarketEvent On(int instrument, EventKind kind, ulong id) =>
        new() { Instrument = instrument, Venue = VenueOf(instrument), Kind = kind, OrderId = id };

    private Venue VenueOf(int instrument) => instrument >= _options.Instruments - _options.LevelInstruments ? Venue.BitMex
        : instrument % 2 == 0 ? Venue.Itch50 : _options.OddVenue;

    private readonly record struct Believed(ulong Id, int Instrument, long Price, long Quantity, Side Side);
}
