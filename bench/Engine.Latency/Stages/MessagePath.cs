using System.Buffers.Binary;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Time;
using Engine.Features;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Signals;

namespace Engine.Latency.Stages;

/// <summary>One day file in memory, read to a growing depth of the pipeline; every method gives ns a message.</summary>
public sealed class MessagePath
{
    private readonly string _path;
    private readonly NativeBuffer<byte> _bytes;
    private readonly OrderBooks _books = new(new EngineLimits());
    private readonly MarketEvent[] _events = GC.AllocateArray<MarketEvent>(1_024, pinned: true);

    /// <param name="path">A BinaryFILE.</param>
    public MessagePath(string path)
    {
        _path = path;
        using FileStream file = File.OpenRead(path);
        _bytes = new NativeBuffer<byte>(checked((int)file.Length));
        file.ReadExactly(_bytes.Span);
    }

    /// <summary>Messages in the file; known after the first walk.</summary>
    public long Messages { get; private set; }

    /// <summary>Rows of the last run with features.</summary>
    public long Rows { get; private set; }

    /// <summary>The books' digest after the last run.</summary>
    public string BookDigest { get; private set; } = "";

    /// <summary>Resident bytes of the process after the last run with features.</summary>
    public long Residents { get; private set; }

    /// <summary>The rows kept.</summary>
    public float[][] Kept { get; private set; } = [];

    /// <summary>Reads the length of each message and steps over it.</summary>
    public double WalkLengths()
    {
        long start = MonotonicTimer.NowNanos;
        long count = 0;
        for (int at = 0; at < _bytes.Length; count++)
        {
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(_bytes.Span[at..]);
        }

        Messages = count;
        return (double)(MonotonicTimer.NowNanos - start) / count;
    }

    /// <summary>Decodes every message.</summary>
    public double Decode()
    {
        using MarketDataSource source = Open();
        long start = MonotonicTimer.NowNanos;
        long check = 0;
        for (int count; (count = source.Read(_events)) >= 0;)
        {
            check += count == 0 ? 0 : _events[count - 1].Price;
        }

        GC.KeepAlive(check);
        return (double)(MonotonicTimer.NowNanos - start) / Messages;
    }

    /// <summary>Decodes and keeps full books with every check and the digest. The books are made before the clock starts and emptied after it stops.</summary>
    public double DecodeAndBook()
    {
        using MarketDataSource source = Open();
        OrderBooks books = _books;
        long before = books.Digest.Events;
        long start = MonotonicTimer.NowNanos;
        for (int count; (count = source.Read(_events)) >= 0;)
        {
            Span<MarketEvent> packet = _events.AsSpan(0, count);
            books.PrefetchPacket(packet);
            for (int i = 0; i < packet.Length; i++)
            {
                books.PrefetchAhead(packet, i);
                books.Apply(ref packet[i]);
            }
        }

        long nanos = MonotonicTimer.NowNanos - start;
        BookDigest = before == 0 ? books.Digest.ToString() : BookDigest;
        MarketEvent empty = new() { Kind = EventKind.Clear, Venue = Venue.Itch50, Instrument = MarketEvent.AllInstruments };
        _ = books.Apply(ref empty);
        return (double)nanos / Messages;
    }

    /// <summary>The pipeline up to rows, one an event.</summary>
    /// <param name="keep">Rows to keep, spread over the day.</param>
    public double DecodeBookAndFeatures(int keep)
    {
        var limits = new EngineLimits();
        using MarketDataSource source = Open();
        FeatureSet set = FeatureSet.Create(FeatureSet.DefaultName, Sampling.EveryEvent, limits);
        var kept = new List<float[]>(keep);
        using var pipeline = new Pipeline<Keep>(limits, set, new Keep(kept, keep), new StageTimer { Enabled = false });
        long start = MonotonicTimer.NowNanos;
        for (int count; (count = source.Read(_events)) >= 0;)
        {
            pipeline.OnPacket(_events.AsSpan(0, count));
        }

        long nanos = MonotonicTimer.NowNanos - start;
        Rows = pipeline.RowsMade;
        Residents = Environment.WorkingSet;
        if (keep > 0)
        {
            Kept = [.. kept];
        }

        return (double)nanos / Messages;
    }

    private MarketDataSource Open() => CaptureSource.Open(
        _path, _bytes, new FeedOptions { Instruments = new InstrumentTable(16_384), Date = new DateOnly(2026, 1, 5) });

    private struct Keep(List<float[]> kept, int keep) : IRowHandler
    {
        private const long Every = 64;
        private const int Run = 16;
        private long _seen;

        // Runs of neighbouring rows, so that what changes from row to row is what changes in the day.
        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row)
        {
            if (_seen++ % Every < Run && kept.Count < keep)
            {
                kept.Add(row.ToArray());
            }
        }
    }
}
