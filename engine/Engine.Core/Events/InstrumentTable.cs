namespace Engine.Core.Events;

/// <summary>
/// Instruments in the order in which the feed first named them; the index is <see cref="MarketEvent.Instrument"/>.
/// Written by the receiving thread only; symbols are read elsewhere after the run or on cold paths.
/// </summary>
public sealed class InstrumentTable
{
    private readonly string?[] _symbols;
    private readonly bool[] _watched;
    private readonly string[]? _wanted;
    private int _count;

    /// <param name="limit">Most instruments; <see cref="Add"/> answers −1 beyond it.</param>
    /// <param name="wanted">Symbols to watch, exact and ordinal; null watches every instrument.</param>
    public InstrumentTable(int limit, IReadOnlyCollection<string>? wanted = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        _symbols = new string?[limit];
        _watched = new bool[limit];
        _wanted = wanted?.ToArray();
    }

    /// <summary>How many instruments are known.</summary>
    public int Count => _count;

    /// <summary>How many instruments there may be.</summary>
    public int Limit => _symbols.Length;

    /// <summary>Instruments that found no room; their events carry <see cref="MarketEvent.AllInstruments"/> and touch no book.</summary>
    public long Refused { get; private set; }

    /// <summary>A new instrument, its symbol perhaps not known yet (null). Its index, or −1 when the table is full.</summary>
    public int Add(string? symbol)
    {
        if (_count == _symbols.Length)
        {
            Refused++;
            return -1;
        }

        int index = _count++;
        _watched[index] = _wanted is null;
        if (symbol is not null)
        {
            Name(index, symbol);
        }

        return index;
    }

    /// <summary>Gives an instrument its symbol; from here on it is watched if the symbol is wanted.</summary>
    public void Name(int instrument, string symbol)
    {
        _symbols[instrument] = symbol;
        _watched[instrument] = _wanted is null || Array.IndexOf(_wanted, symbol) >= 0;
    }

    /// <summary>The symbol, or null while the feed has not said it.</summary>
    public string? Symbol(int instrument) => (uint)instrument < (uint)_count ? _symbols[instrument] : null;

    /// <summary>Whether the run follows this instrument.</summary>
    public bool IsWatched(int instrument) => (uint)instrument < (uint)_count && _watched[instrument];

    /// <summary>The index of a symbol, or −1. A walk over the table: for cold paths.</summary>
    public int Find(string symbol)
    {
        for (int i = 0; i < _count; i++)
        {
            if (string.Equals(_symbols[i], symbol, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The wanted symbols that never occurred, in the order they were asked for.</summary>
    public IEnumerable<string> Missing() => (_wanted ?? []).Where(symbol => Find(symbol) < 0);
}
