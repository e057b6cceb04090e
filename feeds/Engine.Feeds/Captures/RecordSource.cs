using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Feeds.Captures;

/// <summary>The events that one record gave.</summary>
internal unsafe struct RecordEvents
{
    /// <summary>The record.</summary>
    public byte* Message;

    /// <summary>Its bytes.</summary>
    public int Length;

    /// <summary>How many events were written.</summary>
    public int Count;

    /// <summary>Number of the file that it stands in.</summary>
    public int Stream;

    /// <summary>How many of them, from the first on, stand for no record of their own (a gap, a clear).</summary>
    public int Synthetic;
}

/// <summary>
/// Files of records without packets, merged by the records' times; at equal times the file named first goes first. A record may
/// give many events: those that find no room in one read are handed out by the next.
/// </summary>
internal abstract unsafe class RecordSource : MarketDataSource
{
    /// <summary>Most events, and most records, of one read.</summary>
    public const int Batch = 64;

    private readonly RecordStream[] _streams;
    private readonly NativeBuffer<MarketEvent> _staged;
    private readonly nint[] _starts = new nint[Batch];
    private readonly int[] _lengths = new int[Batch];
    private readonly int[] _from = new int[Batch];
    private readonly long[] _next;
    private RecordEvents _pending;
    private int _pendingAt;
    private int _lastWritten;

    /// <param name="streams">The files; owned from here on.</param>
    /// <param name="mostEvents">Most events that one record can give.</param>
    /// <param name="options">What the host asked for.</param>
    /// <param name="statistics">Counts what is seen.</param>
    /// <param name="text">The venue's messages as text.</param>
    protected RecordSource(RecordStream[] streams, int mostEvents, FeedOptions options, FeedStatistics statistics, MessageText text)
        : base(options, statistics, text)
    {
        _streams = streams;
        _staged = new NativeBuffer<MarketEvent>(mostEvents);
        _next = [.. streams.Select(stream => stream.NextTime)];
    }

    /// <inheritdoc/>
    public override SourceFault? Fault => Array.TrueForAll(_streams, stream => stream.IsEnded)
        ? _streams.Select(stream => stream.Fault).FirstOrDefault(fault => fault is not null)
        : null;

    /// <inheritdoc/>
    public sealed override int StreamOf(int eventIndex) => _from[eventIndex];

    /// <inheritdoc/>
    public sealed override int Read(Span<MarketEvent> events)
    {
        int limit = Math.Min(events.Length, Batch);
        int written = 0;

        // SAFETY: the span stays pinned while events are written, and no more are written than it has room for.
        fixed (MarketEvent* target = events)
        {
            written = Drain(target, 0, limit);
            for (int records = 0; records < Batch && written < limit; records++)
            {
                int stream = Earliest();
                if (stream < 0)
                {
                    if (records + written == 0)
                    {
                        _lastWritten = 0;
                        return -1;
                    }

                    break;
                }

                written = Next(stream, target, written, limit);
            }
        }

        Statistics.Events += written;
        _lastWritten = written;
        return written;
    }

    /// <inheritdoc/>
    public sealed override bool TryGetMessage(int eventIndex, out ReadOnlySpan<byte> message)
    {
        message = default;
        if ((uint)eventIndex >= (uint)_lastWritten || _starts[eventIndex] == 0)
        {
            return false;
        }

        // SAFETY: the record lies in the mapped file, which lives as long as the source.
        message = new ReadOnlySpan<byte>((byte*)_starts[eventIndex], _lengths[eventIndex]);
        return true;
    }

    /// <summary>Most events that the next record of a stream can give.</summary>
    protected abstract int MostEvents(RecordStream stream);

    /// <summary>Decodes the next record of a stream, or ends the stream. Moves on by at least a byte, or ends it.</summary>
    /// <param name="stream">A stream that has not ended.</param>
    /// <param name="events">Room for <see cref="MostEvents"/>.</param>
    /// <param name="record">Receives what was written.</param>
    protected abstract void Decode(RecordStream stream, MarketEvent* events, ref RecordEvents record);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _lastWritten = 0;
            _staged.Dispose();
            Array.ForEach(_streams, stream => stream.File.Dispose());
        }

        base.Dispose(disposing);
    }

    private int Next(int index, MarketEvent* target, int written, int limit)
    {
        RecordStream stream = _streams[index];
        stream.File.ReadAhead(stream.At);
        byte* before = stream.At;
        bool fits = limit - written >= MostEvents(stream);
        RecordEvents record = default;
        Decode(stream, fits ? target + written : _staged.Pointer, ref record);
        record.Stream = index;
        Statistics.Bytes += stream.At - before;
        if (_streams.Length > 1 && !stream.IsEnded)
        {
            _next[index] = stream.NextTime;
        }

        if (!fits)
        {
            (_pending, _pendingAt) = (record, 0);
            return Drain(target, written, limit);
        }

        for (int i = 0; i < record.Count; i++)
        {
            Note(written + i, record, i);
        }

        return written + record.Count;
    }

    /// <summary>Hands out staged events; answers how many are written then.</summary>
    private int Drain(MarketEvent* target, int written, int limit)
    {
        for (; _pendingAt < _pending.Count && written < limit; _pendingAt++, written++)
        {
            target[written] = _staged[_pendingAt];
            Note(written, _pending, _pendingAt);
        }

        return written;
    }

    private void Note(int slot, in RecordEvents record, int place)
    {
        _starts[slot] = place < record.Synthetic ? 0 : (nint)record.Message;
        _lengths[slot] = record.Length;
        _from[slot] = record.Stream;
    }

    /// <summary>The stream whose next record is the earliest, or −1.</summary>
    private int Earliest()
    {
        if (_streams.Length == 1)
        {
            return _streams[0].IsEnded ? -1 : 0;
        }

        int best = -1;
        for (int i = 0; i < _streams.Length; i++)
        {
            best = !_streams[i].IsEnded && (best < 0 || _next[i] < _next[best]) ? i : best;
        }

        return best;
    }
}
