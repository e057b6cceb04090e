using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Feeds.BitMex;

/// <summary>A BitMEX session, from text captures or live: a line a read. A read that finds no line yet gives no event.</summary>
internal sealed class BitMexSource : MarketDataSource
{
    private readonly BitMexLines _lines;
    private readonly BitMexDecoder _decoder;
    private readonly NativeBuffer<JsonPart> _texts;
    private readonly bool _hashes;
    private ulong _payloadHash;
    private int _lastWritten;
    private bool _isEnded;

    /// <param name="lines">The session's lines; owned from here on.</param>
    /// <param name="options">What the host asked for.</param>
    /// <param name="statistics">Those that <paramref name="lines"/> count in, if they do.</param>
    public BitMexSource(BitMexLines lines, FeedOptions options, FeedStatistics? statistics = null)
        : this(lines, options, new BitMexDecoder(options, statistics ?? new FeedStatistics()))
    {
    }

    private BitMexSource(BitMexLines lines, FeedOptions options, BitMexDecoder decoder)
        : base(options, decoder.Statistics, decoder.Text)
    {
        _lines = lines;
        _decoder = decoder;
        _hashes = options.HashesPayloads;
        _texts = new NativeBuffer<JsonPart>(options.Limits.EventsPerPacket);
        Captures = lines.Captures;
        Format = lines.Format;
    }

    /// <inheritdoc/>
    public override SourceFault? Fault => _lines.Fault;

    /// <inheritdoc/>
    public override ulong PayloadHash => _payloadHash;

    /// <summary>What the instrument table has said of an instrument.</summary>
    public BitMexValues Values(int instrument) => _decoder.Values(instrument);

    /// <inheritdoc/>
    public override int StreamOf(int eventIndex) => _lines.Capture;

    /// <inheritdoc/>
    public override int Read(Span<MarketEvent> events)
    {
        events = events[..Math.Min(events.Length, _texts.Length)];
        _lastWritten = 0;
        bool isTaken = false;
        while (true)
        {
            _decoder.Events.Take(events, _texts.Span, ref _lastWritten);
            if (_lastWritten == events.Length)
            {
                break;
            }

            if (_decoder.IsBusy)
            {
                isTaken = true;
                _decoder.Continue();
            }
            else if (isTaken || _lastWritten > 0)
            {
                break;
            }
            else if (!TryBegin(out bool isIdle))
            {
                return isIdle ? 0 : -1;
            }
            else
            {
                isTaken = true;
            }
        }

        Statistics.Events += _lastWritten;
        return _lastWritten;
    }

    /// <inheritdoc/>
    public override bool TryGetMessage(int eventIndex, out ReadOnlySpan<byte> message)
    {
        bool isThere = (uint)eventIndex < (uint)_lastWritten && _texts[eventIndex].At != 0;
        message = isThere ? _texts[eventIndex].Span : default;
        return isThere;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _lastWritten = 0;
            _decoder.Dispose();
            _texts.Dispose();
            _lines.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool TryBegin(out bool isIdle)
    {
        BitMexNext next = _isEnded ? BitMexNext.End : _lines.Next();
        isIdle = next == BitMexNext.Idle;
        if (next != BitMexNext.Line)
        {
            if (next == BitMexNext.End && !_isEnded)
            {
                _isEnded = true;
                _decoder.End();
            }

            return false;
        }

        if (_hashes)
        {
            _payloadHash = BitMexLineHash.Chain(_payloadHash, _lines);
        }

        if (DateSource == "none" && _lines.HasGoodTime)
        {
            Date = DateOnly.FromDateTime(DateTime.UnixEpoch.AddTicks(_lines.Time / TimeSpan.NanosecondsPerTick));
            DateSource = "capture";
        }

        _decoder.Begin(_lines);
        return true;
    }
}
