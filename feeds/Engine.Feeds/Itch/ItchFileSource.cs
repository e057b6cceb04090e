using Engine.Core.Events;
using Engine.Core.Time;
using Engine.Feeds.Captures;
using Engine.Feeds.Network;

namespace Engine.Feeds.Itch;

/// <summary>ITCH 5.0 from one or more BinaryFILEs, merged by exchange time; at equal times the one named first goes first.</summary>
internal sealed unsafe class ItchFileSource : MarketDataSource
{
    /// <summary>Most events of one read.</summary>
    public const int Batch = 64;

    private readonly ItchFileStream[] _streams;
    private readonly ItchInstruments _instruments;
    private readonly MessageSlots _messages;
    private readonly ItchDecoder _decoder;
    private ItchContext _context;
    private int _lastWritten;
    private int _lastStream;

    /// <param name="files">The mapped files; owned from here on.</param>
    /// <param name="options">What the host asked for.</param>
    /// <param name="format">The capture format in words.</param>
    public ItchFileSource(CaptureFile[] files, FeedOptions options, string format)
        : base(options, new FeedStatistics(), ItchMessageText.Instance)
    {
        _streams = [.. files.Select((file, index) => new ItchFileStream(file, index))];
        _instruments = new ItchInstruments(options.Instruments, files.Length);
        _messages = new MessageSlots(Batch, MessageFraming.Nasdaq);
        _decoder = new ItchDecoder(Statistics, _instruments, _messages);
        _context = new ItchContext
        {
            Midnight = options.Date is { } date ? UsEastern.MidnightUtcNanos(date) : 0,
            ReceiveMask = -1,
            Flags = EventFlags.LastOfEvent | EventFlags.BadReceiveTime,
        };
        Captures = [.. files.Select(file => new CaptureIdentity(file))];
        Format = format + " / ITCH 5.0";
        Date = options.Date;
        DateSource = options.Date is null ? "none" : "option";
    }

    /// <inheritdoc/>
    public override SourceFault? Fault => Array.TrueForAll(_streams, stream => stream.IsEnded)
        ? _streams.Select(stream => stream.Fault).FirstOrDefault(fault => fault is not null)
        : null;

    /// <inheritdoc/>
    public override int StreamOf(int eventIndex) => _lastStream;

    /// <inheritdoc/>
    public override int Read(Span<MarketEvent> events)
    {
        _lastWritten = 0;
        ItchFileStream? stream = Earliest(out long until);
        if (stream is null)
        {
            return -1;
        }

        _lastStream = stream.Index;
        byte* before = stream.Run.At;
        stream.File.ReadAhead(before);
        int limit = Math.Min(events.Length, Batch);

        // SAFETY: the span stays pinned while events are written; limit is at most its length and the decoder's capacity.
        fixed (MarketEvent* target = events)
        {
            _context.Locates = _instruments.Stream(stream.Index);
            _lastWritten = until == long.MaxValue
                ? _decoder.Decode(ref stream.Run, in _context, target, 0, limit)
                : DecodeUntil(stream, target, limit, until);
            MarkStart(stream, target);
        }

        Statistics.Bytes += stream.Run.At - before;
        Statistics.Events += _lastWritten;
        if (stream.Run.Stopped)
        {
            stream.End(Statistics);
        }

        return _lastWritten;
    }

    /// <inheritdoc/>
    public override bool TryGetMessage(int eventIndex, out ReadOnlySpan<byte> message) =>
        _messages.TryGet(eventIndex, _lastWritten, out message);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _lastWritten = 0;
            _instruments.Dispose();
            _decoder.Dispose();
            _messages.Dispose();
            Array.ForEach(_streams, stream => stream.File.Dispose());
        }

        base.Dispose(disposing);
    }

    /// <summary>The stream whose next message is the earliest, and the time up to which it stays that.</summary>
    private ItchFileStream? Earliest(out long until)
    {
        ItchFileStream? best = null;
        until = long.MaxValue;
        foreach (ItchFileStream stream in _streams)
        {
            if (stream.IsEnded)
            {
                continue;
            }

            if (best is null)
            {
                best = stream;
            }
            else if (stream.NextTime < best.NextTime)
            {
                until = Math.Min(until, best.NextTime - 1);
                best = stream;
            }
            else
            {
                until = Math.Min(until, stream.NextTime - (stream.Index < best.Index ? 1 : 0));
            }
        }

        return best;
    }

    /// <summary>Message by message, while this stream's is the earliest.</summary>
    private int DecodeUntil(ItchFileStream stream, MarketEvent* events, int limit, long until)
    {
        int written = 0;
        for (int i = 0; i < Batch && written < limit && (i == 0 || stream.NextTime <= until); i++)
        {
            long left = stream.Run.Remaining;
            stream.Run.Remaining = 1;
            written = _decoder.Decode(ref stream.Run, in _context, events, written, limit);
            stream.Run.Remaining += left - 1;
            if (stream.Run.Stopped)
            {
                break;
            }
        }

        return written;
    }

    private void MarkStart(ItchFileStream stream, MarketEvent* events)
    {
        if (stream.StartsSession && _lastWritten > 0)
        {
            stream.StartsSession = false;
            events->Flags |= EventFlags.SessionStart;
        }
    }
}
