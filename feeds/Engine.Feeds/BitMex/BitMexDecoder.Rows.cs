using Engine.Core.Events;
using Engine.Feeds.Instruments;

namespace Engine.Feeds.BitMex;

/// <content>Rows of the tables but for books: whose they are, trades, quotes.</content>
internal sealed partial class BitMexDecoder
{
    private PendingQuote _quote;

    /// <summary>What a row's number is.</summary>
    private enum Given : byte
    {
        /// <summary>The row does not give it.</summary>
        Nothing,

        /// <summary>A value.</summary>
        Value,

        /// <summary>A number that cannot be kept exactly.</summary>
        Inexact,

        /// <summary>Something that is no number.</summary>
        NoNumber,
    }

    private void BeginPartial(in BitMexMessage message)
    {
        _keysAreKnown = _current > BitMexTable.Book25 || message.HasKnownKeys(out _sideIsKey);
        _counts.UnknownKeys += _keysAreKnown ? 0 : 1;
        ReadOnlySpan<byte> symbol = message.FilterSymbol();
        _isWholeTable = message.IsUnrestricted && message.Table.IsThere && _keysAreKnown;
        _isWhole[(int)_current] |= _isWholeTable;
        if (symbol.Length is > 0 and <= SymbolNames.MaxBytes && _symbols.Of(symbol) is >= 0 and int instrument)
        {
            // A symbol without rows has an empty book, or has not traded, and is known from here on.
            long shadowed = _counts.ShadowedRows;
            Admit(instrument);
            _counts.ShadowedRows = shadowed;
            if (_current == BitMexTable.Instrument && message.HasNoRows)
            {
                ForgetInstrument(instrument, EventFlags.FromSnapshot | EventFlags.BadExchangeTime);
            }
        }
    }

    private void OnRow()
    {
        _counts.RepeatedProperties += _row.HasRepetition ? 1 : 0;
        ReadOnlySpan<byte> symbol = _row.Text(BitMexColumn.Symbol);
        if (_row.Kind(BitMexColumn.Symbol) != BitMexCell.Text || symbol.IsEmpty)
        {
            OnNobodysRow();
            return;
        }

        if (symbol.Length > SymbolNames.MaxBytes)
        {
            _counts.LongSymbolRows++;
            return;
        }

        int instrument = _symbols.Of(symbol);
        if (instrument < 0)
        {
            _statistics.RefusedEvents++;
            _statistics.RefusedInstruments = _table.Refused;
            return;
        }

        if (!Admit(instrument))
        {
            return;
        }

        long time = RowTime(out EventFlags flags);
        flags |= _action == BitMexAction.Partial ? EventFlags.FromSnapshot : EventFlags.None;
        switch (_current)
        {
            case BitMexTable.Book or BitMexTable.Book25:
                OnBookRow(instrument, time, flags);
                break;
            case BitMexTable.Instrument:
                OnInstrumentRow(instrument, time, flags);
                break;
            case var _ when _action is not (BitMexAction.Insert or BitMexAction.Partial):
                _counts.UnexpectedRows++;
                break;
            case BitMexTable.Quote:
                OnQuoteRow(instrument, time, flags);
                break;
            default:
                OnTradeRow(instrument, time, flags);
                break;
        }
    }

    /// <summary>A row that says no symbol: of a book, or of an instrument's values, it may have been any one's.</summary>
    private void OnNobodysRow()
    {
        _counts.BadRows++;
        _isLost |= _current <= BitMexTable.Book25;
        _areValuesLost |= _current == BitMexTable.Instrument;
    }

    /// <summary>Whether rows of this symbol count: its partial came, or this is it.</summary>
    private bool Admit(int instrument)
    {
        ref BitMexInstrument state = ref _instruments[instrument];
        byte bit = (byte)(1 << (int)_current);
        bool isBook = _current <= BitMexTable.Book25;
        bool isNew = (state.Partials & bit) == 0;
        if (_action == BitMexAction.Partial)
        {
            return isBook ? AdmitBook(instrument, ref state, bit) : (state.Partials |= bit) != 0;
        }

        if (isNew && !_isWhole[(int)_current])
        {
            _counts.RowsBeforePartial++;
            return false;
        }

        state.Partials |= bit;
        if (isNew && isBook)
        {
            OpenEmptyBook(instrument, ref state);
        }

        if (isBook && state.BookTable != (byte)_current + 1)
        {
            _counts.ShadowedRows++;
            return false;
        }

        return true;
    }

