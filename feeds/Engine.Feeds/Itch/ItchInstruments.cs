using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Feeds.Itch;

/// <summary>
/// Maps the stock locates of each stream to instruments. An entry is a word:
/// <code>
/// bit 0       nothing more to learn: the symbol is known (or there is none to know)
/// bit 1       watched
/// bit 2       seen
/// bits 3..31  instrument, −1 for every instrument, −2 for one that found no room
/// </code>
/// An entry of an instrument that found no room is never settled, so that its events pass the decoder's slow path and are
/// counted there; bit 2 says of it that its symbol is still to come.
/// </summary>
internal sealed unsafe class ItchInstruments : IDisposable
{
    /// <summary>Locates in a stream: every u16.</summary>
    public const int Locates = 65_536;

    /// <summary>Set in an entry that needs no further look.</summary>
    public const int Settled = 1;

    /// <summary>Set in an entry whose instrument is watched.</summary>
    public const int Watched = 2;

    /// <summary>How far up the instrument lies.</summary>
    public const int InstrumentShift = 3;

    private const int Seen = 4;
    private const int Everything = (MarketEvent.AllInstruments << InstrumentShift) | Seen | Settled;
    private const int Refused = MarketEvent.NoInstrument << InstrumentShift;
    private const int RefusedUnnamed = Refused | Seen;
    private const ulong Blanks = 0x2020202020202020;

    private readonly InstrumentTable _table;
    private readonly NativeBuffer<int> _entries;
    private readonly Dictionary<ulong, int> _bySymbol;
    private readonly bool[] _used;

    /// <param name="table">Where instruments are entered.</param>
    /// <param name="streams">Streams with locates of their own.</param>
    public ItchInstruments(InstrumentTable table, int streams)
    {
        _table = table;
        _entries = new NativeBuffer<int>(streams * Locates);
        _bySymbol = new Dictionary<ulong, int>(table.Limit);
        _used = new bool[streams];
        for (int i = 0; i < table.Count; i++)
        {
            if (table.Symbol(i) is { Length: <= 8 } symbol)
            {
                _bySymbol.TryAdd(Pack(symbol), i);
            }
        }
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
        entries[0] = Everything;
        _used[stream] = true;
    }

    /// <summary>Enters a locate, or names it, and gives its entry. Off the hot path: once or twice a locate.</summary>
    /// <param name="entry">The locate's entry.</param>
    /// <param name="message">A whole message of at least the head's length.</param>
    /// <param name="symbolOffset">Where its symbol lies, 0 for none.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Resolve(ref int entry, byte* message, int symbolOffset)
    {
        if (entry == Refused)
        {
            return entry;
        }

        // SAFETY: the caller has checked that the message is as long as its type's layout, which holds the symbol.
        ulong symbol = symbolOffset == 0 ? Blanks : Unsafe.ReadUnaligned<ulong>(message + symbolOffset);
        if (symbol is Blanks or 0)
        {
            entry = entry == 0 ? Entry(_table.Add(), false) : entry;
            return entry;
        }

        if (!_bySymbol.TryGetValue(symbol, out int instrument))
        {
            instrument = Name(entry is 0 or RefusedUnnamed ? MarketEvent.NoInstrument : entry >> InstrumentShift, symbol);
            if (instrument >= 0)
            {
                _bySymbol.Add(symbol, instrument);
            }
        }

        entry = Entry(instrument, true);
        return entry;
    }

    /// <summary>Frees the maps.</summary>
    public void Dispose() => _entries.Dispose();

    private int Entry(int instrument, bool settled) => instrument < 0
        ? settled ? Refused : RefusedUnnamed
        : (instrument << InstrumentShift) | Seen | (_table.IsWatched(instrument) ? Watched : 0) | (settled ? Settled : 0);

    /// <summary>Names an instrument, or adds it with its name. Bytes above ASCII show as Latin-1, so that two symbols never
    /// become one.</summary>
    private int Name(int instrument, ulong symbol)
    {
        Span<byte> letters = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(letters, symbol);
        letters = letters.TrimEnd((byte)' ');
        if (instrument < 0)
        {
            return _table.Add(letters);
        }

        _table.Name(instrument, letters);
        return instrument;
    }

    private static ulong Pack(string symbol)
    {
        Span<byte> letters = stackalloc byte[8];
        letters.Fill((byte)' ');
        System.Text.Encoding.Latin1.GetBytes(symbol, letters);
        return BinaryPrimitives.ReadUInt64LittleEndian(letters);
    }
}
