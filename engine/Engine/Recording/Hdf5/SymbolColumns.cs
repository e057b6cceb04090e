using System.Runtime.InteropServices;
using System.Text;
using Engine.Core.Events;
using Engine.Core.Hdf5;
using Engine.Core.Memory;

namespace Engine.Recording.Hdf5;

/// <summary>
/// `/symbols` and `/symbol_ids`: an instrument gets the next place when its first row comes. What was written is never written
/// again, so that a reader meanwhile, or after a kill, finds every symbol that a row names.
/// </summary>
internal sealed class SymbolColumns : IDisposable
{
    private const int MarkBytes = 3;

    // A chunk a symbol: a chunk that grows would be written over while others read it.
    private static readonly Hdf5Chunking s_chunking = new(1, 0);

    private readonly InstrumentTable _instruments;
    private readonly Hdf5Column _symbols;
    private readonly Hdf5Column _ids;
    private readonly NativeBuffer<int> _places;
    private readonly NativeBuffer<int> _order;
    private readonly NativeBuffer<byte> _text = new(FeatureFileFormat.SymbolBytes);
    private int _count;
    private int _written;

    /// <param name="file">Where the columns are made.</param>
    /// <param name="instruments">Where symbols come from.</param>
    public SymbolColumns(Hdf5File file, InstrumentTable instruments)
    {
        _instruments = instruments;
        _symbols = Hdf5Column.CreateTexts(file, FeatureFileFormat.Symbols, s_chunking, FeatureFileFormat.SymbolBytes);
        _ids = Hdf5Column.Create<int>(file, FeatureFileFormat.SymbolIds, s_chunking);
        _places = new NativeBuffer<int>(instruments.Limit);
        _order = new NativeBuffer<int>(instruments.Limit);
    }

    /// <summary>Symbols that were too long and are cut.</summary>
    public long Cut { get; private set; }

    /// <summary>The place of an instrument, a new one if it has none.</summary>
    public int PlaceOf(int instrument)
    {
        ref int place = ref _places[instrument];
        if (place == 0)
        {
            _order[_count] = instrument;
            place = ++_count;
        }

        return place - 1;
    }

    /// <summary>Writes the symbols that got a place since the last time.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write()
    {
        for (; _written < _count; _written++)
        {
            int instrument = _order[_written];
            Encode(_instruments.SymbolBytes(instrument), _text.Span);
            _symbols.Append(_text.Span, 1);
            _ids.Append(MemoryMarshal.AsBytes(_order.Span.Slice(_written, 1)), 1);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _symbols.Dispose();
        _ids.Dispose();
        _places.Dispose();
        _order.Dispose();
        _text.Dispose();
    }

    /// <summary>Latin-1 to UTF-8, padded with zeros.</summary>
    private void Encode(ReadOnlySpan<byte> latin1, Span<byte> utf8)
    {
        utf8.Clear();
        int at = 0;
        foreach (byte b in latin1)
        {
            int bytes = b < 0x80 ? 1 : 2;
            if (at + bytes > utf8.Length)
            {
                Cut++;
                Mark(utf8);
                return;
            }

            utf8[at] = bytes == 1 ? b : (byte)(0xC0 | (b >> 6));
            if (bytes == 2)
            {
                utf8[at + 1] = (byte)(0x80 | (b & 0x3F));
            }

            at += bytes;
        }
    }

    /// <summary>Ends a symbol that was cut with the mark, from the beginning of a letter on.</summary>
    private static void Mark(Span<byte> utf8)
    {
        int at = utf8.Length - MarkBytes;
        while ((utf8[at] & 0xC0) == 0x80)
        {
            at--;
        }

        utf8[at..].Clear();
        new Rune(FeatureFileFormat.CutMark).EncodeToUtf8(utf8[at..]);
    }
}
