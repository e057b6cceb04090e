using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.Captures;
using Engine.Feeds.Instruments;

namespace Engine.Feeds.Lobster;

/// <summary>
/// LOBSTER message files, merged by exchange time; at equal times the one named first goes first.
/// </summary>
/// <remarks>
/// With the order-book files the books are those of the rows, level by level: they hold what rested before the first message, and
/// levels that come into view. Executions are trades; the changes of levels follow them. Without, the books are made of the messages,
/// order by order, and miss what rested before: messages of such orders are counted as unknown, and the books are not believed.
/// </remarks>
internal sealed unsafe class LobsterFileSource : RecordSource
{
    private const long PriceFactor = MarketEvent.PriceScale / 10_000;
    private const long MostPrice = long.MaxValue / PriceFactor;
    private const byte Malformed = (byte)'?';

    private readonly LobsterStream[] _files;
    private readonly LevelDiff? _diff;
    private readonly NativeBuffer<PriceLevel>? _levels;
    private readonly KnownLevels[] _known;
    private readonly int _mostEvents;
    private bool _starts;

    /// <param name="streams">The mapped files; owned from here on. All have an order-book file, or none.</param>
    /// <param name="options">What the host asked for.</param>
    public LobsterFileSource(LobsterStream[] streams, FeedOptions options)
        : base(streams, MostEventsOf(streams), options, new FeedStatistics(), LobsterMessageText.Instance)
    {
        _files = streams;
        _mostEvents = MostEventsOf(streams);
        _known = new KnownLevels[streams.Length];
        if (Depth(streams) is var depth and > 0)
        {
            _starts = true;
            _diff = new LevelDiff(depth);
            _levels = new NativeBuffer<PriceLevel>(streams.Length * 2 * depth);
            for (int i = 0; i < streams.Length; i++)
            {
                _known[i].Levels = _levels.Pointer + ((nint)i * 2 * depth);
            }
        }

        Enter(options.Instruments);
        Captures = [.. streams.SelectMany(s => s.Book is { } book ? (CaptureFile[])[s.File, book.File] : [s.File]).Select(f => new CaptureIdentity(f))];
        Format = string.Join(" + ", streams.Select(Words).Distinct());
        Date = streams[0].Date;
        DateSource = Date is null ? "none" : options.Date is null ? "capture" : "option";
    }

    /// <inheritdoc/>
    protected override int MostEvents(RecordStream stream) => _mostEvents;

    /// <inheritdoc/>
    protected override void Decode(RecordStream stream, MarketEvent* events, ref RecordEvents record)
    {
        // SAFETY: lines are read up to the end of the mapped file; events has room for a line's most events.
        LobsterStream file = (LobsterStream)stream;
        byte* line = file.At;
        byte* behind = LobsterLine.EndOf(line, file.End);
        bool isLast = behind == file.End;
        bool isRead = LobsterLine.TryRead(line, behind, out LobsterMessage message);
        if (isLast && !isRead)
        {
            Finish(file);
            return;
        }

        if (file.Book is { } book && !book.HasRow(isLast))
        {
            file.Finish(Statistics, DamageKind.FewerRows, file.Lines);
            return;
        }

        file.Lines++;
        file.At = isLast ? behind : behind + 1;
        if (!isRead || message.Price is > MostPrice or < -MostPrice)
        {
            Statistics.BadLines++;
            Statistics.FirstBadLine = Statistics.FirstBadLine == 0 ? file.Lines : Statistics.FirstBadLine;
            Statistics.MessagesByType[Malformed]++;
            Statistics.Bytes += file.Book?.Skip() ?? 0;
            return;
        }

        record.Message = line;
        record.Length = (int)Math.Min(behind - line, int.MaxValue);
        Statistics.MessagesByType[message.Type is >= 0 and <= 9 ? (byte)('0' + message.Type) : Malformed]++;
        Write(file, message, events, ref record);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _diff?.Dispose();
            _levels?.Dispose();
            Array.ForEach(_files, file => file.Book?.Dispose());
        }

