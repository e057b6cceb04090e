namespace Engine.Feeds.BitMex;

/// <content>A message received: whether it is one, which table it is of, and what begins with it.</content>
internal sealed unsafe partial class BitMexDecoder
{
    private void BeginMessage()
    {
        BitMexMessage message = BitMexMessage.None;
        JsonState state = JsonScan.Check((byte*)_text.At, _text.Length, ref message);
        if (state != JsonState.Good)
        {
            CountNoJson(state, message);
            return;
        }

        _counts.RepeatedProperties += message.HasRepetition ? 1 : 0;
        JsonPart body = Trim(_text);
        if (body.First == (byte)'[')
        {
            // The answer of the request for all instruments.
            message = BitMexMessage.None with { Data = body };
            BeginTable(message, (int)BitMexTable.Instrument, BitMexAction.Partial);
            return;
        }

        _isOpen = true;
        if (!message.Table.IsThere)
        {
            Count(body.First == (byte)'{' ? message.Kind : BitMexTables.OtherJson);
            return;
        }

        BitMexAction action = message.Action.IsPlainText ? BitMexTables.ActionOf(message.Action.Text) : BitMexAction.Other;
        int table = message.Table.IsPlainText ? _counts.Tables.Find(message.Table.Text) : BitMexTables.MaxTables - 1;
        BeginTable(message, table, action);
    }

    private void BeginTable(in BitMexMessage message, int table, BitMexAction action)
    {
        Count(BitMexTables.Entry(table, action));
        bool hasRows = action != BitMexAction.Other && message.Data.First == (byte)'[';
        _counts.ShapelessMessages += hasRows ? 0 : 1;
        if (!hasRows && table is <= (int)BitMexTable.Book25 or (int)BitMexTable.Instrument)
        {
            BeginLoss(table <= (int)BitMexTable.Book25, table == (int)BitMexTable.Instrument);
        }

        if (!hasRows || table >= (int)BitMexTable.Count)
        {
            return;
        }

        _current = (BitMexTable)table;
        _action = action;
        _at = (byte*)message.Data.At;
        _left = message.Data.Length;
        _reader = default;
        _isInArray = false;
        Start(Phase.Rows);
        if (action == BitMexAction.Partial)
        {
            BeginPartial(message);
        }
    }

    /// <summary>A message goes on with its rows, or its end.</summary>
    private void Start(Phase phase)
    {
        _phase = phase;
        _first = _last = _closing = Behind;
        _isLost = _areValuesLost = _isWholeTable = false;
        _quote = default;
        Events.KeepsLast = true;
    }

    private void CountNoJson(JsonState state, in BitMexMessage message)
    {
        ReadOnlySpan<byte> text = _text.Span.Trim(" \t\r"u8);
        if (text.SequenceEqual("pong"u8) || text.SequenceEqual("ping"u8))
        {
            Count(text[1] == (byte)'o' ? BitMexTables.Pong : BitMexTables.Ping);
            _isOpen = true;
            return;
        }

        Count(BitMexTables.NoJson);
        if (state == JsonState.TooDeep)
        {
            _counts.NestedMessages++;
        }
        else
        {
            _counts.MalformedMessages++;
        }

        if (Trim(_text).First == (byte)'{')
        {
            bool isAny = !message.Table.IsPlainText;
            BeginLoss(isAny || message.Table.Text.StartsWith("orderBookL2"u8), isAny || message.Table.Text.SequenceEqual("instrument"u8));
        }
    }

    /// <summary>A message that may have been of any book, or of any instrument's values, cannot be read: all that are followed have lost it.</summary>
    private void BeginLoss(bool ofBooks, bool ofValues)
    {
        if (ofBooks || ofValues)
        {
            Start(Phase.Closing);
            (_isLost, _areValuesLost) = (ofBooks, ofValues);
            EnterLosers();
        }
    }

    /// <summary>The message concerns this instrument.</summary>
    private void Enter(int instrument)
    {
        ref BitMexInstrument state = ref _instruments[instrument];
        if (state.Message == _sequence)
        {
            return;
        }

        state.Message = _sequence;
        state.NextInMessage = Behind;
        state.IsClosed = state.InSnapshot = state.BookTouched = state.HasEvent = false;
        if (_last == Behind)
        {
            _first = instrument;
        }
        else
        {
            _instruments[_last].NextInMessage = instrument;
        }

        _last = instrument;
    }

    private void Count(int entry)
    {
        _statistics.MessagesByType[entry]++;
        Text.Current = entry;
    }

    private static JsonPart Trim(JsonPart text)
    {
        // SAFETY: stays inside the text.
        int blanks = text.Span.IndexOfAnyExcept(" \t\r\n"u8);
        blanks = blanks < 0 ? text.Length : blanks;
        ReadOnlySpan<byte> rest = text.Span[blanks..].TrimEnd(" \t\r\n"u8);
        return new JsonPart(text.At + blanks, rest.Length);
    }
}
