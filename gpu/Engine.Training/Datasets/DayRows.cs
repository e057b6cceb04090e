using Engine.Books;
using Engine.Core.Events;
using Engine.Features;
using Engine.Signals;

namespace Engine.Training.Datasets;

/// <summary>What a row saw of the tape.</summary>
/// <param name="Bid">Best bid, or absent.</param>
/// <param name="Ask">Best ask, or absent.</param>
/// <param name="Place">How many entries the tape had when the row was made.</param>
internal readonly record struct RowQuote(long Bid, long Ask, long Place);

/// <summary>Takes the rows of a day and, event by event, the tape beside them: to write them, or to hold them against those that were written.</summary>
internal abstract class DayRows
{
    private readonly bool _isGrid;
    private bool _isTold;

    /// <param name="contract">The rows' contract.</param>
    protected DayRows(FeatureContract contract) =>
        _isGrid = Sampling.TryParse(contract.Sampling, out Sampling sampling) && sampling.Kind == SamplingKind.Grid;

    /// <summary>The tape.</summary>
    public abstract QuoteTapeWriter Tape { get; }

    /// <summary>Rows taken.</summary>
    public abstract long Rows { get; }

    /// <summary>Nothing more is wanted: the captures are read no further.</summary>
    public virtual bool IsEnough => false;

    /// <summary>The stream that the event at hand came by.</summary>
    public int Stream { get; set; }

    /// <summary>Takes one row, made from the books as they are. A row after an event has that event's quote behind it on the tape; a row
    /// of a grid comes before the event that made it due.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Append(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row, OrderBooks books)
    {
        if (!_isGrid)
        {
            Tape.OnEvent(e, books, stamp.Time, Stream);
            _isTold = true;
        }

        (long bid, long ask) = QuoteTapeWriter.Touch(books, stamp.Instrument);
        Take(stamp, e, row, new RowQuote(bid, ask, Tape.Count));
    }

    /// <summary>Takes note of an event after the pipeline took it.</summary>
    /// <param name="e">The event.</param>
    /// <param name="books">The books after it.</param>
    /// <param name="time">The instrument's clock after it, ns.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void OnEvent(in MarketEvent e, OrderBooks books, long time)
    {
        if (!_isTold)
        {
            Tape.OnEvent(e, books, time, Stream);
        }

        _isTold = false;
    }

    /// <summary>Takes one row; the span is valid until the instrument's next row.</summary>
    protected abstract void Take(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row, in RowQuote quote);
}
