using System.Buffers.Binary;
using System.Text;
using Engine.Core.Events;

namespace Engine.Feeds.Instruments;

/// <summary>Finds instruments by symbol, so that a symbol is one instrument however often, and under however many keys, the feed
/// names it. Off the hot path: once or twice a key.</summary>
internal sealed class SymbolNames
{
    /// <summary>Longest symbol, bytes.</summary>
    public const int MaxBytes = 15;

    private const int KeyBytes = 16;

    private readonly InstrumentTable _table;
    private readonly Dictionary<UInt128, int> _instruments;

    /// <param name="table">Where instruments are entered; those in it already are known.</param>
    public SymbolNames(InstrumentTable table)
    {
        _table = table;
        _instruments = new Dictionary<UInt128, int>(table.Limit);
        Span<byte> letters = stackalloc byte[KeyBytes];
        for (int i = 0; i < table.Count; i++)
        {
            if (table.Symbol(i) is { Length: <= MaxBytes } symbol)
            {
                int length = Encoding.Latin1.GetBytes(symbol, letters);
                _instruments.TryAdd(Pack(letters[..length]), i);
            }
        }
    }

    /// <summary>The instrument of a symbol: the one that has it, else <paramref name="unnamed"/>, which gets it, else a new one.</summary>
    /// <param name="symbol">Without padding; not empty, at most <see cref="MaxBytes"/>. Bytes above ASCII show as Latin-1, so that
    /// two symbols never become one.</param>
    /// <param name="unnamed">An instrument that the feed has used before it named it; negative for none.</param>
    /// <returns><see cref="MarketEvent.NoInstrument"/> when there is no room.</returns>
    public int Resolve(ReadOnlySpan<byte> symbol, int unnamed)
    {
        UInt128 key = Pack(symbol);
        if (_instruments.TryGetValue(key, out int instrument))
        {
            return instrument;
        }

        if (unnamed >= 0)
        {
            _table.Name(unnamed, symbol);
        }

        instrument = unnamed >= 0 ? unnamed : _table.Add(symbol);
        if (instrument >= 0)
        {
            _instruments.Add(key, instrument);
        }

        return instrument;
    }

    private static UInt128 Pack(ReadOnlySpan<byte> symbol)
    {
        Span<byte> letters = stackalloc byte[KeyBytes];
        letters.Clear();
        symbol.CopyTo(letters);
        letters[MaxBytes] = (byte)symbol.Length;
        return BinaryPrimitives.ReadUInt128LittleEndian(letters);
    }
}
