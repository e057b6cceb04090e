using Engine.Core.Events;

namespace Engine.Feeds.BitMex;

/// <content>Rows of the instrument table: what they change of index price, mark price and funding becomes events.</content>
internal sealed partial class BitMexDecoder
{
    /// <summary>An event for each of the three that the row changes, of a partial for each that is known, too; a status where that is none.</summary>
    private void OnInstrumentRow(int instrument, long time, EventFlags flags)
    {
        ref BitMexInstrument state = ref _instruments[instrument];
        BitMexValues was = state.HasValues ? state.Values : BitMexValues.Unknown;

        // An update names what changes; a row of any other action is all that there is, so what it does not name is not known.
        BitMexValues rest = _action == BitMexAction.Update ? was : BitMexValues.Unknown;
        BitMexValues now = new(
            Merge(BitMexColumn.IndexPrice, rest.IndexPrice), Merge(BitMexColumn.MarkPrice, rest.MarkPrice), Merge(BitMexColumn.FundingRate, rest.FundingRate),
            Merge(BitMexColumn.NextFundingRate, rest.NextFundingRate), MergeTime(BitMexColumn.FundingTime, rest.FundingTime), time);
        (state.HasValues, state.Values) = (true, now);
        if (!TellValues(instrument, was, now, flags, _row.Whole))
        {
            Write(instrument, EventKind.Status, time, flags, _row.Whole);
        }
    }

    /// <summary>The table has nothing on the instrument, or what it said cannot be read: what was known is not any more.</summary>
    private void ForgetInstrument(int instrument, EventFlags flags)
    {
        ref BitMexInstrument state = ref _instruments[instrument];
        if (state.HasValues)
        {
            BitMexValues was = state.Values;
            state.Values = BitMexValues.Unknown with { Time = _time };
            TellValues(instrument, was, state.Values, flags, _text);
        }
    }

    /// <summary>The partial of the whole table that is at hand does not name the instrument.</summary>
    private void Forget(int instrument)
    {
        if (_current == BitMexTable.Instrument)
        {
            ForgetInstrument(instrument, EventFlags.FromSnapshot | EventFlags.BadExchangeTime);
        }
        else
        {
            OpenEmptyBook(instrument, ref _instruments[instrument]);
        }
    }

    private bool TellValues(int instrument, in BitMexValues was, in BitMexValues now, EventFlags flags, JsonPart text)
    {
        bool isTold = TellValue(instrument, EventKind.IndexPrice, (was.IndexPrice, MarketEvent.Absent), (now.IndexPrice, MarketEvent.Absent), now.Time, flags, text);
        isTold |= TellValue(instrument, EventKind.MarkPrice, (was.MarkPrice, MarketEvent.Absent), (now.MarkPrice, MarketEvent.Absent), now.Time, flags, text);
        return TellValue(instrument, EventKind.Funding, (was.FundingRate, was.FundingTime), (now.FundingRate, now.FundingTime), now.Time, flags, text) || isTold;
    }

    private bool TellValue(
        int instrument, EventKind kind, (long Price, long Quantity) was, (long Price, long Quantity) now, long time, EventFlags flags, JsonPart text)
    {
        bool isKnown = now != (MarketEvent.Absent, MarketEvent.Absent);
        bool isTold = now != was || (isKnown && _action == BitMexAction.Partial);
        if (isTold)
        {
            ref MarketEvent e = ref Write(instrument, kind, time, flags, text);
            (e.Price, e.Quantity) = now;
        }

        return isTold;
    }

    /// <summary>A sparse row: what it does not name stays, what it says is null is gone, what cannot be kept exactly is not known.</summary>
    private long Merge(BitMexColumn column, long before)
    {
        if (_row.Kind(column) == BitMexCell.Missing)
        {
            return before;
        }

        _counts.BadRows += Number(column, BitMexNumbers.PriceDecimals, out long value) == Given.NoNumber ? 1 : 0;
        return value;
    }

    private long MergeTime(BitMexColumn column, long before)
    {
        BitMexCell kind = _row.Kind(column);
        if (kind is BitMexCell.Missing or BitMexCell.Null)
        {
            return kind == BitMexCell.Null ? MarketEvent.Absent : before;
        }

        bool isGood = kind == BitMexCell.Text & BitMexNumbers.TryParseTime(_row.Text(column), out long time);
        _counts.BadTimes += isGood ? 0 : 1;
        return isGood ? time : MarketEvent.Absent;
    }
}
