using System.Buffers.Binary;
using System.Text;
using Engine.Core.Events;

namespace Engine.Feeds.Instruments;

/// <summary>Finds instruments by symbol, so that a symbol is one instrument however often, and under however many keys, the feed
/// names it. Off the hot path: once or twice a key.</summary>
internal sealed class SymbolNames
{
    /// <summary>Longest symbol, bytes.</summary>
    public const int MaxBytes = KeyBytes - 1;

    private const int KeyBytes = 32;

    private readonly InstrumentTable _table;
    private readonly Dictionary<Key, int> _instruments;

    /// <param name="table">Where instruments are entered; those in it already are known.</param>
    public SymbolNames(InstrumentTable table)
    {
        _table = table;
        _instruments = new Dictionary<Key, int>(table.Limit);
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
        Key key = Pack(symbol);
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

    private static Key Pack(ReadOnlySpan<byte> symbol)
    {
        Span<byte> letters = stackalloc byte[KeyBytes];
        letters.Clear();
        symbol.CopyTo(letters);
        letters[MaxBytes] = (byte)symbol.Length;
        return new Key(BinaryPrimitives.ReadUInt128LittleEndian(letters), BinaryPrimitives.ReadUInt128LittleEndian(letters[(KeyBytes / 2)..]));
    }

    /// <summary>A symbol, its length last. Compared by hand: a record's own comparison makes its comparers when it is first asked.</summary>
    private readonly struct Key(UInt128 low, UInt128 high) : IEquatable<Key>
    {
        private readonly UInt128 _low = low;
        private readonly UInt128 _high = high;

        public bool Equals(Key other) => _low == other._low && _high == other._high;

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode() => HashCode.Combine((ulong)_low, (ulong)(_low >> 64), (ulong)_high, (ulong)(_high >> 64));
    }
}
