using Engine.Core.Events;
using Engine.Core.Time;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Dbn;

/// <summary>DBN from one or more files, merged by receive time; at equal times the one named first goes first.</summary>
internal sealed unsafe class DbnFileSource : RecordSource
{
    private readonly DbnInstruments _instruments;
    private readonly DbnDecoder _decoder;
    private bool _dated;

    /// <param name="streams">The mapped files; owned from here on.</param>
    /// <param name="options">What the host asked for.</param>
    public DbnFileSource(DbnStream[] streams, FeedOptions options)
        : base(streams, DbnDecoder.MostEvents, options, new FeedStatistics(), DbnMessageText.Instance)
    {
        _instruments = new DbnInstruments(options.Instruments);
        _decoder = new DbnDecoder(_instruments, Statistics);
        Captures = [.. streams.Select(stream => new CaptureIdentity(stream.File))];
        Format = string.Join(" + ", streams.Select(Words).Distinct());
        DateSource = "capture";
    }

    /// <inheritdoc/>
    protected override int MostEvents(RecordStream stream)
    {
        // SAFETY: a record that is cut within these bytes is not decoded; others have them.
        if (stream.End - stream.At < DbnLayouts.MboLength)
        {
            return DbnDecoder.MostEventsOfOrder;
        }

        byte type = stream.At[1];
        return type == DbnLayouts.Mbp10 ? DbnDecoder.MostEvents
            : type == DbnLayouts.Mbo && (stream.At[DbnLayouts.MboFlags] & DbnLayouts.TopOfBook) != 0 ? DbnDecoder.MostEventsOfTop
            : DbnDecoder.MostEventsOfOrder;
    }

    /// <inheritdoc/>
    protected override void Decode(RecordStream stream, MarketEvent* events, ref RecordEvents record)
    {
        // SAFETY: events has room for the record's most events, as MostEvents says.
        _decoder.Decode((DbnStream)stream, events, ref record);
        if (!_dated && record.Count > 0)
        {
            _dated = true;
            Date = UsEastern.DateAt(events->ReceiveTime);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decoder.Dispose();
            _instruments.Dispose();
        }

        base.Dispose(disposing);
    }

    private static string Words(DbnStream stream) =>
        $"{(stream.File.IsCompressed ? "gzip / " : "")}DBN {stream.Metadata.Version} / {stream.Metadata.Dataset} / {stream.Metadata.Schema}";
}
