using System.Buffers.Text;
using Engine.Core.Events;

namespace Engine.Feeds.BitMex;

/// <content>Connections: what a new one makes of what the old one told, and how long there was none.</content>
internal sealed partial class BitMexDecoder
{
    private bool _isOpen;
    private long _outageStart;

    private void OnConnection(BitMexLineKind kind)
    {
        Text.Current = BitMexMessageText.LineEntry(kind);
        ref MarketEvent e = ref Write(
            MarketEvent.AllInstruments, EventKind.Status, _time, EventFlags.BadExchangeTime | EventFlags.LastOfEvent, _text);
        switch (kind)
        {
            case BitMexLineKind.Opened:
                _counts.Opened++;
                e.Quantity = EndOutage();
                Tell(FeedNoticeKind.Connected, e.Quantity == MarketEvent.Absent || _counts.Opened == 1 ? 0 : e.Quantity);
                _counts.Reopened += _isOpen ? 1 : 0;
                Clear(_isOpen);
                _isOpen = true;
                break;
            case BitMexLineKind.Closed:
                _counts.Closed++;
                if (_isOpen)
                {
                    Tell(FeedNoticeKind.Disconnected, 0);
                }

                _isOpen = false;
                BeginOutage();
                Clear(true);
                break;
            default:
                _counts.Refused++;
                Tell(FeedNoticeKind.Refused, Status());
                BeginOutage();
                break;
        }
    }

    private void Tell(FeedNoticeKind kind, long count) => _notices?.Add(kind, _time, 0, 0, count);

    /// <summary>The number with which the reason of a refusal begins; 0 where there is none.</summary>
    private long Status() => Utf8Parser.TryParse(_text.Span, out int status, out _) ? Math.Max(status, 0) : 0;

    private void BeginOutage()
    {
        if (!_isOpen && !_counts.IsInOutage)
        {
            _counts.Outages++;
            _counts.IsInOutage = true;
            _outageStart = _time;
        }
    }

    private long EndOutage()
    {
        if (!_counts.IsInOutage)
        {
            return MarketEvent.Absent;
        }

        _counts.IsInOutage = false;
        long duration = Math.Max(_time - _outageStart, 0);
        _counts.OutageNanos += duration;
        return duration;
    }

    /// <summary>What the connection told is not followed any more: books are unknown until their next partial.</summary>
    private void Clear(bool isNeeded)
    {
        if (!isNeeded)
        {
            return;
        }

        Array.Clear(_isWhole);
        for (int i = 0; i < _table.Count; i++)
        {
            ref BitMexInstrument state = ref _instruments[i];
            state.Partials = state.BookTable = 0;
            state.IsSuspect = false;
            _levels.Clear(i);
            _quotes.Stop(i);
        }

        Write(MarketEvent.AllInstruments, EventKind.Clear, _time, EventFlags.BadExchangeTime | EventFlags.LastOfEvent, default);
    }
}
