using Engine.Core.Events;

namespace Engine.TestKit.Books;

/// <content>What a flow does only where its options ask for it.</content>
public sealed partial class RandomFlow
{
    private const long Second = 1_000_000_000;
    private const int MaxBurst = 200;

    private readonly Queue<ulong> _swept = new();
    private readonly List<(int Instrument, Side Side, long Price)> _levels = [];
    private int _burst;

    /// <summary>Nanoseconds of silence before an event, over the ordinary ones.</summary>
    private long Pause() => _options.Silences > 0 && _burst == 0 && _random.Chance(_options.Silences) ? 62 * Second + _random.Next(30) * Second : 0;

    private bool IsInBurst()
    {
        if (_burst == 0 && _options.Bursts > 0 && _random.Chance(_options.Bursts))
        {
            _burst = _random.Next(2, MaxBurst);
        }

        _burst -= _burst > 0 ? 1 : 0;
        return _burst > 0;
    }

    /// <summary>Sometimes what comes first to an empty book says that it is empty.</summary>
    private void BeginSession(ref MarketEvent e)
    {
        if (_options.Starts > 0 && (e.Kind is EventKind.Add or EventKind.LevelSet) && _random.Chance(_options.Starts))
        {
            (Venue venue, ulong id) = (e.Venue, e.OrderId);
            e.Flags |= EventFlags.SessionStart;
            _live.RemoveAll(o => VenueOf(o.Instrument) == venue && o.Id != id);
            _levels.RemoveAll(l => VenueOf(l.Instrument) == venue);
        }
    }

    /// <summary>An event of the rarer kinds, or null.</summary>
    private MarketEvent? Rarer()
    {
        while (_swept.TryDequeue(out ulong id))
        {
            if (_live.FindIndex(o => o.Id == id) is int index and >= 0)
            {
                return Delete(index);
            }
        }

        if (_options.References > 0 && _random.Chance(_options.References))
        {
            return Refer();
        }

        if (_options.LevelInstruments > 0 && _random.Chance(_options.LevelInstruments / (double)_options.Instruments))
        {
            return SetLevel();
        }

        if (_live.Count == 0)
        {
            return null;
        }

        return _options.Touches > 0 && _random.Chance(_options.Touches) ? TakeOldest(_live[_random.Next(_live.Count)])
            : _options.Edits > 0 && _random.Chance(_options.Edits) ? Edit(_random.Next(_live.Count))
            : _options.Sweeps > 0 && _random.Chance(_options.Sweeps) ? Sweep(_live[_random.Next(_live.Count)])
            : null;
    }

    private MarketEvent Refer()
    {
        int instrument = _random.Next(_options.Instruments);
        MarketEvent e = On(instrument, (EventKind)((int)EventKind.IndexPrice + _random.Next(3)), 0);
        bool isFunding = e.Kind == EventKind.Funding;
        e.Price = isFunding ? _random.Next(-500_000, 1_000_000) : (_mid[instrument] * _tick) + _random.Next(-50_000_000, 50_000_000);
        e.Quantity = isFunding ? _time + _random.Next(-5, 100) * Second : MarketEvent.Absent;
        e.Price = _random.Chance(0.1) ? MarketEvent.Absent : _random.Chance(0.05) ? 0 : e.Price;
        e.Quantity = _random.Chance(0.1) ? MarketEvent.Absent : e.Quantity;
        e.Flags |= _options.Untimed > 0 && _random.Chance(_options.Untimed) ? EventFlags.FromSnapshot | EventFlags.BadExchangeTime : EventFlags.None;
        return e;
    }

    private void Untime(ref MarketEvent e)
    {
        if (_options.Untimed > 0 && _random.Chance(_options.Untimed))
        {
            e.Flags |= EventFlags.BadExchangeTime;
            e.ExchangeTime += _random.Next(-100_000, 200_000) * Second;
        }
    }

    private void Wander(int instrument)
    {
        if (_options.Moves > 0 && _random.Chance(_options.Moves))
        {
            int most = _random.Chance(0.2) ? 400 : 30;
            _mid[instrument] = Math.Max(Math.Min(2_000, _options.Middle), _mid[instrument] + _random.Next(-most, most + 1));
        }
    }

