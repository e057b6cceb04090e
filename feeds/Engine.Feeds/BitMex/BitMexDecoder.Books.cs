using Engine.Core.Events;

namespace Engine.Feeds.BitMex;

/// <content>Rows of books, and what their ends say about losses.</content>
internal sealed unsafe partial class BitMexDecoder
{
    /// <summary>A book's partial, for the first of its rows in the message: the book begins anew. The fuller table goes before.</summary>
    private bool AdmitBook(int instrument, ref BitMexInstrument state, byte bit)
    {
        if (!_keysAreKnown)
        {
            _counts.UnexpectedRows++;
            return false;
        }

        state.Partials |= bit;
        if (_current == BitMexTable.Book25 && state.BookTable == (byte)BitMexTable.Book + 1)
        {
            _counts.ShadowedRows++;
            return false;
        }

        if (state.Message != _sequence || !state.InSnapshot)
        {
            state.SideIsKey = _sideIsKey;
            BeginBook(instrument, ref state);
            state.InSnapshot = true;
        }

        return true;
    }

    /// <summary>A symbol that the partial of all symbols did not have: its book was empty.</summary>
    private void OpenEmptyBook(int instrument, ref BitMexInstrument state)
    {
        if (_current == BitMexTable.Book25 && state.BookTable == (byte)BitMexTable.Book + 1)
        {
            return;
        }

        state.SideIsKey = true;
        BeginBook(instrument, ref state);
        Write(instrument, EventKind.SnapshotEnd, _time, EventFlags.FromSnapshot | EventFlags.BadExchangeTime, _text);
        state.BookTouched = true;
        _quotes.Start(instrument, _time, Touch(instrument));
    }

    private void BeginBook(int instrument, ref BitMexInstrument state)
    {
        state.BookTable = (byte)(_current + 1);
        state.IsSuspect = false;
        _levels.Clear(instrument);
        _quotes.Stop(instrument);
        Write(instrument, EventKind.SnapshotBegin, _time, EventFlags.FromSnapshot | EventFlags.BadExchangeTime, _text);
    }

    private void OnBookRow(int instrument, long time, EventFlags flags)
    {
        ref BitMexInstrument state = ref _instruments[instrument];
        Enter(instrument);
        state.BookTouched = true;
        Given price = Number(BitMexColumn.Price, BitMexNumbers.PriceDecimals, out long priceValue);
        Given size = Number(BitMexColumn.Size, 0, out long sizeValue);
        bool isNew = _action is BitMexAction.Partial or BitMexAction.Insert;
        bool isGood = _row.Kind(BitMexColumn.Id) == BitMexCell.Number & BitMexNumbers.TryParseId(_row.Text(BitMexColumn.Id), out ulong id)
            & TrySide(out Side side) && (side != Side.None || (!isNew && !state.SideIsKey))
            && (price == Given.Value ? priceValue > 0 : price == Given.Nothing && !isNew)
            && (size == Given.Value ? sizeValue >= 0 : size == Given.Nothing && !isNew);
        if (!isGood)
        {
            _counts.BadRows++;
            Lose(instrument, ref state, time, flags);
            return;
        }

        BitMexLevel* level = _levels.Find(instrument, id, state.SideIsKey ? side : Side.None);
        if ((level != null) == isNew)
        {
            _counts.KnownIds += isNew ? 1 : 0;
            _counts.UnknownIds += isNew ? 0 : 1;
            Lose(instrument, ref state, time, flags);
        }

        if (level != null)
        {
            // SAFETY: the level is in use until it is removed below.
            Side newSide = side == Side.None ? level->Side : side;
            long newPrice = price == Given.Value ? priceValue : level->Price;
            long newSize = size == Given.Value ? sizeValue : level->Size;
            Change(level, newSide, newPrice, _action == BitMexAction.Delete ? 0 : newSize, time, flags);
        }
        else if (isNew && _levels.Add(instrument, id, state.SideIsKey ? side : Side.None, side, priceValue, sizeValue) == null)
        {
            _counts.RefusedLevels++;
            Lose(instrument, ref state, time, flags);
        }
        else if (isNew)
        {
            WriteLevel(instrument, id, side, priceValue, sizeValue, sizeValue > 0, time, flags);
        }
    }

