using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Feeds.Instruments;

namespace Engine.Feeds.Xdp;

/// <summary>
/// What the symbol index mappings (type 3) have said. Symbol indices are the same on every channel of a market, so one map serves
/// all. A slot's extra word:
/// <code>
/// bits 0..7    decimals of the symbol's prices
/// bits 8..15   the matching engine ("system") that sends its times
/// bit 16       a mapping was seen
/// </code>
/// </summary>
internal sealed unsafe class XdpSymbols : IDisposable
{
    private const int MappedBit = 1 << 16;
    private const int MaxScale = 9;
    private const int SymbolOffset = 8, SymbolSize = 11, SystemOffset = 22, ScaleOffset = 24;
    private static readonly long[] s_factors = [.. Enumerable.Range(0, 256).Select(Factor)];

    private readonly InstrumentTable _table;
    private readonly InstrumentMap _map;
    private readonly SymbolNames _names;

    /// <param name="table">Where instruments are entered.</param>
    public XdpSymbols(InstrumentTable table)
    {
        _table = table;
        _map = new InstrumentMap(table.Limit);
        _names = new SymbolNames(table);
    }

    /// <summary>Instruments that found no room.</summary>
    public long RefusedInstruments => _table.Refused;

    /// <summary>The slot of a symbol index; an instrument without a name is entered for one not mapped yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public InstrumentSlot* Of(uint index)
    {
        InstrumentSlot* slot = _map.Find(Key(index));
        return slot != null ? slot : Enter(index);
    }

    /// <summary>Takes a symbol index mapping.</summary>
    /// <param name="message">A whole message of type 3.</param>
    public InstrumentSlot* Map(byte* message)
    {
        // SAFETY: the caller has checked that the message is as long as its layout.
        uint index = Unsafe.ReadUnaligned<uint>(message + XdpLayouts.Head);
        InstrumentSlot* slot = _map.Find(Key(index));
        ReadOnlySpan<byte> symbol = new(message + SymbolOffset, SymbolSize);
        int end = symbol.IndexOf((byte)0);
        symbol = (end < 0 ? symbol : symbol[..end]).TrimEnd((byte)' ');
        if (symbol.IsEmpty)
        {
            slot = slot != null ? slot : Enter(index);
        }
        else if (slot == null)
        {
            slot = Enter(index, symbol);
        }
        else if (slot->Entry != InstrumentEntry.Refused)
        {
            int unnamed = (slot->Entry & InstrumentEntry.Settled) != 0 ? MarketEvent.NoInstrument : slot->Entry >> InstrumentEntry.Shift;
            slot->Entry = InstrumentEntry.Of(_table, _names.Resolve(symbol, unnamed), true);
        }

        slot->Extra = message[ScaleOffset] | (message[SystemOffset] << 8) | MappedBit;
        return slot;
    }

    /// <summary>Decimals of an instrument's prices, or −1 while they are not known.</summary>
    public int Scale(uint index)
    {
        InstrumentSlot* slot = _map.Find(Key(index));
        return slot == null || !IsMapped(slot) || Scale(slot) > MaxScale ? -1 : Scale(slot);
    }

    /// <summary>What a price on the wire is multiplied with to be in 1e-9; 0 where the scale is unknown or finer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long PriceFactor(InstrumentSlot* slot) => slot != null && IsMapped(slot) ? s_factors[Scale(slot)] : 0;

    /// <summary>Whether a mapping was seen.</summary>
    public static bool IsMapped(InstrumentSlot* slot) => (slot->Extra & MappedBit) != 0;

    /// <summary>The matching engine whose time references count for the instrument; 0 while it is not known.</summary>
    public static int System(InstrumentSlot* slot) => slot == null ? 0 : (slot->Extra >> 8) & 0xFF;

    /// <summary>Frees the map.</summary>
    public void Dispose() => _map.Dispose();

    private static int Scale(InstrumentSlot* slot) => slot->Extra & 0xFF;

    private static ulong Key(uint index) => index + 1UL;

    private static long Factor(int scale)
    {
        long factor = scale > MaxScale ? 0 : 1;
        for (int i = scale; i < MaxScale; i++)
        {
            factor *= 10;
        }

        return factor;
    }

    /// <summary>A slot for an index of which only messages are known, or its symbol.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private InstrumentSlot* Enter(uint index, ReadOnlySpan<byte> symbol = default)
    {
        if (_map.IsFull && _table.Count < _table.Limit)
        {
            // Many indices have had the same symbols: an instrument entered now would not be found again.
            return _map.Overflow();
        }

        bool isNamed = !symbol.IsEmpty;
        int instrument = isNamed ? _names.Resolve(symbol, MarketEvent.NoInstrument) : _table.Add();
        InstrumentSlot* slot = _map.Add(Key(index), InstrumentEntry.Of(_table, instrument, isNamed));
        return slot != null ? slot : _map.Overflow();
    }
}