    private MarketEvent SetLevel()
    {
        int instrument = _options.Instruments - 1 - _random.Next(_options.LevelInstruments);
        _mid[instrument] += _random.Chance(0.1) ? _random.Next(-2, 3) : 0;
        Wander(instrument);
        MarketEvent e = On(instrument, EventKind.LevelSet, 0);
        e.Side = _random.Chance(0.5) ? Side.Buy : Side.Sell;
        int away = _random.Chance(0.01) ? -1 : _random.Next(1, Math.Max(2, _options.Ticks / 2));
        e.Price = (_mid[instrument] + (e.Side == Side.Buy ? -away : away)) * _tick;
        e.Price += _options.Between > 0 && _random.Chance(_options.Between) ? _tick / 2 : 0;
        e.Quantity = _random.Next(1, 50) * 10;
        if (_levels.Count > 0 && _random.Chance(0.6))
        {
            // One that is there gets another quantity, or goes: the more often the more there are.
            int index = _random.Next(_levels.Count);
            (e.Instrument, e.Side, e.Price) = _levels[index];
            if (_random.Next(2 * _options.Ticks * _options.LevelInstruments) < _levels.Count)
            {
                e.Quantity = 0;
                _levels.RemoveAt(index);
            }
        }
        else if (_live.Count > 0 && _random.Chance(0.05))
        {
            Mix(ref e);
        }
        else if (!_levels.Contains((instrument, e.Side, e.Price)))
        {
            _levels.Add((instrument, e.Side, e.Price));
        }

        return e;
    }

    /// <summary>An order where levels are told, or a level where orders are.</summary>
    private void Mix(ref MarketEvent e)
    {
        Believed order = _live[_random.Next(_live.Count)];
        if (_random.Chance(0.5) || _levels.Count == 0)
        {
            (e.Instrument, e.Side, e.Price) = (order.Instrument, order.Side, order.Price);
        }
        else
        {
            (e.Kind, e.OrderId) = (EventKind.Add, NewId());
            (e.Instrument, e.Side, e.Price) = _levels[_random.Next(_levels.Count)];
            e.Price += _random.Chance(0.5) ? _tick : 0;
            _live.Add(new Believed(e.OrderId, e.Instrument, e.Price, e.Quantity, e.Side));
        }
    }

    private MarketEvent TakeOldest(Believed any)
    {
        var queue = _live.Where(o => o.Instrument == any.Instrument && o.Side == any.Side).ToList();
        long best = any.Side == Side.Buy ? queue.Max(o => o.Price) : queue.Min(o => o.Price);
        Believed oldest = queue.First(o => o.Price == best);
        MarketEvent e = On(oldest.Instrument, EventKind.Execute, oldest.Id);
        e.Price = MarketEvent.Absent;
        e.Quantity = _random.Chance(0.5) || oldest.Quantity < 2 ? oldest.Quantity : _random.Next(1, (int)oldest.Quantity);
        Believe(_live.IndexOf(oldest), oldest with { Quantity = oldest.Quantity - e.Quantity });
        return e;
    }

    private MarketEvent Edit(int index)
    {
        Believed order = _live[index];
        MarketEvent e = On(order.Instrument, EventKind.Modify, order.Id);
        (e.Price, e.Quantity) = (order.Price, order.Quantity);
        switch (_random.Next(6))
        {
            case 0:
                e.Quantity = Math.Max(1, order.Quantity - _random.Next(0, 30));
                break;
            case 1:
                e.Quantity = order.Quantity + _random.Next(1, 100);
                break;
            case 2:
                e.Price += _random.Next(-2, 3) * _tick;
                break;
            case 3:
                break;
            case 4:
                e.Kind = EventKind.Replace;
                e.Reference = NewId();
                e.Quantity = _random.Chance(0.5) ? order.Quantity : _random.Next(1, 500);
                order = order with { Id = e.Reference };
                break;
            default:
                e.Kind = EventKind.Cancel;
                e.Quantity = Math.Max(1, order.Quantity / 3);
                e.Price = MarketEvent.Absent;
                Believe(index, order with { Quantity = order.Quantity - e.Quantity });
                return e;
        }

        Believe(index, order with { Price = e.Price, Quantity = e.Quantity });
        return e;
    }

    private MarketEvent Sweep(Believed any)
    {
        foreach (Believed order in _live.Where(o => o.Instrument == any.Instrument && o.Side == any.Side && o.Id != any.Id))
        {
            _swept.Enqueue(order.Id);
        }

        return Delete(_live.IndexOf(any));
    }

    private MarketEvent Delete(int index)
    {
        MarketEvent e = On(_live[index].Instrument, EventKind.Delete, _live[index].Id);
        e.Price = e.Quantity = MarketEvent.Absent;
        Believe(index, _live[index] with { Quantity = 0 });
        return e;
    }
}
