using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Hdf5;
using Engine.Core.Memory;

namespace Engine.Training.Datasets;

/// <summary>
/// Keeps the tape of best prices beside the rows: asked after every event, it writes an entry where the best bid, the best ask or the
/// trust of an instrument is another than before. Without a file the tape is only counted and hashed. One thread; memory is taken at the start.
/// </summary>
internal sealed class QuoteTapeWriter : IDisposable
{
    private readonly Columns? _columns;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly HashedQuote[] _hashed = new HashedQuote[DatasetFormat.QuotesPerChunk];
    private readonly NativeBuffer<Quote> _last;
    private readonly long[] _blockTimes = new long[DatasetFormat.QuotesPerChunk];
    private readonly int[] _blockInstruments = new int[DatasetFormat.QuotesPerChunk];
    private readonly long[] _blockBids = new long[DatasetFormat.QuotesPerChunk];
    private readonly long[] _blockAsks = new long[DatasetFormat.QuotesPerChunk];
    private readonly byte[] _blockTrusts = new byte[DatasetFormat.QuotesPerChunk];
    private int _instrumentCount;
    private int _inBlock;
    private readonly StreamEnds _ends;

    /// <param name="file">Where the columns are made; null for nowhere.</param>
    /// <param name="instruments">Most instruments.</param>
    /// <param name="deflate">Level of compression, 0 to 9.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public QuoteTapeWriter(Hdf5File? file, int instruments, int deflate)
    {
        file?.CreateGroup(DatasetFormat.Quotes);
        _columns = file is null ? null : new Columns(file, new Hdf5Chunking(DatasetFormat.QuotesPerChunk, deflate));
        _last = new NativeBuffer<Quote>(instruments);
        _ends = new StreamEnds(instruments);
    }

    /// <summary>Entries so far.</summary>
    public long Count { get; private set; }

    /// <summary>The latest exchange time that was seen; of a feed that has none, the latest time of its events.</summary>
    public long EndTime => _ends.EndTime;

    /// <summary>Takes note of what an event left behind, after the pipeline took it.</summary>
    /// <param name="e">The event.</param>
    /// <param name="books">The books after it.</param>
    /// <param name="time">The instrument's clock after it, ns; not used for events that name none.</param>
    /// <param name="stream">The stream that it came by.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void OnEvent(in MarketEvent e, OrderBooks books, long time, int stream)
    {
        _ends.Note(e, stream);
        bool isPast = (e.Flags & EventFlags.FromSnapshot) != 0;
        bool isSession = (e.Flags & EventFlags.SessionStart) != 0;
        if (isSession || e.Instrument == MarketEvent.AllInstruments)
        {
            OnVenue(e, books, isSession);
        }

        if (e.Instrument >= 0 && (e.Flags & EventFlags.Watched) != 0 && (e.Flags & EventFlags.LastOfEvent) != 0)
        {
            _instrumentCount = Math.Max(_instrumentCount, e.Instrument + 1);
            Observe(e.Instrument, e.Venue, books, isPast ? Clock(e) : time);
        }
    }

    /// <summary>Writes what is left.</summary>
    /// <returns>The hash over the tape, lower-case hex.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public string Close()
    {
        WriteBlock();
        long[] end = [Count, EndTime], ends = [.. Enumerable.Range(0, _ends.Instruments).Select(_ends.EndOf)];
        _hash.AppendData(MemoryMarshal.AsBytes((ReadOnlySpan<long>)[.. end, .. ends]));
        byte[] hash = _hash.GetHashAndReset();
        _columns?.Ends.Append(MemoryMarshal.AsBytes(ends.AsSpan()), ends.Length);
        _columns?.End.Append(MemoryMarshal.AsBytes(end.AsSpan()), DatasetFormat.EndEntries);
        _columns?.Hash.Append(hash, DatasetFormat.HashBytes);
        return Convert.ToHexStringLower(hash);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _columns?.Dispose();
        _hash.Dispose();
        _last.Dispose();
        _ends.Dispose();
    }

    /// <summary>The time of an event that tells what was, or of none: the latest that the venue said.</summary>
    private long Clock(in MarketEvent e) => _ends.Latest ?? e.ExchangeTime;

    /// <summary>An event of every book of its venue.</summary>
    private void OnVenue(in MarketEvent e, OrderBooks books, bool isSession)
    {
        bool isTimed = (e.Flags & (EventFlags.BadExchangeTime | EventFlags.FromSnapshot)) == 0;
        long time = isTimed ? e.ExchangeTime : Clock(e);
        for (int i = 0; i < _instrumentCount; i++)
        {
            ref Quote last = ref _last[i];
            if (!last.IsKnown || last.Venue != e.Venue)
            {
                continue;
            }

            if (isSession)
            {
                Write(i, time, DatasetFormat.Absent, DatasetFormat.Absent, BookTrust.Recovering);
            }

            if (i != e.Instrument)
            {
                Observe(i, e.Venue, books, time);
            }
        }
    }

