using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.Instruments;

namespace Engine.Feeds.Itch;

/// <summary>
/// Maps the stock locates of each stream to instruments; an entry is an <see cref="InstrumentEntry"/>. Since that of an instrument
/// that found no room is never settled, its events pass the decoder's slow path and are counted there.
/// </summary>
internal sealed unsafe class ItchInstruments : IDisposable
{
    /// <summary>Locates in a stream: every u16.</summary>
    public const int Locates = 65_536;

    private const ulong Blanks = 0x2020202020202020;

    private readonly InstrumentTable _table;
    private readonly NativeBuffer<int> _entries;
    private readonly SymbolNames _names;
    private readonly bool[] _used;

    /// <param name="table">Where instruments are entered.</param>
    /// <param name="streams">Streams with locates of their own.</param>
    public ItchInstruments(InstrumentTable table, int streams)
    {
        _table = table;
        _entries = new NativeBuffer<int>(streams * Locates);
        _names = new SymbolNames(table);
        _used = new bool[streams];
    }

    /// <summary>The 65,536 entries of a stream.</summary>
    public int* Stream(int stream)
    {
        int* entries = _entries.Pointer + ((nint)stream * Locates);
        if (!_used[stream])
        {
            Reset(stream);
        }

        // SAFETY: stream < the count the buffer was made for.
        return entries;
    }

    /// <summary>Instruments that found no room.</summary>
    public long RefusedInstruments => _table.Refused;

    /// <summary>Forgets a stream's locates; instruments stay.</summary>
    public void Reset(int stream)
    {
        Span<int> entries = _entries.Span.Slice(stream * Locates, Locates);
        if (_used[stream])
        {
            entries.Clear();
        }

        // Locate 0 is the market as a whole.
        entries[0] = InstrumentEntry.Everything;
        _used[stream] = true;
    }

    /// <summary>Enters a locate, or names it, and gives its entry. Off the hot path: once or twice a locate.</summary>
    /// <param name="entry">The locate's entry.</param>
    /// <param name="message">A whole message of at least the head's length.</param>
    /// <param name="symbolOffset">Where its symbol lies, 0 for none.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Resolve(ref int entry, byte* message, int symbolOffset)
    {
        if (entry == InstrumentEntry.Refused)
        {
            return entry;
        }

        // SAFETY: the caller has checked that the message is as long as its type's layout, which holds the symbol.
        ulong symbol = symbolOffset == 0 ? Blanks : Unsafe.ReadUnaligned<ulong>(message + symbolOffset);
        if (symbol is Blanks or 0)
        {
            entry = entry == 0 ? InstrumentEntry.Of(_table, _table.Add(), false) : entry;
            return entry;
        }

        ReadOnlySpan<byte> letters = new ReadOnlySpan<byte>(&symbol, sizeof(ulong)).TrimEnd((byte)' ');
        int unnamed = entry == 0 ? MarketEvent.NoInstrument : entry >> InstrumentEntry.Shift;
        entry = InstrumentEntry.Of(_table, _names.Resolve(letters, unnamed), true);
        return entry;
    }

    /// <summary>Frees the maps.</summary>
    public void Dispose() => _entries.Dispose();
}
