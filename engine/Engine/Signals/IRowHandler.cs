using Engine.Books;
using Engine.Core.Events;

namespace Engine.Signals;

/// <summary>When and why a row was made.</summary>
/// <param name="Instrument">Index of the instrument.</param>
/// <param name="Time">Exchange time of the row, ns since the Unix epoch.</param>
/// <param name="Event">Number of the event that made it due, from 0.</param>
/// <param name="Trust">Trust of the book.</param>
public readonly record struct RowStamp(int Instrument, long Time, long Event, BookTrust Trust);

/// <summary>What takes rows: prediction, a file, a dataset.</summary>
public interface IRowHandler
{
    /// <summary>Takes one row; the span is valid until the instrument's next event.</summary>
    void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row);
}