    private void Observe(int instrument, Venue venue, OrderBooks books, long time)
    {
        ref Quote last = ref _last[instrument];
        uint version = books.Version(instrument);
        BookTrust trust = books.Trust(instrument);
        if (last.IsKnown && version == last.Version && trust == last.Trust)
        {
            return;
        }

        (long bid, long ask) = Touch(books, instrument);
        last.Version = version;
        last.Venue = venue;
        if (!last.IsKnown || bid != last.Bid || ask != last.Ask || trust != last.Trust)
        {
            Write(instrument, time, bid, ask, trust);
        }
    }

    /// <summary>Best prices of a book.</summary>
    public static (long Bid, long Ask) Touch(OrderBooks books, int instrument)
    {
        Span<long> price = stackalloc long[1];
        Span<long> quantity = stackalloc long[1];
        long bid = books.Top(instrument, Side.Buy, price, quantity) == 1 ? price[0] : DatasetFormat.Absent;
        long ask = books.Top(instrument, Side.Sell, price, quantity) == 1 ? price[0] : DatasetFormat.Absent;
        return (bid, ask);
    }

    private void Write(int instrument, long time, long bid, long ask, BookTrust trust)
    {
        ref Quote last = ref _last[instrument];
        last.Time = last.IsKnown ? Math.Max(last.Time, time) : time;
        (last.Bid, last.Ask, last.Trust, last.IsKnown) = (bid, ask, trust, true);
        _blockTimes[_inBlock] = last.Time;
        _blockInstruments[_inBlock] = instrument;
        _blockBids[_inBlock] = bid;
        _blockAsks[_inBlock] = ask;
        _blockTrusts[_inBlock] = (byte)trust;
        _hashed[_inBlock] = new HashedQuote(last.Time, bid, ask, instrument, (int)trust);
        Count++;
        if (++_inBlock == DatasetFormat.QuotesPerChunk)
        {
            WriteBlock();
        }
    }

    private void WriteBlock()
    {
        _columns?.Times.Append(MemoryMarshal.AsBytes(_blockTimes.AsSpan(0, _inBlock)), _inBlock);
        _columns?.Instruments.Append(MemoryMarshal.AsBytes(_blockInstruments.AsSpan(0, _inBlock)), _inBlock);
        _columns?.Bids.Append(MemoryMarshal.AsBytes(_blockBids.AsSpan(0, _inBlock)), _inBlock);
        _columns?.Asks.Append(MemoryMarshal.AsBytes(_blockAsks.AsSpan(0, _inBlock)), _inBlock);
        _columns?.Trusts.Append(_blockTrusts.AsSpan(0, _inBlock), _inBlock);
        _hash.AppendData(MemoryMarshal.AsBytes(_hashed.AsSpan(0, _inBlock)));
        _inBlock = 0;
    }

    /// <summary>The tape's columns in a file.</summary>
    private sealed class Columns(Hdf5File file, Hdf5Chunking chunking) : IDisposable
    {
        public Hdf5Column Times { get; } = Hdf5Column.Create<long>(file, DatasetFormat.QuoteTime, chunking);
        public Hdf5Column Instruments { get; } = Hdf5Column.Create<int>(file, DatasetFormat.QuoteInstrument, chunking);
        public Hdf5Column Bids { get; } = Hdf5Column.Create<long>(file, DatasetFormat.QuoteBid, chunking);
        public Hdf5Column Asks { get; } = Hdf5Column.Create<long>(file, DatasetFormat.QuoteAsk, chunking);
        public Hdf5Column Trusts { get; } = Hdf5Column.Create<byte>(file, DatasetFormat.QuoteTrust, chunking);
        public Hdf5Column Ends { get; } = Hdf5Column.Create<long>(file, DatasetFormat.QuoteEnds, chunking);
        public Hdf5Column End { get; } = Hdf5Column.Create<long>(file, DatasetFormat.QuoteEnd, new Hdf5Chunking(DatasetFormat.EndEntries, 0));
        public Hdf5Column Hash { get; } = Hdf5Column.Create<byte>(file, DatasetFormat.QuotesHash, new Hdf5Chunking(DatasetFormat.HashBytes, 0));

        public void Dispose() => Array.ForEach([Times, Instruments, Bids, Asks, Trusts, Ends, End, Hash], column => column.Dispose());
    }

    /// <summary>The last entry of an instrument.</summary>
    private struct Quote
    {
        public long Bid;
        public long Ask;
        public long Time;
        public uint Version;
        public BookTrust Trust;
        public Venue Venue;
        public bool IsKnown;
    }
}
