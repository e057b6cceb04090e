using Engine.Core.Events;

namespace Engine.Feeds;

/// <summary>
/// A stream of market events. One thread reads it. After construction nothing is allocated and nothing thrown, but for the
/// name of an instrument the first time the feed says it.
/// </summary>
public abstract class MarketDataSource : IDisposable
{
    /// <param name="options">Supplies the instrument table.</param>
    /// <param name="statistics">The counters that the source keeps.</param>
    protected MarketDataSource(FeedOptions options, FeedStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(options);
        Instruments = options.Instruments;
        Statistics = statistics;
    }

    /// <summary>What has been seen so far; final after <see cref="Read"/> answered −1.</summary>
    public FeedStatistics Statistics { get; }

    /// <summary>The instruments named so far.</summary>
    public InstrumentTable Instruments { get; }

    /// <summary>Why the end was not clean: the first damage in the order of the files. Known after <see cref="Read"/> answered
    /// −1; asking makes the sentence, so it is not for the thread that reads.</summary>
    public virtual SourceFault? Fault => null;

    /// <summary>The session's date on the US east coast, once it is known.</summary>
    public DateOnly? Date { get; protected set; }

    /// <summary>Where <see cref="Date"/> comes from: <c>option</c>, <c>capture</c> or <c>none</c>. With none, exchange
    /// times are ns since midnight as if midnight were the Unix epoch.</summary>
    public string DateSource { get; protected set; } = "none";

    /// <summary>The files read, in the order given.</summary>
    public IReadOnlyList<CaptureIdentity> Captures { get; protected set; } = [];

    /// <summary>The framing in words, outermost first: <c>pcap (ns) / MoldUDP64 / ITCH 5.0</c>.</summary>
    public string Format { get; protected set; } = "";

    /// <summary>
    /// Decodes the next packet, or the next up to 64 messages of a file without packets.
    /// A packet that holds more events than fit is continued by the next call.
    /// </summary>
    /// <param name="events">Receives the events; at least one element.</param>
    /// <returns>Events written; 0 for a packet that carried none; −1 at the end.</returns>
    public abstract int Read(Span<MarketEvent> events);

    /// <summary>The raw message behind an event of the last <see cref="Read"/>; the span lives until the next one.</summary>
    /// <param name="eventIndex">Index into the events that the last read wrote.</param>
    /// <param name="message">The message without its length prefix.</param>
    /// <returns>False for an event that no message carried (a gap, a clear) and for an index out of range.</returns>
    public abstract bool TryGetMessage(int eventIndex, out ReadOnlySpan<byte> message);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the source holds.</summary>
    /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
