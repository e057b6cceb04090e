using System.Text;

namespace Engine.Core.Events;

/// <summary>
/// Instruments in the order in which the feed first named them; the index is <see cref="MarketEvent.Instrument"/>.
/// Symbols are kept as bytes in memory taken at the start, so that naming an instrument allocates nothing; a string is made
/// when somebody asks for it. Written by the receiving thread only; a symbol may be read by a thread that got an event of the
/// instrument through a ring, or after the run.
/// </summary>
public sealed class InstrumentTable
{
    /// <summary>Longest symbol, bytes; a longer one costs a string when it is named.</summary>
    public const int MaxSymbolBytes = 32;

    private readonly byte[] _bytes;
    private readonly byte[] _lengths;
    private readonly string?[] _texts;
    private readonly bool[] _watched;
    private readonly string[]? _wanted;
    private readonly byte[][] _wantedBytes;
    private readonly bool[] _wantedSeen;
    private int _reserved;
    private int _count;

    /// <param name="limit">Most instruments; what finds no room is <see cref="MarketEvent.NoInstrument"/>.</param>
    /// <param name="wanted">Symbols to watch, exact and ordinal, at most <paramref name="limit"/>: room is kept for each of them.
    /// Null watches every instrument.</param>
    public InstrumentTable(int limit, IReadOnlyCollection<string>? wanted = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        _bytes = new byte[limit * MaxSymbolBytes];
        _lengths = new byte[limit];
        _texts = new string?[limit];
        _watched = new bool[limit];
        _wanted = wanted?.ToArray();
        _wantedBytes = [.. (_wanted ?? []).Distinct(StringComparer.Ordinal).Select(Encoding.Latin1.GetBytes)];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_wantedBytes.Length, limit, nameof(wanted));
        _wantedSeen = new bool[_wantedBytes.Length];
        _reserved = _wantedBytes.Length;
    }

    /// <summary>How many instruments are known.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many instruments there may be.</summary>
    public int Limit => _texts.Length;

    /// <summary>Instruments that found no room; their events carry <see cref="MarketEvent.NoInstrument"/>.</summary>
    public long Refused { get; private set; }

    /// <summary>Whether the run follows every instrument.</summary>
    public bool WatchesAll => _wanted is null;

    /// <summary>A new instrument whose symbol is not known yet, and which is not watched before it is. Its index, or
    /// <see cref="MarketEvent.NoInstrument"/> when there is no room but for wanted symbols.</summary>
    public int Add() => Take(_reserved);

    /// <summary>A new instrument with its symbol. Its index, or <see cref="MarketEvent.NoInstrument"/> when there is no room.</summary>
    public int Add(string symbol) => Add(Encoding.Latin1.GetBytes(symbol));

    /// <summary>The same with the symbol in Latin-1 without padding.</summary>
    public int Add(ReadOnlySpan<byte> symbol)
    {
        int wanted = Wanted(symbol);
        int index = Take(wanted >= 0 && !_wantedSeen[wanted] ? _reserved - 1 : _reserved);
        if (index >= 0)
        {
            Name(index, symbol);
        }

        return index;
    }

    /// <summary>Gives an instrument its symbol; from here on it is watched if the symbol is wanted.</summary>
    public void Name(int instrument, string symbol) => Name(instrument, Encoding.Latin1.GetBytes(symbol));

    /// <summary>Gives an instrument its symbol, in Latin-1 without padding.</summary>
    public void Name(int instrument, ReadOnlySpan<byte> symbol)
    {
        if (symbol.Length <= MaxSymbolBytes)
        {
            symbol.CopyTo(_bytes.AsSpan(instrument * MaxSymbolBytes));
            _texts[instrument] = null;
        }
        else
        {
            _texts[instrument] = Encoding.Latin1.GetString(symbol);
        }

        _lengths[instrument] = (byte)Math.Min(symbol.Length, MaxSymbolBytes);
        int wanted = Wanted(symbol);
        _watched[instrument] = _wanted is null || wanted >= 0;
        if (wanted >= 0 && !_wantedSeen[wanted])
        {
            _wantedSeen[wanted] = true;
            _reserved--;
        }
    }

    /// <summary>The symbol, or null while the feed has not said it.</summary>
    public string? Symbol(int instrument)
    {
        if ((uint)instrument >= (uint)Count || _lengths[instrument] == 0)
        {
            return null;
        }

        return _texts[instrument] ??= Encoding.Latin1.GetString(_bytes, instrument * MaxSymbolBytes, _lengths[instrument]);
    }

    /// <summary>The symbol in Latin-1, without making a string of it where it has at most <see cref="MaxSymbolBytes"/>; empty while the
    /// feed has not said it.</summary>
    public ReadOnlySpan<byte> SymbolBytes(int instrument) =>
        (uint)instrument >= (uint)Count ? default
        : _texts[instrument] is { Length: > MaxSymbolBytes } text ? Encoding.Latin1.GetBytes(text)
        : _bytes.AsSpan(instrument * MaxSymbolBytes, _lengths[instrument]);

    /// <summary>Whether the run follows this instrument.</summary>
    public bool IsWatched(int instrument) => (uint)instrument < (uint)_count && _watched[instrument];

    /// <summary>The index of a symbol, or −1. A walk over the table: for cold paths.</summary>
    public int Find(string symbol)
    {
        for (int i = 0; i < Count; i++)
        {
            if (string.Equals(Symbol(i), symbol, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The wanted symbols that never occurred, in the order they were asked for.</summary>
    public IEnumerable<string> Missing() => (_wanted ?? []).Where(symbol => Find(symbol) < 0);

    /// <summary>Takes the next place, if more than those kept are free.</summary>
    private int Take(int kept)
    {
        if (Limit - _count <= kept)
        {
            Refused++;
            return MarketEvent.NoInstrument;
        }

        int index = _count;
        _watched[index] = false;
        Volatile.Write(ref _count, index + 1);
        return index;
    }

    /// <summary>Which wanted symbol it is, or −1.</summary>
    private int Wanted(ReadOnlySpan<byte> symbol)
    {
        for (int i = 0; i < _wantedBytes.Length; i++)
        {
            if (symbol.SequenceEqual(_wantedBytes[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
