using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.Instruments;

namespace Engine.Feeds.Dbn;

/// <summary>What the decoder keeps for a publisher's instrument id.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DbnState
{
    /// <summary>The day for which the symbol was looked up, from 1970-01-01, plus one; 0 for none.</summary>
    public int DayPlusOne;

    /// <summary>How many symbols records had named by then.</summary>
    public int Names;

    /// <summary>Bids known.</summary>
    public int Bids;

    /// <summary>Asks known.</summary>
    public int Asks;

    /// <summary>Events of the venue that have ended: the last record of each says so.</summary>
    public uint Ended;

    /// <summary>The book has had a record.</summary>
    public bool IsSeen;

    /// <summary>Its last record said that the book may be bad.</summary>
    public bool IsBad;

    /// <summary>The instrument was another id's before; its book is that one's until it is cleared.</summary>
    public bool IsMoved;

    /// <summary>Nothing names it: its symbol is its id.</summary>
    public bool IsUnmapped;
}

/// <summary>
/// Instruments of DBN: an instrument is a symbol of a publisher. The first publisher with a symbol has it as it is, a further one as
/// SYMBOL@publisher, a second id of one publisher on the same day as SYMBOL@publisher:id. Where a symbol goes over to another id on a
/// later day (a continuous contract that rolls) the instrument stays and its book begins anew. An id without a symbol is named by
/// its number.
/// </summary>
internal sealed unsafe class DbnInstruments : IDisposable
{
    private const int MostLetters = 128;
    private const int Levels = 2 * DbnLayouts.Depth;
    private const ulong IsKey = 1UL << 63;

    private readonly InstrumentTable _table;
    private readonly InstrumentMap _map;
    private readonly NativeBuffer<DbnState> _states;
    private readonly NativeBuffer<PriceLevel> _levels;
    private readonly Dictionary<string, Owner> _owners = new(StringComparer.Ordinal);
    private readonly int _overflow;
    private int _used;
    private int _names;
    private ulong _lastKey;
    private InstrumentSlot* _last;

    /// <param name="table">Where instruments are entered; those in it already are known.</param>
    public DbnInstruments(InstrumentTable table)
    {
        _table = table;
        _map = new InstrumentMap(table.Limit);
        _overflow = 2 * table.Limit;
        _states = new NativeBuffer<DbnState>(_overflow + 1);
        _levels = new NativeBuffer<PriceLevel>((_overflow + 1) * Levels);
        for (int i = 0; i < table.Count; i++)
        {
            if (table.Symbol(i) is { } symbol)
            {
                _owners.TryAdd(symbol, new Owner(i, 0, 0));
            }
        }
    }

    /// <summary>Instruments that found no room.</summary>
    public long Refused => _table.Refused;

    /// <summary>Most instruments that records may name.</summary>
    public int MostNames => _overflow;

    /// <summary>A record has named an instrument: symbols are looked up anew.</summary>
    public void Renamed() => _names++;

    /// <summary>The slot of a publisher's instrument id: its entry, and as <see cref="InstrumentSlot.Extra"/> its state's place.</summary>
    /// <param name="head">A record's first eight bytes, which hold both.</param>
    /// <param name="day">The record's day, from 1970-01-01.</param>
    /// <param name="stream">The file, which knows symbols.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public InstrumentSlot* Of(ulong head, int day, DbnStream stream)
    {
        ulong key = IsKey | (head >> 32) | ((head & 0xFFFF_0000) << 16);
        InstrumentSlot* slot = key == _lastKey ? _last : Find(key, day, stream);

        // SAFETY: a slot lives as long as the map, and its Extra is the place of its state.
        DbnState* state = _states.Pointer + slot->Extra;
        if (state->DayPlusOne != day + 1 || state->Names != _names)
        {
            slot->Entry = Resolve(slot->Entry, state, key, day, stream);
        }

        return slot;
    }

    /// <summary>The state of a slot.</summary>
    public DbnState* State(InstrumentSlot* slot) => _states.Pointer + slot->Extra;

    /// <summary>The levels known of a slot's instrument.</summary>
    public KnownLevels Known(InstrumentSlot* slot)
    {
        DbnState* state = State(slot);
        return new KnownLevels { Levels = _levels.Pointer + ((nint)slot->Extra * Levels), Bids = state->Bids, Asks = state->Asks };
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _map.Dispose();
        _states.Dispose();
        _levels.Dispose();
    }

    private InstrumentSlot* Find(ulong key, int day, DbnStream stream)
    {
        InstrumentSlot* slot = _map.Find(key);
        if (slot == null)
        {
            DbnState state = default;
            int entry = Resolve(InstrumentEntry.Refused, &state, key, day, stream);
            slot = _map.Add(key, entry);
            if (slot == null)
            {
                // No room for the key: it shares a place with all others that have none, and is followed in no book.
                slot = _map.Overflow();
                slot->Entry = InstrumentEntry.Refused;
                slot->Extra = _overflow;
                _states[_overflow] = state;
                return slot;
            }

            slot->Extra = _used++;
            _states[slot->Extra] = state;
        }

        _lastKey = key;
        _last = slot;
        return slot;
    }

