using System.Runtime.CompilerServices;
using Engine.Books;
using Engine.Core.Events;
using Engine.Features;
using Engine.Signals;

namespace Engine;

/// <content>Further lanes of rows, and rows at grid times.</content>
public sealed partial class Pipeline<TRows>
{
    /// <summary>Adds a lane, before the first event.</summary>
    /// <param name="set">Its families. A set that an earlier lane reads is followed once for both, which rows at grid times forbid: they
    /// move windows on. Owned by the pipeline from here on.</param>
    /// <param name="sampling">When its rows are due.</param>
    /// <param name="rows">What takes them.</param>
    public void Add(FeatureSet set, Sampling sampling, TRows rows)
    {
        int builder = _sets.IndexOf(set);
        if (builder < 0)
        {
            builder = _sets.Count;
            _sets.Add(set);
            _builders = [.. _builders, new FeatureBuilder(Books, set, _limits)];
            _completes = new bool[_sets.Count];
        }
        else if (sampling.Kind == SamplingKind.Grid || set.Sampling.Kind == SamplingKind.Grid)
        {
            throw new ArgumentException($"Rows of {sampling} cannot be made from the features that {set.Sampling} reads.", nameof(sampling));
        }

        var lane = new RowLane<TRows>(builder, new RowSampler(sampling, _limits), rows);
        _lanes = [.. _lanes, lane];
        _hasGrid |= lane.Sampler.IsGrid;
    }

    /// <summary>The lanes behind the first, whose builder has followed the event.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OnOtherLanes(in MarketEvent e, BookStatus status, bool isComplete, long number)
    {
        _completes[0] = isComplete;
        for (int i = 1; i < _builders.Length; i++)
        {
            _completes[i] = _builders[i].OnEvent(e, status);
        }

        foreach (RowLane<TRows> lane in _lanes)
        {
            if (_completes[lane.Builder] && !lane.Sampler.IsGrid && lane.Sampler.IsDue(e.Instrument))
            {
                MakeRow(ref lane.Rows, _builders[lane.Builder], e, number);
            }
        }

        _timer.Skip();
    }

    private void Grid(in MarketEvent e, int instrument, long number, long until)
    {
        if (_sampler.IsGrid)
        {
            MakeCells(ref _rows, Features, _sampler, e, instrument, number, until);
        }

        foreach (RowLane<TRows> lane in _lanes)
        {
            if (lane.Sampler.IsGrid)
            {
                MakeCells(ref lane.Rows, _builders[lane.Builder], lane.Sampler, e, instrument, number, until);
            }
        }
    }

    private void MakeCells(ref TRows rows, FeatureBuilder features, RowSampler sampler, in MarketEvent e, int instrument, long number, long until)
    {
        while (sampler.TryNextCell(instrument, until, out long cell))
        {
            ReadOnlySpan<float> row = features.RowAt(instrument, cell);
            RowsMade++;
            _timer.Lap(_timer.Features);
            rows.OnRow(new RowStamp(instrument, cell, number, Books.Trust(instrument)), e, row);
        }
    }
}
