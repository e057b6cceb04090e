using System.Text.Json;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Feeds.BitMex;

/// <summary>
/// Lines of a session → events. A message is checked whole before any of it counts, then read row by row; a message with more rows
/// than there is room goes on with the next call.
/// </summary>
/// <remarks>
/// What a symbol's events of one message look like:
/// <code>
/// partial of a book     snapshot_begin, level_set …, snapshot_end (and a gap, if a row of it could not be used)
/// other book messages   level_set …, a gap where an id is unknown or known already, or the book ends up crossed
/// unreadable ones       a gap of each book that is followed, and the end of each value that is known, since it may have been any of theirs
/// trade                 trade …
/// quote                 status …
/// instrument            index_price, mark_price, funding: what a row changes (a partial: what is known); a status where that is none
/// </code>
/// The last of them is <see cref="EventFlags.LastOfEvent"/>; where other symbols' events follow it, a status that says no more is added
/// at the end, with the time of the symbol's own last one. There are no sequence numbers: a <see cref="MarketEvent.Sequence"/> is the number of the line.
/// </remarks>
internal sealed unsafe partial class BitMexDecoder : IDisposable
{
    private const int Behind = -1;

    private readonly FeedStatistics _statistics;
    private readonly BitMexStatistics _counts;
    private readonly FeedNotices? _notices;
    private readonly InstrumentTable _table;
    private readonly BitMexSymbols _symbols;
    private readonly BitMexLevels _levels;
    private readonly BitMexQuoteCheck _quotes;
    private readonly NativeBuffer<BitMexInstrument> _instruments;
    private readonly bool[] _isWhole = new bool[(int)BitMexTable.Count];
    private BitMexRow _row;
    private Phase _phase;
    private BitMexTable _current;
    private BitMexAction _action;
    private JsonPart _text;
    private byte* _at;
    private int _left;
    private JsonReaderState _reader;
    private int _first = Behind;
    private int _last = Behind;
    private int _closing = Behind;
    private long _time;
    private EventFlags _flags;
    private ulong _sequence;
    private bool _isInArray;
    private bool _isLost;
    private bool _areValuesLost;
    private bool _isWholeTable;
    private bool _keysAreKnown;
    private bool _sideIsKey;

    /// <param name="options">Supplies the instrument table and bounds.</param>
    /// <param name="statistics">Counts what is seen.</param>
    public BitMexDecoder(FeedOptions options, FeedStatistics statistics)
    {
        _statistics = statistics;
        _notices = options.Notices;
        _table = options.Instruments;
        int instruments = Math.Max(_table.Limit, options.Limits.Instruments);
        _counts = statistics.BitMex ??= new BitMexStatistics();
        _counts.Quotes = _quotes = new BitMexQuoteCheck(instruments);
        _symbols = new BitMexSymbols(_table);
        _levels = new BitMexLevels(options.Limits with { Instruments = instruments });
        _instruments = new NativeBuffer<BitMexInstrument>(instruments);
        Text = new BitMexMessageText(_counts.Tables);
    }

    /// <summary>What was seen.</summary>
    public FeedStatistics Statistics => _statistics;

    /// <summary>What a message of the line at hand is called and holds.</summary>
    public BitMexMessageText Text { get; }

    /// <summary>Events on their way out.</summary>
    public BitMexEvents Events { get; } = new();

    /// <summary>Whether the line at hand has more to give.</summary>
    public bool IsBusy => _phase != Phase.Idle;

    /// <summary>What the instrument table has said of an instrument.</summary>
    public BitMexValues Values(int instrument) =>
        (uint)instrument < (uint)_instruments.Length && _instruments[instrument].HasValues ? _instruments[instrument].Values : BitMexValues.Unknown;

    /// <summary>Takes a line; what it holds comes by <see cref="Continue"/> where that <see cref="IsBusy"/>.</summary>
    public void Begin(BitMexLines line)
    {
        _sequence++;
        _time = line.Time;
        _flags = line.HasGoodTime ? EventFlags.None : EventFlags.BadReceiveTime;
        _counts.BadTimeLines += line.HasGoodTime ? 0 : 1;
        _text = new JsonPart((nint)line.Data, line.Length);
        _statistics.Bytes += line.Bytes;
        switch (line.Kind)
        {
            case BitMexLineKind.Received:
                BeginMessage();
                break;
            case BitMexLineKind.Sent:
                _counts.SentLines++;
                break;
            default:
                OnConnection(line.Kind);
                break;
        }
    }