        base.Dispose(disposing);
    }

    private static int Depth(LobsterStream[] streams) => streams.Max(stream => stream.Book?.Levels ?? 0);

    private static int MostEventsOf(LobsterStream[] streams) => 3 + (4 * Depth(streams));

    private static string Words(LobsterStream stream)
    {
        string gzip = stream.File.IsCompressed ? "gzip / " : "";
        return stream.Book is { } book ? $"{gzip}LOBSTER messages and {book.Levels} levels" : $"{gzip}LOBSTER messages";
    }

    private void Enter(InstrumentTable table)
    {
        for (int i = 0; i < _files.Length; i++)
        {
            int same = Array.FindIndex(_files, file => file.Symbol == _files[i].Symbol);
            int instrument = table.Find(_files[i].Symbol);
            instrument = instrument < 0 ? table.Add(_files[i].Symbol) : instrument;
            _files[i].Entry = InstrumentEntry.Of(table, instrument, true);
            _files[i].Place = same;
            _files[i].IsAnew = same < i;
        }

        Statistics.RefusedInstruments = table.Refused;
    }

    /// <summary>What is left of a message file is no line: nothing at all, or a line that was cut.</summary>
    private void Finish(LobsterStream file)
    {
        if (file.At < file.End)
        {
            file.Finish(Statistics, DamageKind.CutLine);
        }
        else if (file.Book is { IsEnded: false })
        {
            file.Finish(Statistics, DamageKind.MoreRows, file.Lines);
        }
        else
        {
            file.Finish(Statistics);
        }
    }

    private void Write(LobsterStream file, in LobsterMessage message, MarketEvent* events, ref RecordEvents record)
    {
        MarketEvent like = default;
        like.ExchangeTime = like.ReceiveTime = file.Midnight + message.Time;
        like.Venue = Venue.Lobster;
        like.Instrument = file.Entry >> InstrumentEntry.Shift;
        like.Sequence = (ulong)file.Lines;
        like.Flags = EventFlags.BadReceiveTime | (EventFlags)((file.Entry & InstrumentEntry.Watched) << InstrumentEntry.WatchedToFlag);
        like.Price = message.Type == 7 ? MarketEvent.Absent : message.Price * PriceFactor;
        like.Quantity = message.Type == 7 ? MarketEvent.Absent : message.Size;
        // A cross has no order that rested, whatever its direction says.
        like.Side = message.Type == 6 ? Side.None : message.Direction switch { 1 => Side.Buy, -1 => Side.Sell, _ => Side.None };
        like.OrderId = message.Order == 0 ? 0 : OrderIdSpace.Of((ulong)message.Order, like.Instrument);
        EventKind kind = KindOf(message, file.Book is not null);
        bool isBad = kind == EventKind.None;
        if (file.Book is not null)
        {
            Rows(file, kind, like, events, ref record);
        }
        else if (!isBad)
        {
            if (file.IsAnew)
            {
                file.IsAnew = false;
                Synthetic(EventKind.Clear, like, events, ref record);
            }

            events[record.Count] = like;
            events[record.Count++].Kind = kind;
        }

        End(like.Instrument, isBad, events, ref record);
    }

    /// <summary>The kind of event of a message; none for a type or a direction that is not known, which is counted.</summary>
    private EventKind KindOf(in LobsterMessage message, bool byLevel)
    {
        if (message.Type is < 1 or > 7)
        {
            Statistics.BadActions++;
            return EventKind.None;
        }

        if (message.Type <= 5 && message.Direction is not (1 or -1))
        {
            Statistics.BadSide++;
            return EventKind.None;
        }

        return message.Type switch
        {
            7 => EventKind.Status,
            5 or 6 => EventKind.Trade,
            4 => byLevel ? EventKind.Trade : EventKind.Execute,
            _ when byLevel => EventKind.LevelSet,
            1 => EventKind.Add,
            2 => EventKind.Cancel,
            _ => EventKind.Delete,
        };
    }

    /// <summary>The book after a message is its row; a row that cannot be read leaves a gap.</summary>
    private void Rows(LobsterStream file, EventKind kind, in MarketEvent like, MarketEvent* events, ref RecordEvents record)
    {
        ref KnownLevels known = ref _known[file.Place];
        bool isRead = file.Book!.TryRead(_diff!, out long bytes);
        Statistics.Bytes += bytes;
        if (!isRead)
        {
            Statistics.BadRows++;
            Statistics.FirstBadLine = Statistics.FirstBadLine == 0 ? file.Lines : Statistics.FirstBadLine;
            Synthetic(EventKind.Gap, like, events, ref record);
        }

        if (kind is EventKind.Trade or EventKind.Status)
        {
            events[record.Count] = like;
            events[record.Count++].Kind = kind;
        }

        int written = isRead ? _diff!.Write(ref known, like, events + record.Count) : 0;
        record.Count += written;
        Statistics.UnsortedLevels = _diff!.Unsorted;
        if (written == 0 && kind == EventKind.LevelSet)
        {
            _diff.Repeat(known, like.Side, like, events + record.Count++);
        }
    }

    private static void Synthetic(EventKind kind, in MarketEvent like, MarketEvent* events, ref RecordEvents record)
    {
        MarketEvent* target = events + record.Count++;
        record.Synthetic++;
        *target = like;
        target->Kind = kind;
        target->Side = Side.None;
        target->Price = target->Quantity = MarketEvent.Absent;
        target->OrderId = 0;
    }

    private void End(int instrument, bool isBad, MarketEvent* events, ref RecordEvents record)
    {
        if (record.Count == 0)
        {
            return;
        }

        if (isBad)
        {
            // The message is skipped, its row is not: the changes stand for no message.
            record.Synthetic = record.Count;
        }

        events[record.Count - 1].Flags |= EventFlags.LastOfEvent;
        if (_starts)
        {
            _starts = false;
            events->Flags |= EventFlags.SessionStart;
        }

        Statistics.RefusedEvents += instrument == MarketEvent.NoInstrument ? record.Count : 0;
    }
}
