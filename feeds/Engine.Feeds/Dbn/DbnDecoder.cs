using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Feeds.Captures;
using Engine.Feeds.Instruments;

namespace Engine.Feeds.Dbn;

/// <summary>
/// Turns DBN records into events.
/// </summary>
/// <remarks>
/// mbo: a trade (T) and a fill (F) leave the book alone, since a cancel (C) for the quantity follows each fill; so T is a trade with the
/// aggressor's side, F a status, and C takes the quantity away: as an execution that is not printed (T was) as far as a fill of the
/// same event told it, as a cancel for the rest. M names an order's new price and quantity. R empties the
/// book: what follows builds it whole. So an instrument that begins with R is known from its beginning, one that begins otherwise
/// begins with a clear, and a later R is a clear and a snapshot's end: whatever the book was, it is known from there on. A record that stands for its side's best level sets that level. mbp-10: each record is the whole top of the
/// book, and a trade's is the book that it met; the changes come first, the trade last. Where such a book begins anew, a clear and a
/// snapshot's end go before.
/// </remarks>
internal sealed unsafe partial class DbnDecoder(DbnInstruments instruments, FeedStatistics statistics) : IDisposable
{
    /// <summary>Most events of one record.</summary>
    public const int MostEvents = (4 * DbnLayouts.Depth) + 3;

    /// <summary>Most events of an mbo record that stands for a level: a clear, a gap, the levels that an mbp-10 record had told, and one
    /// that came.</summary>
    public const int MostEventsOfTop = DbnLayouts.Depth + 3;

    /// <summary>Most events of any other record: a clear, a gap, and two of its own.</summary>
    public const int MostEventsOfOrder = 4;

    private const ulong NanosPerDay = 86_400_000_000_000;

    private readonly LevelDiff _diff = new(DbnLayouts.Depth);
    private readonly DbnFills _fills = new(statistics);
    private bool _started;
    private bool _starts;
    private ulong _dayStart = ulong.MaxValue;
    private int _day;