    /// <summary>A level that is there gets another size, or place, or goes.</summary>
    private void Change(BitMexLevel* level, Side side, long price, long size, long time, EventFlags flags)
    {
        // SAFETY: callers pass a level in use.
        int instrument = level->Instrument;
        ulong id = level->Id;
        bool hadSize = level->Size > 0;
        bool isDelete = _action == BitMexAction.Delete;
        if (!isDelete && (side != level->Side || price != level->Price))
        {
            if (hadSize)
            {
                WriteLevel(instrument, id, level->Side, level->Price, 0, true, time, flags);
            }

            hadSize = false;
        }

        WriteLevel(instrument, id, isDelete ? level->Side : side, isDelete ? level->Price : price, size, hadSize || size > 0, time, flags);
        if (isDelete)
        {
            _levels.Remove(level);
        }
        else
        {
            _levels.Change(level, side, price, size);
        }
    }

    /// <summary>A level's quantity; a status where a level that was without one stays so, since the book has nothing to remove.</summary>
    private void WriteLevel(int instrument, ulong id, Side side, long price, long size, bool changes, long time, EventFlags flags)
    {
        ref MarketEvent e = ref Write(instrument, changes ? EventKind.LevelSet : EventKind.Status, time, flags, _row.Whole);
        e.OrderId = id;
        e.Side = side;
        e.Price = price;
        e.Quantity = size;
    }

    /// <summary>Something of the book did not come, or cannot be kept: it is not to be believed until its next partial. The first time
    /// it is a gap event; within a partial that comes behind its end.</summary>
    private void Lose(int instrument, ref BitMexInstrument state, long time, EventFlags flags)
    {
        bool isFirst = !state.IsSuspect;
        state.IsSuspect = true;
        if (isFirst && !state.InSnapshot)
        {
            _statistics.Gaps++;
            _quotes.Stop(instrument);
            Write(instrument, EventKind.Gap, time, flags, _text);
        }
    }

    /// <summary>The message concerns every book that is believed, or every value that is known: its end is a loss to each. A partial of a whole
    /// table concerns those that it does not name, too.</summary>
    private void EnterLosers()
    {
        for (int i = 0; i < _table.Count; i++)
        {
            ref BitMexInstrument state = ref _instruments[i];
            bool isLoser = (_isLost && state.BookTable != 0 && !state.IsSuspect) || (_areValuesLost && state.HasValues);
            if (isLoser || (_isWholeTable && IsUnnamed(state)))
            {
                Enter(i);
            }
        }
    }

    /// <summary>Whether a partial of the whole table says of an instrument, by not naming it, that the table has nothing on it any more.</summary>
    private bool IsUnnamed(in BitMexInstrument state) => (state.Message != _sequence || !(state.HasEvent || state.BookTouched || state.InSnapshot))
        && (_current == BitMexTable.Instrument ? state.HasValues : state.BookTable == (byte)_current + 1);

    private void CloseBook(int instrument, ref BitMexInstrument state)
    {
        const EventFlags FromHere = EventFlags.BadExchangeTime;
        bool isSnapshot = state.InSnapshot;
        if (isSnapshot)
        {
            Write(instrument, EventKind.SnapshotEnd, _time, FromHere | EventFlags.FromSnapshot, _text);
        }

        state.InSnapshot = false;
        bool wasLost = isSnapshot && state.IsSuspect;
        state.IsSuspect &= !isSnapshot;
        BitMexTouch top = Touch(instrument);
        bool isCrossed = top.BidSize > 0 && top.AskSize > 0 && top.BidPrice >= top.AskPrice;
        _counts.CrossedMessages += isCrossed ? 1 : 0;
        if (isCrossed || wasLost)
        {
            bool isBehindLast = Events.HasLast && Events.Last.Instrument == instrument;
            long time = isBehindLast ? Events.Last.ExchangeTime : _time;
            Lose(instrument, ref state, time, isBehindLast ? Events.Last.Flags & FromHere : FromHere);
        }

        if (isSnapshot && !state.IsSuspect)
        {
            _quotes.Start(instrument, _time, top);
        }
        else if (!state.IsSuspect)
        {
            _quotes.OnTop(instrument, _time, top);
        }
    }

    private BitMexTouch Touch(int instrument)
    {
        (long bidPrice, long bidSize) = _levels.Best(instrument, Side.Buy);
        (long askPrice, long askSize) = _levels.Best(instrument, Side.Sell);
        return new BitMexTouch(bidPrice, bidSize, askPrice, askSize);
    }
}
