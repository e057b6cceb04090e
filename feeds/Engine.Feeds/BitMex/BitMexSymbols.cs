using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.Instruments;

namespace Engine.Feeds.BitMex;

/// <summary>Finds instruments by symbol. Neighbouring rows are nearly always of one symbol, so the last one is remembered.</summary>
internal sealed class BitMexSymbols : IDisposable
{
    private readonly NativeBuffer<byte> _last = new(SymbolNames.MaxBytes);
    private readonly SymbolNames _names;
    private int _lastLength;
    private int _lastInstrument;

    /// <param name="table">Where instruments are entered.</param>
    public BitMexSymbols(InstrumentTable table)
    {
        _names = new SymbolNames(table);
    }

    /// <summary>The instrument of a symbol that is neither empty nor too long; <see cref="MarketEvent.NoInstrument"/> where there is no room.</summary>
    public int Of(ReadOnlySpan<byte> symbol)
    {
        if (_lastLength == 0 || !symbol.SequenceEqual(_last.Span[.._lastLength]))
        {
            _lastInstrument = _names.Resolve(symbol, MarketEvent.NoInstrument);
            symbol.CopyTo(_last.Span);
            _lastLength = symbol.Length;
        }

        return _lastInstrument;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _last.Dispose();
}
