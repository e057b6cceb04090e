using Engine.Core.Events;
using Engine.Features;
using Engine.Recording.Hdf5;
using Engine.Signals;
using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>Holds rows, as the engine makes them, against those of a file, in order.</summary>
internal sealed class RowComparison : IRowCollector, IDisposable
{
    private readonly DatasetFile _file;
    private readonly FeatureRowBlock _block;
    private readonly long _most;
    private long _start;

    /// <param name="file">The day.</param>
    /// <param name="most">Rows to look at.</param>
    public RowComparison(DatasetFile file, long most)
    {
        _file = file;
        _most = most;
        _block = new FeatureRowBlock(file.Rows.Head.Contract.Count);
    }

    /// <summary>The first row that differs; null for none.</summary>
    public Leak? Found { get; private set; }

    /// <summary>Rows looked at.</summary>
    public long Rows { get; private set; }

    /// <inheritdoc/>
    public bool IsEnough => Found is not null || Rows >= _most;

    /// <inheritdoc/>
    public void Take(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row)
    {
        if (IsEnough)
        {
            return;
        }

        long place = Rows++;
        if (place >= _file.Rows.Rows)
        {
            Found = Of(place, "", FormattableString.Invariant($"the file has {_file.Rows.Rows:N0} rows, and the captures make more"));
            return;
        }

        if (place >= _start + _block.Count)
        {
            _start = place;
            _file.Rows.Read(place, _block);
        }

        int i = (int)(place - _start);
        ReadOnlySpan<float> there = _block.Row(i);
        int column = 0;
        while (column < row.Length && BitConverter.SingleToInt32Bits(row[column]) == BitConverter.SingleToInt32Bits(there[column]))
        {
            column++;
        }

        if (column < row.Length)
        {
            FeatureSpec feature = _file.Rows.Head.Contract.Features[column];
            Found = Of(place, $", feature {feature.Name}", FormattableString.Invariant($"it is {there[column]}, and the events up to it make {row[column]}: it knows something else, which may be the future"));
        }
        else if (stamp.Time != _block.Times[i] || (byte)stamp.Trust != _block.Trusts[i] || e.Sequence != _block.Sequences[i] || stamp.Event != _block.Events[i])
        {
            Found = Of(place, "", FormattableString.Invariant($"it is of event {_block.Events[i]} at {_block.Times[i]} ns, and the engine makes it of event {stamp.Event} at {stamp.Time} ns"));
        }
    }

    /// <inheritdoc/>
    public void End()
    {
        if (!IsEnough && Rows < _file.Rows.Rows)
        {
            Found = Of(Rows, "", FormattableString.Invariant($"the file has {_file.Rows.Rows:N0} rows, and the captures make {Rows:N0}"));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _block.Dispose();

    private Leak Of(long row, string column, string what) =>
        new(LeakKind.FutureWindow, what, FormattableString.Invariant($"{_file.Path}: row {row}{column}"), "build the day again with -f, and train on what the engine makes");
}
