using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Engine.Core.Events;
using Engine.Core.Hdf5;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Recording.Hdf5;
using Engine.Signals;

namespace Engine.Training.Datasets;

/// <summary>
/// Writes a day of a data set: the feature rows as `engine features` writes them, the row's own quote, and the tape of best prices.
/// Holds one chunk of each. One thread.
/// </summary>
internal sealed class DatasetFileWriter : DayRows, IDisposable
{
    private readonly FeatureFileWriter _rows;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly NativeBuffer<int> _places;
    private readonly long[] _bids;
    private readonly long[] _asks;
    private readonly long[] _quotes;
    private readonly HashedRow[] _hashed;
    private Hdf5Column? _bidColumn;
    private Hdf5Column? _askColumn;
    private Hdf5Column? _quoteColumn;
    private Hdf5Column? _hashColumn;
    private QuoteTapeWriter? _tape;
    private int _inBlock;
    private int _instruments;

    /// <param name="path">Where; a file that is there is replaced.</param>
    /// <param name="head">What the rows are made from.</param>
    /// <param name="instruments">Where symbols come from.</param>
    /// <param name="deflate">Level of compression, 0 to 9.</param>
    /// <exception cref="Hdf5UnavailableException">The library cannot be had.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public DatasetFileWriter(string path, FeatureFileHead head, InstrumentTable instruments, int deflate)
        : base(head.Contract)
    {
        int capacity = FeatureFileFormat.RowsPerChunk(head.Contract.Count);
        _bids = new long[capacity];
        _asks = new long[capacity];
        _quotes = new long[capacity];
        _hashed = new HashedRow[capacity];
        _places = new NativeBuffer<int>(instruments.Limit);
        _rows = new FeatureFileWriter(path, overwrite: true, head, instruments, deflate, file => CreateColumns(file, instruments.Limit, new Hdf5Chunking(capacity, deflate)));
    }

    /// <inheritdoc/>
    public override long Rows => _rows.Rows;

    /// <inheritdoc/>
    public override QuoteTapeWriter Tape => _tape!;

    /// <summary>Exchange time of the earliest row, ns; only with rows.</summary>
    public long FirstTime { get; private set; } = long.MaxValue;

    /// <summary>Exchange time of the latest row, ns; only with rows.</summary>
    public long LastTime { get; private set; } = long.MinValue;

    /// <summary>Symbols that were too long and are cut.</summary>
    public long CutSymbols => _rows.CutSymbols;

    /// <inheritdoc/>
    protected override void Take(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row, in RowQuote quote)
    {
        ref int place = ref _places[stamp.Instrument];
        place = place == 0 ? ++_instruments : place;
        (FirstTime, LastTime) = (Math.Min(FirstTime, stamp.Time), Math.Max(LastTime, stamp.Time));
        _bids[_inBlock] = quote.Bid;
        _asks[_inBlock] = quote.Ask;
        _quotes[_inBlock] = quote.Place;
        _hashed[_inBlock] = new HashedRow(stamp.Time, RowDigest.Of(row), quote.Bid, quote.Ask, quote.Place, place - 1, (int)stamp.Trust);
        _rows.Append(stamp, e, row);
        if (++_inBlock == _bids.Length)
        {
            WriteBlock();
        }
    }

    /// <summary>Writes what is left, says that this is all, and closes the file.</summary>
    /// <param name="events">Events that the run saw.</param>
    /// <returns>The hash over all rows, lower-case hex.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public string Close(long events)
    {
        WriteBlock();
        Tape.Close();
        byte[] hash = _hash.GetHashAndReset();
        _hashColumn!.Append(hash, hash.Length);
        _rows.Close(events, interrupted: false);
        return Convert.ToHexStringLower(hash);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _tape?.Dispose();
        _places.Dispose();
        _hash.Dispose();
        foreach (Hdf5Column? column in (ReadOnlySpan<Hdf5Column?>)[_bidColumn, _askColumn, _quoteColumn, _hashColumn])
        {
            column?.Dispose();
        }
    }

    private void CreateColumns(Hdf5File file, int instruments, Hdf5Chunking chunking)
    {
        Hdf5Attributes.Write(file, DatasetFormat.PriceAbsent, DatasetFormat.Absent);
        Hdf5Attributes.Write(file, DatasetFormat.PriceScale, MarketEvent.PriceScale);
        _bidColumn = Hdf5Column.Create<long>(file, DatasetFormat.Bid, chunking);
        _askColumn = Hdf5Column.Create<long>(file, DatasetFormat.Ask, chunking);
        _quoteColumn = Hdf5Column.Create<long>(file, DatasetFormat.Quote, chunking);
        _hashColumn = Hdf5Column.Create<byte>(file, DatasetFormat.RowsHash, new Hdf5Chunking(DatasetFormat.HashBytes, 0));
        _tape = new QuoteTapeWriter(file, instruments, chunking.Deflate);
    }

    private void WriteBlock()
    {
        _bidColumn!.Append(MemoryMarshal.AsBytes(_bids.AsSpan(0, _inBlock)), _inBlock);
        _askColumn!.Append(MemoryMarshal.AsBytes(_asks.AsSpan(0, _inBlock)), _inBlock);
        _quoteColumn!.Append(MemoryMarshal.AsBytes(_quotes.AsSpan(0, _inBlock)), _inBlock);
        _hash.AppendData(MemoryMarshal.AsBytes(_hashed.AsSpan(0, _inBlock)));
        _inBlock = 0;
    }
}
