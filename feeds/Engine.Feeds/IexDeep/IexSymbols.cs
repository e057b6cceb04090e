using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Feeds.Instruments;

namespace Engine.Feeds.IexDeep;

/// <summary>Finds instruments by the eight letters that every message carries. A slot's extra word is 1 while an event of the
/// instrument is under way.</summary>
internal sealed unsafe class IexSymbols : IDisposable
{
    private const ulong Blanks = 0x2020202020202020;

    private readonly InstrumentTable _table;
    private readonly InstrumentMap _map;
    private readonly SymbolNames _names;

    /// <param name="table">Where instruments are entered.</param>
    public IexSymbols(InstrumentTable table)
    {
        _table = table;
        _map = new InstrumentMap(table.Limit);
        _names = new SymbolNames(table);
    }

    /// <summary>Instruments that found no room.</summary>
    public long RefusedInstruments => _table.Refused;

    /// <summary>The slot of a symbol; null for one that is blank.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public InstrumentSlot* Of(ulong letters)
    {
        InstrumentSlot* slot = letters is 0 or Blanks ? null : _map.Find(letters);
        return slot != null ? slot : Enter(letters);
    }

    /// <summary>No event is under way any more: messages were lost, or the stream has begun again.</summary>
    public void EndEvents()
    {
        foreach (ref InstrumentSlot slot in _map.Slots)
        {
            slot.Extra = 0;
        }
    }

    /// <summary>Frees the map.</summary>
    public void Dispose() => _map.Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private InstrumentSlot* Enter(ulong letters)
    {
        // SAFETY: the letters lie on this stack.
        ReadOnlySpan<byte> symbol = new ReadOnlySpan<byte>(&letters, sizeof(ulong)).TrimEnd((byte)' ');
        if (letters == 0 || symbol.IsEmpty)
        {
            return null;
        }

        InstrumentSlot* slot = _map.Add(letters, InstrumentEntry.Of(_table, _names.Resolve(symbol, MarketEvent.NoInstrument), true));
        return slot != null ? slot : _map.Overflow();
    }
}
