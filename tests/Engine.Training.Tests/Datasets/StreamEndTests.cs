using System.Buffers.Binary;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Recording.Hdf5;
using Engine.Training.Datasets;
using Engine.Training.Labels;
using Engine.Training.Splits;
using Engine.Training.Tests.Runs;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Datasets;

/// <summary>A day of two captures, of which one ends earlier.</summary>
public class StreamEndTests
{
    private const string Label = "return_1s";
    private const long Horizon = 1_000_000_000;
    private const int FileHead = 24, RecordHead = 16, GroupAt = 30, GroupBytes = 4;

    private SimulatedDays _days = null!;

    [OneTimeSetUp]
    public void Make() => _days = new SimulatedDays();

    [OneTimeTearDown]
    public void Remove() => _days.Dispose();

    [TestCase("grid-100")]
    [TestCase("every-event")]
    public void An_instrument_whose_capture_ends_earlier_has_no_label_from_its_last_book(string sampling)
    {
        string whole = _days.PathOf("2026-01-06.pcap"), cut = _days.PathOf("2026-01-06-cut.pcap");
        SplitChannels(_days.Capture(5, 4_000, venue: Venue.Xdp, channels: 2), whole, cut);
        DatasetOptions options = SimulatedDays.Options(sampling);
        string both = _days.PathOf("both-" + sampling);
        new DatasetBuilder(both, options, overwrite: false).Add([whole, cut]);
        string path = Labelled(both);
        var alone = new Dictionary<string, (long End, Dictionary<long, float> Labels)>();
        foreach (string capture in new[] { whole, cut })
        {
            using DatasetFile own = DatasetFile.Open(Labelled(_days.Dataset($"{Path.GetFileName(capture)}-{sampling}", options, capture)));
            foreach (IGrouping<string, (string Symbol, long Time, float Label)> symbol in Rows(own).GroupBy(r => r.Symbol))
            {
                alone.Add(symbol.Key, (own.EndTime, symbol.GroupBy(r => r.Time).ToDictionary(r => r.Key, r => r.Last().Label)));
            }
        }

        long[] ends = [.. alone.Values.Select(a => a.End).Distinct().Order()];
        Assert.That(ends, Has.Length.EqualTo(2), "one capture ends earlier");
        Assert.That(ends[1] - ends[0], Is.GreaterThan(3 * Horizon));
        using DatasetFile file = DatasetFile.Open(path);
        int stale = 0, fresh = 0;
        foreach ((string symbol, long time, float label) in Rows(file))
        {
            bool isCut = alone[symbol].End == ends[0];
            bool isBehind = time + Horizon > alone[symbol].End;
            stale += isCut && isBehind ? 1 : 0;
            fresh += !isCut && time + Horizon > ends[0] && !float.IsNaN(label) ? 1 : 0;
            Assert.That(isBehind && !float.IsNaN(label), Is.False, $"{symbol} at {time}: nothing is known of it then");
        }

        Assert.That(stale, Is.GreaterThan(5), "rows that would have a label if the day had one end");
        Assert.That(fresh, Is.GreaterThan(20), "the other capture's labels go on");
        Assert.That(DayChecks.Rows(file, [whole, cut]), Is.Null);
        Assert.That(DayChecks.Changed(file), Is.Null);
        foreach ((string symbol, int i) in file.Rows.Symbols.Select((s, i) => (s, i)))
        {
            Assert.That(file.InstrumentEnds[file.Rows.SymbolIds[i]], Is.EqualTo(alone[symbol].End), symbol);
        }
    }

    [Test]
    public void Events_of_files_without_packets_say_which_they_stand_in()
    {
        string[] captures = [_days.PathOf("a.itch"), _days.PathOf("b.itch")];
        foreach ((int i, string capture) in captures.Index())
        {
            SmallRuns.Good("sim", "--seed", $"{i + 3}", "--format", "binaryfile", "--messages", "400", "--out", capture);
        }

        List<(long, ulong, long)>[] alone = [.. captures.Select(c => Events([c]).Select(e => e.Key).ToList())];
        (int Stream, (long, ulong, long) Key)[] both = [.. Events(captures)];
        Assert.That(both.Where(e => e.Stream == 0).Select(e => e.Key), Is.EqualTo(alone[0]).And.Not.Empty);
        Assert.That(both.Where(e => e.Stream == 1).Select(e => e.Key), Is.EqualTo(alone[1]).And.Not.Empty);
        Assert.That(both.Zip(both.Skip(1)).Count(p => p.First.Stream != p.Second.Stream), Is.GreaterThan(50), "they are merged");
    }