    /// <summary>Decodes the next record of a file, or ends the file.</summary>
    public void Decode(DbnStream stream, MarketEvent* events, ref RecordEvents record)
    {
        byte* at = stream.At;
        long left = stream.End - at;

        // SAFETY: the head is read only where it is there, the rest where the record's length, at least its type's, is left.
        int length = left < DbnLayouts.Head ? 0 : *at * DbnLayouts.Unit;
        if (length < DbnLayouts.Head || length > left)
        {
            bool isCut = left < DbnLayouts.Head || length > left;
            stream.Finish(statistics, left == 0 ? DamageKind.None : isCut ? DamageKind.CutRecord : DamageKind.RecordLength, length);
            return;
        }

        byte type = at[1];
        stream.At = at + length;
        stream.Count(type);
        statistics.MessagesByType[type]++;
        int known = DbnLayouts.LengthOf(type);
        if (known == 0)
        {
            Pass(stream, at, type, length);
            return;
        }

        if (statistics.Accepts(type, length, known, stream.Metadata.HasSendTime ? known + DbnLayouts.SendTime : known))
        {
            record.Message = at;
            record.Length = length;
            Write(stream, at, type, events, ref record);
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _diff.Dispose();
        _fills.Dispose();
    }

    private void Write(DbnStream stream, byte* at, byte type, MarketEvent* events, ref RecordEvents record)
    {
        MarketEvent like = default;
        like.Venue = Venue.Dbn;
        bool isOrder = type == DbnLayouts.Mbo;
        byte flags = at[isOrder ? 36 : 30];
        ulong index = Times(ref like, Unsafe.ReadUnaligned<ulong>(at + 8), Unsafe.ReadUnaligned<ulong>(at + (isOrder ? 40 : 32)), flags);
        InstrumentSlot* slot = instruments.Of(Unsafe.ReadUnaligned<ulong>(at), Day(index), stream);
        like.Instrument = slot->Entry >> InstrumentEntry.Shift;
        like.Flags |= (EventFlags)((slot->Entry & InstrumentEntry.Watched) << InstrumentEntry.WatchedToFlag);
        like.Sequence = Unsafe.ReadUnaligned<uint>(at + (isOrder ? 52 : 44));
        like.Price = Price(Unsafe.ReadUnaligned<long>(at + (isOrder ? 24 : 16)));
        like.Quantity = Size(Unsafe.ReadUnaligned<uint>(at + (isOrder ? 32 : 24)));
        DbnState* state = instruments.State(slot);
        statistics.UnmappedMessages += state->IsUnmapped ? 1 : 0;
        byte action = at[isOrder ? 38 : 28];
        Side side = DbnLayouts.SideOf(at[isOrder ? 39 : 29]);
        if (isOrder)
        {
            Order(slot, state, at, action, side, flags, ref like, events, ref record);
        }
        else if (type == DbnLayouts.Mbp10)
        {
            Top(slot, state, at, action, side, flags, ref like, events, ref record);
        }
        else if (action == 'T')
        {
            Plain(EventKind.Trade, side, like, events, ref record);
        }
        else
        {
            statistics.BadActions++;
        }

        End(isOrder && (flags & DbnLayouts.Last) == 0, like.Instrument, events, record);
    }

    private static void Synthetic(EventKind kind, in MarketEvent like, MarketEvent* events, ref RecordEvents record)
    {
        MarketEvent* target = events + record.Count++;
        record.Synthetic++;
        *target = like;
        target->Kind = kind;
        target->Price = target->Quantity = MarketEvent.Absent;
        target->OrderId = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Plain(EventKind kind, Side side, in MarketEvent like, MarketEvent* events, ref RecordEvents record)
    {
        MarketEvent* target = events + record.Count++;
        *target = like;
        target->Kind = kind;
        target->Side = side;
    }

    private void End(bool isOpen, int instrument, MarketEvent* events, in RecordEvents record)
    {
        if (record.Count > record.Synthetic && !isOpen)
        {
            events[record.Count - 1].Flags |= EventFlags.LastOfEvent;
        }

        if (_starts && record.Count > 0)
        {
            _starts = false;
            events->Flags |= EventFlags.SessionStart;
        }

        if (instrument == MarketEvent.NoInstrument)
        {
            statistics.RefusedEvents += record.Count;
            statistics.RefusedInstruments = instruments.Refused;
        }
    }

    /// <summary>Fills in both times; answers the one by which the record is dated: of its receipt, else of the event.</summary>
    private ulong Times(ref MarketEvent like, ulong exchange, ulong receive, byte flags)
    {
        bool hasExchange = exchange <= long.MaxValue;
        bool hasReceive = receive <= long.MaxValue;
        statistics.UndefinedTimes += hasExchange && hasReceive ? 0 : 1;
        like.Flags = (hasExchange ? 0 : EventFlags.BadExchangeTime)
            | (hasReceive && (flags & DbnLayouts.BadReceive) == 0 ? 0 : EventFlags.BadReceiveTime)
            | ((flags & DbnLayouts.Snapshot) == 0 ? 0 : EventFlags.FromSnapshot);
        ulong index = hasReceive ? receive : hasExchange ? exchange : 0;
        like.ExchangeTime = (long)(hasExchange ? exchange : index);
        like.ReceiveTime = (long)index;
        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Day(ulong time)
    {
        if (time - _dayStart >= NanosPerDay)
        {
            _day = (int)(time / NanosPerDay);
            _dayStart = (ulong)_day * NanosPerDay;
        }

        return _day;
    }

    private void Pass(DbnStream stream, byte* at, byte type, int length)
    {
        if (DbnLayouts.NameOf(type) is null)
        {
            statistics.UnknownByType[type]++;
            return;
        }

        statistics.PassedOverRecords++;
        int width = stream.Metadata.NameWidth;
        int symbol = DbnLayouts.Head + width + (stream.Metadata.Version == 1 ? 0 : 2);
        if (type != DbnLayouts.SymbolMapping)
        {
            return;
        }

        if (length < symbol + width)
        {
            statistics.ShortByType[type]++;
            statistics.PassedOverRecords--;
            return;
        }

        // SAFETY: the outgoing symbol lies within the record.
        ReadOnlySpan<byte> letters = new(at + symbol, width);
        int end = letters.IndexOf((byte)0);
        letters = end < 0 ? letters : letters[..end];
        if (letters.Length > 0 && !stream.TryName(Unsafe.ReadUnaligned<uint>(at + 4), letters, instruments.MostNames))
        {
            statistics.RefusedInstruments++;
        }

        instruments.Renamed();
    }

    private static long Price(long wire) => wire is DbnLayouts.NoPrice or MarketEvent.Absent ? MarketEvent.Absent : wire;

    private static long Size(uint wire) => wire == DbnLayouts.NoSize ? MarketEvent.Absent : wire;
}