    /// <summary>Goes on with the line at hand until it ends or events find no room.</summary>
    public void Continue()
    {
        if (_phase == Phase.Rows)
        {
            ReadRows();
        }

        if (_phase == Phase.Closing)
        {
            Close();
        }
    }

    /// <summary>There is no further line.</summary>
    public void End() => _quotes.End(_time);

    /// <inheritdoc/>
    public void Dispose()
    {
        Events.Dispose();
        _symbols.Dispose();
        _levels.Dispose();
        _quotes.Dispose();
        _instruments.Dispose();
    }

    private void ReadRows()
    {
        // SAFETY: the text from _at on is the rest of an array that the scan found well-formed, so the reader does not throw.
        Utf8JsonReader reader = new(new ReadOnlySpan<byte>(_at, _left), true, _reader);
        if (!_isInArray)
        {
            _isInArray = reader.Read();
        }

        while (Events.HasRoom)
        {
            if (!reader.Read() || reader.TokenType == JsonTokenType.EndArray)
            {
                _phase = Phase.Closing;
                if (_isLost || _areValuesLost || _isWholeTable)
                {
                    EnterLosers();
                }

                return;
            }

            _counts.Rows++;
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                _row.Read(ref reader, _at);
                OnRow();
            }
            else
            {
                OnNobodysRow();
                reader.Skip();
            }
        }

        _reader = reader.CurrentState;
        _at += reader.BytesConsumed;
        _left -= (int)reader.BytesConsumed;
    }

    /// <summary>The message's end, for one instrument after the other; that of the last event first.</summary>
    private void Close()
    {
        if (_closing == Behind)
        {
            FlushQuote();
            _closing = _first;
            if (Events.HasLast && _first != _last && Events.Last.Instrument >= 0)
            {
                CloseInstrument(Events.Last.Instrument);
            }
        }

        while (_closing != Behind && Events.HasRoom)
        {
            int next = _instruments[_closing].NextInMessage;
            CloseInstrument(_closing);
            _closing = next;
        }

        if (_closing == Behind)
        {
            _phase = Phase.Idle;
            Events.KeepsLast = false;
        }
    }

    private void CloseInstrument(int instrument)
    {
        ref BitMexInstrument state = ref _instruments[instrument];
        if (state.IsClosed)
        {
            return;
        }

        state.IsClosed = true;
        if (_isWholeTable && IsUnnamed(state))
        {
            Forget(instrument);
        }

        if (state.InSnapshot || state.BookTouched)
        {
            CloseBook(instrument, ref state);
        }

        if (_isLost && state.BookTable != 0)
        {
            Lose(instrument, ref state, _time, EventFlags.BadExchangeTime);
        }

        if (_areValuesLost)
        {
            ForgetInstrument(instrument, EventFlags.BadExchangeTime);
        }

        if (!state.HasEvent)
        {
            return;
        }

        if (Events.Last.Instrument != instrument)
        {
            Write(instrument, EventKind.Status, state.LastTime, state.LastFlags, _text);
        }

        Events.Last.Flags |= EventFlags.LastOfEvent;
    }

    /// <summary>A new event of an instrument, or of all; price and quantity are absent, for the caller to fill.</summary>
    private ref MarketEvent Write(int instrument, EventKind kind, long time, EventFlags flags, JsonPart text)
    {
        if (instrument >= 0)
        {
            Enter(instrument);
            ref BitMexInstrument state = ref _instruments[instrument];
            (state.HasEvent, state.LastTime, state.LastFlags) = (true, time, flags);
        }

        ref MarketEvent e = ref Events.Add(text);
        e = new MarketEvent
        {
            ExchangeTime = time,
            ReceiveTime = _time,
            Price = MarketEvent.Absent,
            Quantity = MarketEvent.Absent,
            Instrument = instrument,
            Venue = Venue.BitMex,
            Kind = kind,
            Flags = flags | _flags | (_table.IsWatched(instrument) ? EventFlags.Watched : EventFlags.None),
            Sequence = _sequence,
        };
        return ref e;
    }

    private enum Phase : byte
    {
        Idle,
        Rows,
        Closing,
    }
}