    [Test]
    public void A_stream_that_only_sent_a_snapshot_of_an_instrument_does_not_say_how_far_it_goes()
    {
        using var ends = new StreamEnds(3);
        ends.Note(Event(0, 100), 0);
        ends.Note(Event(0, 100, EventFlags.FromSnapshot), 1);
        ends.Note(Event(2, 100, EventFlags.FromSnapshot), 1);
        ends.Note(Event(1, 900), 1);
        Assert.That(Enumerable.Range(0, ends.Instruments).Select(ends.EndOf), Is.EqualTo(new long[] { 100, 900, 900 }), "told of by the first; the second; neither");
    }

    [Test]
    public void More_streams_than_are_told_apart_are_refused()
    {
        using var ends = new StreamEnds(StreamEnds.MaxStreams);
        for (int i = 0; i < StreamEnds.MaxStreams; i++)
        {
            ends.Note(Event(i, 10 + i), i);
        }

        Assert.That(Enumerable.Range(0, ends.Instruments).Select(ends.EndOf), Is.EqualTo(Enumerable.Range(10, StreamEnds.MaxStreams)), "each to its own end");
        Assert.That(() => ends.Note(Event(0, 1), StreamEnds.MaxStreams), Throws.TypeOf<DatasetException>().With.Message.Contains("64 streams").And.Message.Contains("fewer captures"));
    }

    private static MarketEvent Event(int instrument, long time, EventFlags flags = EventFlags.None) => new() { Instrument = instrument, ExchangeTime = time, Flags = flags };

    private static IEnumerable<(int Stream, (long Time, ulong Order, long Price) Key)> Events(string[] captures)
    {
        var limits = new EngineLimits();
        using MarketDataSource source = CaptureSource.Open(captures, new FeedOptions { Instruments = new InstrumentTable(limits.Instruments), Limits = limits });
        using var buffer = new NativeBuffer<MarketEvent>(limits.EventsPerPacket);
        for (int count; (count = source.Read(buffer.Span)) >= 0;)
        {
            for (int i = 0; i < count; i++)
            {
                yield return (source.StreamOf(i), (buffer[i].ExchangeTime, buffer[i].OrderId, buffer[i].Price));
            }
        }
    }

    private static string Labelled(string folder)
    {
        var definition = new LabelDefinition { Kind = LabelKind.Return, Horizon = new LabelHorizon(Horizon, 0) };
        string path = Path.Combine(folder, DatasetManifest.Read(folder).Days.Single().FileName);
        LabelWriter.Add(path, Label, definition, false, 0, new LabelSummary(definition.Kind));
        return path;
    }

    private static List<(string Symbol, long Time, float Label)> Rows(DatasetFile file)
    {
        var rows = new List<(string, long, float)>();
        using var block = new FeatureRowBlock(file.Rows.Head.Contract.Count);
        for (int start = 0; file.Rows.Read(start, block) is > 0 and var count; start += count)
        {
            var labels = new float[count];
            file.ReadLabel(Label, start, labels, new long[count]);
            rows.AddRange(Enumerable.Range(0, count).Select(i => (file.Rows.Symbols[block.Instruments[i]], block.Times[i], labels[i])));
        }

        return rows;
    }

    /// <summary>Writes the packets of the first group to one file and the first half of the others' to another.</summary>
    private static void SplitChannels(string capture, string whole, string cut)
    {
        byte[] all = File.ReadAllBytes(capture);
        var packets = new List<(string Group, byte[] Record)>();
        for (int at = FileHead; at < all.Length;)
        {
            int length = RecordHead + BinaryPrimitives.ReadInt32LittleEndian(all.AsSpan(at + 8));
            packets.Add((Convert.ToHexString(all.AsSpan(at + RecordHead + GroupAt, GroupBytes)), all[at..(at + length)]));
            at += length;
        }

        string[] groups = [.. packets.Select(p => p.Group).Distinct()];
        Assert.That(groups, Has.Length.EqualTo(2), "two channels");
        byte[][] second = [.. packets.Where(p => p.Group == groups[1]).Select(p => p.Record)];
        File.WriteAllBytes(whole, [.. all[..FileHead], .. packets.Where(p => p.Group == groups[0]).SelectMany(p => p.Record)]);
        File.WriteAllBytes(cut, [.. all[..FileHead], .. second[..(second.Length / 2)].SelectMany(r => r)]);
    }
}
