using Engine.Core.Events;
using Engine.Core.Time;
using Engine.Feeds.Network.Live;

namespace Engine.Feeds.BitMex.Live;

/// <summary>
/// A live BitMEX session as a source of events, recorded as text if asked: read again from there, it gives the same events. A book
/// that lost something (a gap event says so) is asked for again at once. A read that finds nothing yet gives no event.
/// </summary>
public sealed class BitMexLiveFeed : MarketDataSource, ILineStatus
{
    private readonly BitMexConnection _connection;
    private readonly BitMexLineRecorder? _recorder;
    private readonly RecordedLines _lines;
    private readonly BitMexSource _source;
    private readonly FeedNotices? _notices;

    private BitMexLiveFeed(
        BitMexConnection connection, BitMexLineRecorder? recorder, RecordedLines lines, BitMexSource source, FeedOptions options)
        : base(options, source.Statistics, source.Text)
    {
        _connection = connection;
        _recorder = recorder;
        _lines = lines;
        _source = source;
        Captures = source.Captures;
        Format = source.Format;
        Lines = this;
        _notices = options.Notices;
    }

    /// <summary>What the connection has seen.</summary>
    public BitMexLiveCounters Counters => _connection.Counters;

    /// <summary>Whether the last read found no line: there is nothing to do before one comes.</summary>
    public bool IsIdle => _lines.IsIdle;

    /// <summary>Books that this side wanted again.</summary>
    public long WantedBooks { get; private set; }

    /// <summary>Of these, books of symbols that are not the session's.</summary>
    public long UnknownBooks => _connection.UnknownResubscriptions;

    /// <summary>Lines in the recording.</summary>
    public long RecordedLines => _recorder?.Lines ?? 0;

    /// <summary>Lines that should be in the recording and are not.</summary>
    public long LostLines => _recorder?.LostLines ?? 0;

    /// <summary>Lines for which the reading thread had to wait, because the recording was behind.</summary>
    public long RecordingWaits => _recorder?.RoomWaits ?? 0;

    /// <inheritdoc/>
    /// <remarks>A fault of the recording is <see cref="RecordFault"/>; the session goes on.</remarks>
    public override SourceFault? Fault => RecordFault is null ? _source.Fault : null;

    /// <inheritdoc/>
    public string? RecordFault => _recorder?.Fault?.Sentence;

    /// <inheritdoc/>
    public override ulong PayloadHash => _source.PayloadHash;

    /// <inheritdoc/>
    /// <remarks>None: a connection tells its silence, its loss and its return itself.</remarks>
    public int LineCount => 0;

    /// <inheritdoc/>
    public (long Count, string Last) Faults => _connection.Problems.Told;

    /// <inheritdoc/>
    public LineStatus Line(int index) => throw new ArgumentOutOfRangeException(nameof(index), index, "A connection has no lines.");

    /// <summary>Opens a session and begins to connect.</summary>
    /// <param name="live">What to connect to, and every bound.</param>
    /// <param name="options">Supplies the instrument table and bounds.</param>
    /// <param name="clock">Gives lines their receive time.</param>
    /// <param name="recording">A file for the session's text; null records nothing.</param>
    /// <param name="mode">How it is opened; usually one that exists is refused.</param>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    /// <exception cref="IOException">The file exists, or cannot be made.</exception>
    public static BitMexLiveFeed Open(
        BitMexLiveOptions live, FeedOptions options, IClock clock, string? recording = null, FileMode mode = FileMode.CreateNew)
    {
        BitMexConnection connection = new(live, clock);
        BitMexLineRecorder? recorder = null;
        try
        {
            recorder = recording is null ? null : new BitMexLineRecorder(recording, live, mode, connection.Problems);
            RecordedLines lines = new(connection, recorder);
            BitMexLiveFeed feed = new(connection, recorder, lines, new BitMexSource(lines, options), options);
            connection.Start();
            return feed;
        }
        catch
        {
            connection.Dispose();
            recorder?.Dispose();
            throw;
        }
    }

    /// <summary>What the instrument table has said of an instrument.</summary>
    public BitMexValues Values(int instrument) => _source.Values(instrument);

    /// <summary>Asks for a clean end: reads go on to what was received by then, and then answer −1. Any thread.</summary>
    public void Stop() => _connection.Stop();

    /// <inheritdoc/>
    public override int Read(Span<MarketEvent> events)
    {
        int count = _source.Read(events);
        (Date, DateSource) = (_source.Date, _source.DateSource);
        for (int i = 0; i < count; i++)
        {
            if (events[i].Kind == EventKind.Gap && events[i].Instrument >= 0)
            {
                WantedBooks++;
                _notices?.Add(FeedNoticeKind.Contradiction, events[i].ReceiveTime, events[i].Instrument, 0, 0);
                _ = _connection.RequestResubscribe(Instruments.SymbolBytes(events[i].Instrument));
            }
        }

        return count;
    }

    /// <inheritdoc/>
    public override bool TryGetMessage(int eventIndex, out ReadOnlySpan<byte> message) => _source.TryGetMessage(eventIndex, out message);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Dispose();
        }

        base.Dispose(disposing);
    }
}
