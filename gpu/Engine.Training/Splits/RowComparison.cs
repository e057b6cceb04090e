using Engine.Core.Events;
using Engine.Features;
using Engine.Recording.Hdf5;
using Engine.Signals;
using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>Holds rows and tape, as the engine makes them, against those of a file, in order.</summary>
internal sealed class RowComparison : DayRows, IDisposable
{
    private readonly DatasetFile _file;
    private readonly FeatureRowBlock _block;
    private readonly long[] _bids;
    private readonly long[] _asks;
    private readonly long[] _places;
    private readonly long _most;
    private long _start;
    private long _rows;

    /// <param name="file">The day.</param>
    /// <param name="most">Rows to look at.</param>
    /// <param name="instruments">Most instruments.</param>
    public RowComparison(DatasetFile file, long most, int instruments)
        : base(file.Rows.Head.Contract)
    {
        _file = file;
        _most = most;
        _block = new FeatureRowBlock(file.Rows.Head.Contract.Count);
        (_bids, _asks, _places) = (new long[_block.Capacity], new long[_block.Capacity], new long[_block.Capacity]);
        Tape = new QuoteTapeWriter(null, instruments, 0);
    }

    /// <summary>The first row that differs; null for none.</summary>
    public Leak? Found { get; private set; }

    /// <inheritdoc/>
    public override long Rows => _rows;

    /// <inheritdoc/>
    public override QuoteTapeWriter Tape { get; }

    /// <inheritdoc/>
    public override bool IsEnough => Found is not null || _rows >= _most;

    /// <summary>The captures ended, or enough was taken. A tape is compared where the captures were read to their end.</summary>
    public void End()
    {
        if (IsEnough)
        {
            return;
        }

        if (_rows < _file.Rows.Rows)
        {
            Found = Of(_rows, "", FormattableString.Invariant($"the file has {_file.Rows.Rows:N0} rows, and the captures make {_rows:N0}"));
        }
        else if (Tape.Close() is var hash && hash != _file.QuotesHash)
        {
            Found = new Leak(
                LeakKind.ChangedData, FormattableString.Invariant($"its tape has {_file.Quotes:N0} entries and hash {_file.QuotesHash}, and the captures make {Tape.Count:N0} with hash {hash}"),
                _file.Path, "build the day again with -f");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _block.Dispose();
        Tape.Dispose();
    }

    /// <inheritdoc/>
    protected override void Take(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row, in RowQuote quote)
    {
        if (IsEnough)
        {
            return;
        }

        long place = _rows++;
        if (place >= _file.Rows.Rows)
        {
            Found = Of(place, "", FormattableString.Invariant($"the file has {_file.Rows.Rows:N0} rows, and the captures make more"));
            return;
        }

        if (place >= _start + _block.Count)
        {
            _start = place;
            int count = _file.Rows.Read(place, _block);
            _file.ReadQuotesOfRows(place, _bids.AsSpan(0, count), _asks.AsSpan(0, count), _places.AsSpan(0, count));
        }

        Compare((int)(place - _start), stamp, e, row, quote);
    }

    private void Compare(int i, in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row, in RowQuote quote)
    {
        long place = _start + i;
        ReadOnlySpan<float> there = _block.Row(i);
        int column = 0;
        while (column < row.Length && BitConverter.SingleToInt32Bits(row[column]) == BitConverter.SingleToInt32Bits(there[column]))
        {
            column++;
        }

        var seen = new RowQuote(_bids[i], _asks[i], _places[i]);
        if (column < row.Length)
        {
            FeatureSpec feature = _file.Rows.Head.Contract.Features[column];
            Found = Of(place, $", feature {feature.Name}", FormattableString.Invariant($"it is {there[column]}, and the events up to it make {row[column]}: it knows something else, which may be the future"));
        }
        else if (stamp.Time != _block.Times[i] || (byte)stamp.Trust != _block.Trusts[i] || e.Sequence != _block.Sequences[i] || stamp.Event != _block.Events[i])
        {
            Found = Of(place, "", FormattableString.Invariant($"it is of event {_block.Events[i]} at {_block.Times[i]} ns, and the engine makes it of event {stamp.Event} at {stamp.Time} ns"));
        }
        else if (seen != quote)
        {
            Found = Of(place, "", FormattableString.Invariant($"it saw bid {seen.Bid} and ask {seen.Ask} with {seen.Place} entries of the tape behind it, and the engine makes that {quote.Bid}, {quote.Ask} and {quote.Place}"));
        }
    }

    private Leak Of(long row, string column, string what) =>
        new(LeakKind.FutureWindow, what, FormattableString.Invariant($"{_file.Path}: row {row}{column}"), "build the day again with -f, and train on what the engine makes");
}