    /// <summary>The taker's side, and what traded.</summary>
    private void OnTradeRow(int instrument, long time, EventFlags flags)
    {
        Given price = Number(BitMexColumn.Price, BitMexNumbers.PriceDecimals, out long priceValue);
        Given size = Number(BitMexColumn.Size, 0, out long sizeValue);
        bool isNegative = (price == Given.Value && priceValue < 0) || (size == Given.Value && sizeValue < 0);
        if (price == Given.NoNumber || size == Given.NoNumber || isNegative || !TrySide(out Side side))
        {
            _counts.BadRows++;
            return;
        }

        ulong match = 0;
        BitMexCell kind = _row.Kind(BitMexColumn.Match);
        bool isGood = kind is BitMexCell.Missing or BitMexCell.Null
            || (kind == BitMexCell.Text && BitMexNumbers.TryParseMatch(_row.Text(BitMexColumn.Match), out match));
        _counts.BadMatchIds += isGood ? 0 : 1;
        ref MarketEvent e = ref Write(instrument, EventKind.Trade, time, flags, _row.Whole);
        e.Side = side;
        e.Price = priceValue;
        e.Quantity = sizeValue;
        e.Reference = isGood ? match : 0;
    }

    private void OnQuoteRow(int instrument, long time, EventFlags flags)
    {
        bool canSettle = TrySideOfQuote(BitMexColumn.BidPrice, BitMexColumn.BidSize, out long bidPrice, out long bidSize);
        canSettle &= TrySideOfQuote(BitMexColumn.AskPrice, BitMexColumn.AskSize, out long askPrice, out long askSize);
        FlushQuote(instrument, time);
        _quote = new PendingQuote
        {
            IsThere = true,
            CanSettle = canSettle && ((flags | _flags) & (EventFlags.BadExchangeTime | EventFlags.BadReceiveTime)) == 0,
            Instrument = instrument,
            Time = time,
            Touch = new BitMexTouch(bidPrice, bidSize, askPrice, askSize),
        };
        Write(instrument, EventKind.Status, time, flags, _row.Whole);
    }

    private bool TrySideOfQuote(BitMexColumn price, BitMexColumn size, out long priceValue, out long sizeValue)
    {
        Given hasPrice = Number(price, BitMexNumbers.PriceDecimals, out priceValue);
        Given hasSize = Number(size, 0, out sizeValue);
        bool isEmpty = _row.Kind(price) == BitMexCell.Null && hasSize is Given.Nothing or Given.Value;
        if (isEmpty)
        {
            sizeValue = 0;
        }

        _counts.BadRows += hasPrice == Given.NoNumber || hasSize == Given.NoNumber ? 1 : 0;
        return isEmpty || (hasPrice == Given.Value && hasSize == Given.Value);
    }

    /// <summary>Hands the quote before this one to the check; it was not the last word of its time where this one has the same.</summary>
    private void FlushQuote(int nextInstrument = Behind, long nextTime = 0)
    {
        if (_quote.IsThere)
        {
            bool isLast = _quote.Instrument != nextInstrument || _quote.Time != nextTime;
            _quotes.OnQuote(_quote.Instrument, _quote.Time, _time, _quote.Touch, _quote.CanSettle && isLast);
            _quote = default;
        }
    }

    private long RowTime(out EventFlags flags)
    {
        BitMexCell kind = _row.Kind(BitMexColumn.Timestamp);
        flags = EventFlags.None;
        if (kind == BitMexCell.Text && BitMexNumbers.TryParseTime(_row.Text(BitMexColumn.Timestamp), out long time))
        {
            return time;
        }

        _counts.BadTimes += kind is BitMexCell.Missing or BitMexCell.Null ? 0 : 1;
        flags = EventFlags.BadExchangeTime;
        return _time;
    }

    private Given Number(BitMexColumn column, int decimals, out long value)
    {
        value = MarketEvent.Absent;
        BitMexCell kind = _row.Kind(column);
        if (kind != BitMexCell.Number)
        {
            return kind is BitMexCell.Missing or BitMexCell.Null ? Given.Nothing : Given.NoNumber;
        }

        NumberState state = BitMexNumbers.Parse(_row.Text(column), decimals, out value);
        _counts.TooFineNumbers += state == NumberState.TooFine ? 1 : 0;
        _counts.TooLargeNumbers += state == NumberState.TooLarge ? 1 : 0;
        return state == NumberState.Exact ? Given.Value : Given.Inexact;
    }

    /// <summary>False for a side that is neither word; a side that is not given is <see cref="Side.None"/>.</summary>
    private bool TrySide(out Side side)
    {
        BitMexCell kind = _row.Kind(BitMexColumn.Side);
        ReadOnlySpan<byte> text = kind == BitMexCell.Text ? _row.Text(BitMexColumn.Side) : default;
        side = text.SequenceEqual("Buy"u8) ? Side.Buy : text.SequenceEqual("Sell"u8) ? Side.Sell : Side.None;
        return side != Side.None || kind is BitMexCell.Missing or BitMexCell.Null || (kind == BitMexCell.Text && text.IsEmpty);
    }

    private struct PendingQuote
    {
        public bool IsThere;
        public bool CanSettle;
        public int Instrument;
        public long Time;
        public BitMexTouch Touch;
    }
}
