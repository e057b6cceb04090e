using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Fuzz.Targets;

/// <summary>Books that are only told by level, in the simplest way that could be right.</summary>
/// <param name="limits">Bounds of levels.</param>
internal sealed class NaiveLevels(EngineLimits limits)
{
    private readonly Dictionary<(int Instrument, Side Side), SortedDictionary<long, long>> _sides = [];
    private readonly Dictionary<int, Venue> _venues = [];

    /// <summary>Applies an event.</summary>
    public void Apply(in MarketEvent e)
    {
        bool isOne = e.Instrument >= 0 && e.Instrument < limits.Instruments;
        if (e.Flags.HasFlag(EventFlags.SessionStart))
        {
            Clear(e.Venue);
        }

        if (isOne)
        {
            _ = _venues.TryAdd(e.Instrument, e.Venue);
        }

        switch (e.Kind)
        {
            case EventKind.Clear when e.Instrument == MarketEvent.AllInstruments:
                Clear(e.Venue);
                break;
            case EventKind.Clear or EventKind.SnapshotBegin when isOne:
                Clear(e.Instrument);
                break;
            case EventKind.LevelSet when isOne && e.Price > 0 && e.Quantity >= 0 && e.Side != Side.None:
                Set(e);
                break;
        }
    }

    /// <summary>Compares a side; answers the first difference in words, or null.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="side">The side.</param>
    /// <param name="depth">Its levels.</param>
    /// <param name="prices">The best of them.</param>
    /// <param name="quantities">Their quantities.</param>
    public string? Compare(int instrument, Side side, int depth, ReadOnlySpan<long> prices, ReadOnlySpan<long> quantities)
    {
        SortedDictionary<long, long> levels = Of(instrument, side);
        if (depth != levels.Count)
        {
            return $"{side} has {depth} levels, expected {levels.Count}";
        }

        KeyValuePair<long, long>[] expected = [.. side == Side.Buy ? levels.Reverse() : levels];
        for (int i = 0; i < prices.Length; i++)
        {
            if (prices[i] != expected[i].Key || quantities[i] != expected[i].Value)
            {
                return $"{side} level {i}: {prices[i]} × {quantities[i]}, expected {expected[i].Key} × {expected[i].Value}";
            }
        }

        return null;
    }

    private void Set(in MarketEvent e)
    {
        SortedDictionary<long, long> levels = Of(e.Instrument, e.Side);
        if (e.Quantity == 0)
        {
            _ = levels.Remove(e.Price);
        }
        else if (levels.ContainsKey(e.Price) || (levels.Count < limits.LevelsPerSide && _sides.Values.Sum(side => side.Count) < limits.Levels))
        {
            levels[e.Price] = e.Quantity;
        }
    }

    private void Clear(Venue venue)
    {
        foreach ((int instrument, Venue of) in _venues)
        {
            if (of == venue)
            {
                Clear(instrument);
            }
        }
    }

    private void Clear(int instrument)
    {
        Of(instrument, Side.Buy).Clear();
        Of(instrument, Side.Sell).Clear();
    }

    private SortedDictionary<long, long> Of(int instrument, Side side) =>
        _sides.TryGetValue((instrument, side), out SortedDictionary<long, long>? levels) ? levels : _sides[(instrument, side)] = [];
}