    /// <summary>Looks up what a key stands for on a day, and gives its entry.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Resolve(int entry, DbnState* state, ulong key, int day, DbnStream stream)
    {
        bool wasUnmapped = state->IsUnmapped;
        state->DayPlusOne = day + 1;
        state->Names = _names;
        scoped ReadOnlySpan<byte> symbol = stream.SymbolOf((uint)key, day);
        Span<byte> number = stackalloc byte[10];
        state->IsUnmapped = symbol.IsEmpty;
        if (symbol.IsEmpty)
        {
            _ = System.Buffers.Text.Utf8Formatter.TryFormat((uint)key, number, out int length);
            symbol = number[..length];
        }

        int before = entry >> InstrumentEntry.Shift;
        bool names = wasUnmapped && !state->IsUnmapped && before >= 0;
        int instrument = Own(symbol, key, day, names ? before : MarketEvent.NoInstrument, out bool isMoved);
        if (before >= 0 && instrument != before)
        {
            // The id goes on under another symbol, with a book of its own.
            state->IsSeen = state->IsBad = false;
            state->Bids = state->Asks = 0;
        }

        state->IsMoved |= isMoved;
        return InstrumentEntry.Of(_table, instrument, true);
    }

    /// <summary>The instrument that a key's symbol stands for.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <param name="key">The publisher and id.</param>
    /// <param name="day">The day.</param>
    /// <param name="unnamed">The key's instrument, which had no symbol so far; negative for none.</param>
    /// <param name="isMoved">Another id had the instrument before.</param>
    private int Own(ReadOnlySpan<byte> symbol, ulong key, int day, int unnamed, out bool isMoved)
    {
        isMoved = false;
        Span<char> letters = stackalloc char[MostLetters];
        scoped ReadOnlySpan<char> name = symbol.Length > MostLetters ? Encoding.Latin1.GetString(symbol) : letters[..symbol.Length];
        if (symbol.Length <= MostLetters)
        {
            Encoding.Latin1.GetChars(symbol, letters);
        }

        ref Owner owner = ref Find(name);
        if (Unsafe.IsNullRef(ref owner))
        {
            return Enter(name, symbol, key, day, unnamed);
        }

        if (owner.Key == key || owner.Key == 0)
        {
            owner = owner with { Key = key, Day = day };
            return owner.Instrument;
        }

        if (Publisher(owner.Key) == Publisher(key) && owner.Day < day)
        {
            isMoved = true;
            owner = owner with { Key = key, Day = day };
            return owner.Instrument;
        }

        string further = Publisher(owner.Key) == Publisher(key) ? $"{name}@{Publisher(key)}:{(uint)key}" : $"{name}@{Publisher(key)}";
        ref Owner other = ref Find(further);
        return Unsafe.IsNullRef(ref other) ? Enter(further, Encoding.Latin1.GetBytes(further), key, day, unnamed)
            : other.Key == key ? other.Instrument
            : Own(Encoding.Latin1.GetBytes($"{further}:{(uint)key}"), key, day, unnamed, out isMoved);
    }

    private ref Owner Find(ReadOnlySpan<char> name) =>
        ref CollectionsMarshal.GetValueRefOrNullRef(_owners.GetAlternateLookup<ReadOnlySpan<char>>(), name);

    private int Enter(ReadOnlySpan<char> name, ReadOnlySpan<byte> symbol, ulong key, int day, int unnamed)
    {
        if (unnamed >= 0)
        {
            // The number is free for another instrument, should the id go without a symbol again.
            Span<char> number = stackalloc char[10];
            _ = ((uint)key).TryFormat(number, out int length, default, CultureInfo.InvariantCulture);
            _owners.GetAlternateLookup<ReadOnlySpan<char>>().Remove(number[..length]);
            _table.Name(unnamed, symbol);
        }

        int instrument = unnamed >= 0 ? unnamed : _table.Add(symbol);
        if (instrument >= 0)
        {
            _owners[name.ToString()] = new Owner(instrument, key, day);
        }

        return instrument;
    }

    private static uint Publisher(ulong key) => (uint)(key >> 32) & 0xFFFF;

    /// <summary>Who has a symbol.</summary>
    /// <param name="Instrument">Its index.</param>
    /// <param name="Key">The publisher and id; 0 for nobody yet.</param>
    /// <param name="Day">The last day on which it was looked up.</param>
    private readonly record struct Owner(int Instrument, ulong Key, int Day);
}
