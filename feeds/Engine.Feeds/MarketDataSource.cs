using Engine.Core.Events;
using Engine.Feeds.Network;
using Engine.Feeds.Network.Live;
using Engine.Feeds.Network.Recovery;

namespace Engine.Feeds;

/// <summary>
/// A stream of market events. One thread reads it. After construction nothing is allocated and nothing thrown, but for the
/// name of an instrument the first time the feed says it.
/// </summary>
public abstract class MarketDataSource : IDisposable
{
    /// <param name="options">Supplies the instrument table.</param>
    /// <param name="statistics">The counters that the source keeps.</param>
    /// <param name="text">The venue's messages as text; null for a source that shows none.</param>
    protected MarketDataSource(FeedOptions options, FeedStatistics statistics, MessageText? text = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        Instruments = options.Instruments;
        Statistics = statistics;
        Text = text;
    }

    /// <summary>The venue's messages as text, where the source shows them.</summary>
    public MessageText? Text { get; }

    /// <summary>What has been seen so far; final after <see cref="Read"/> answered −1.</summary>
    public FeedStatistics Statistics { get; }

    /// <summary>The instruments named so far.</summary>
    public InstrumentTable Instruments { get; }

    /// <summary>Why the end was not clean: the first damage in the order of the files. Known after <see cref="Read"/> answered
    /// −1; asking makes the sentence, so it is not for the thread that reads.</summary>
    public virtual SourceFault? Fault => null;

    /// <summary>The session's date on the US east coast, once it is known.</summary>
    public DateOnly? Date { get; protected set; }

    /// <summary>What is done about missing messages before they are lost.</summary>
    public GapPolicy Gaps { get; protected init; } = GapPolicy.None;

    /// <summary>How the lines of a live feed do; null for captures.</summary>
    public ILineStatus? Lines { get; internal init; }

    /// <summary>A rolling hash of everything that came in, where the options ask for it; else 0.</summary>
    public virtual ulong PayloadHash => 0;

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
    /// <param name="message">The message without its length prefix; of XDP with its head, in which the size is.</param>
    /// <returns>False for an event that no message carried (a gap, a clear) and for an index out of range.</returns>
    public abstract bool TryGetMessage(int eventIndex, out ReadOnlySpan<byte> message);

    /// <summary>Which of the streams that are merged here an event of the last <see cref="Read"/> belongs to: a session of packets, whatever lines and
    /// captures it came by, or a file of records. When a stream ends, nothing more is known of what it told of.</summary>
    /// <param name="eventIndex">Index into the events that the last read wrote.</param>
    /// <returns>Its number, from 0.</returns>
    public virtual int StreamOf(int eventIndex) => 0;

    /// <summary>A stream of the feed by its index in a <see cref="FeedNotice"/>, as the venue names it. For people; on any thread.</summary>
    public virtual string StreamName(int stream) => stream.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The type of the message behind an event of the last <see cref="Read"/>, as the venue's specification writes
    /// it; empty where there is none.</summary>
    public string TypeText(int eventIndex) =>
        Text is not null && TryGetMessage(eventIndex, out ReadOnlySpan<byte> message) ? Text.Type(message) : "";

    /// <summary>The type counted in an entry of <see cref="FeedStatistics.MessagesByType"/>, in words.</summary>
    /// <param name="entry">0 to 255.</param>
    public string TypeName(int entry) => Text?.TypeName(entry) ?? MessageText.Letter(entry);

    /// <summary>Writes <c>name=value;name=value</c>: the fields of the message behind an event of the last <see cref="Read"/> that
    /// the event itself has no room for; nothing where there are none.</summary>
    /// <param name="eventIndex">Index into the events that the last read wrote.</param>
    /// <param name="writer">Receives the text.</param>
    public void WriteDetail(int eventIndex, TextWriter writer)
    {
        if (Text is not null && TryGetMessage(eventIndex, out ReadOnlySpan<byte> message))
        {
            Text.Detail(message, writer);
        }
    }

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
