using Engine.Books;
using Engine.Core.Events;
using Engine.Recording.Hdf5;
using Engine.Signals;
using Engine.Training.Datasets;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Datasets;

public class DatasetDayTests
{
    private SimulatedDays _days = null!;

    [OneTimeSetUp]
    public void Make() => _days = new SimulatedDays();

    [OneTimeTearDown]
    public void Remove() => _days.Dispose();

    [TestCase("every-event", Venue.Itch50, 0)]
    [TestCase("every-7", Venue.IexDeep, 0)]
    [TestCase("grid-50", Venue.Itch50, 0.02)]
    [TestCase("grid-50", Venue.Xdp, 0.02)]
    public void Rows_and_tape_are_what_the_engine_and_naive_books_make(string sampling, Venue venue, double loss)
    {
        DatasetOptions options = SimulatedDays.Options(sampling);
        string capture = _days.Capture(5, 3_000, loss, venue);
        string folder = _days.Dataset($"{sampling}-{venue}-{loss}", options, capture);
        using DatasetFile file = DatasetFile.Open(Path.Combine(folder, "2026-01-05.h5"));
        var expected = new List<(long Time, int Instrument, byte Trust, float[] Row)>();
        CaptureRows.Replay([capture], options.Contract, options.Sampling, new Collected(expected));
        Assert.That(file.Rows.Rows, Is.EqualTo(expected.Count).And.GreaterThan(100));

        List<TapeEntry> tape = NaiveTape.Of(capture, options);
        Assert.That(Tape(file), Is.EqualTo(tape));
        Assert.That(tape.Any(q => q.Trust == BookTrust.Suspect), Is.EqualTo(loss > 0), "a loss shows");
        Check(file, expected, tape, isGrid: sampling.StartsWith("grid", StringComparison.Ordinal));
        Assert.That((file.ComputeRowsHash(), file.ComputeQuotesHash()), Is.EqualTo((file.RowsHash, file.QuotesHash)));
        Assert.That(DatasetManifest.Read(folder).Days.Single().EndTime, Is.EqualTo(file.EndTime).And.GreaterThanOrEqualTo(tape[^1].Time));
    }

    [Test]
    public void A_cut_capture_gives_the_first_rows_of_the_whole_one()
    {
        DatasetOptions options = SimulatedDays.Options("every-event");
        string capture = _days.Capture(6, 3_000);
        string whole = _days.Dataset("whole", options, capture);
        File.WriteAllBytes(capture, File.ReadAllBytes(capture)[..^40_003]);
        Assert.That(
            () => _days.Dataset("refused", options, capture), Throws.TypeOf<DatasetException>().With.Property(nameof(DatasetException.IsData)).True);
        Assert.That(Directory.GetFiles(_days.PathOf("refused")), Is.Empty, "nothing half made stays");
        string cut = _days.Dataset("cut", options with { AllowsCut = true }, capture);
        Assert.That(DatasetManifest.Read(cut).Days.Single().Fault, Does.Contain("2026-01-06.pcap"));

        using DatasetFile all = DatasetFile.Open(Path.Combine(whole, "2026-01-06.h5"));
        using DatasetFile some = DatasetFile.Open(Path.Combine(cut, "2026-01-06.h5"));
        Assert.That(some.Rows.Rows, Is.LessThan(all.Rows.Rows).And.GreaterThan(500));
        Assert.That(AllRows(some), Is.EqualTo(AllRows(all)[..(int)some.Rows.Rows]));
    }

    private static void Check(DatasetFile file, List<(long Time, int Instrument, byte Trust, float[] Row)> expected, List<TapeEntry> tape, bool isGrid)
    {
        using var block = new FeatureRowBlock(file.Rows.Head.Contract.Count);
        for (int start = 0; file.Rows.Read(start, block) is > 0 and var count; start += count)
        {
            var (bids, asks, places) = (new long[count], new long[count], new long[count]);
            file.ReadQuotesOfRows(start, bids, asks, places);
            for (int i = 0; i < count; i++)
            {
                (long time, int instrument, byte trust, float[] row) = expected[start + i];
                Assert.That((block.Times[i], file.Rows.SymbolIds[block.Instruments[i]], block.Trusts[i]), Is.EqualTo((time, instrument, trust)));
                Assert.That(RowDigest.Of(block.Row(i)), Is.EqualTo(RowDigest.Of(row)), $"row {start + i}");
                TapeEntry? before = tape.Take((int)places[i]).LastOrDefault(q => q.Instrument == instrument);
                Assert.That((bids[i], asks[i], (BookTrust)block.Trusts[i]), Is.EqualTo((before!.Bid, before.Ask, before.Trust)), "a row saw the last entry before it");
                TapeEntry? after = tape.Skip((int)places[i]).FirstOrDefault(q => q.Instrument == instrument);
                Assert.That(after is null || (isGrid ? after.Time >= time : after.Time >= before.Time), "and what comes behind it is later");
            }
        }
    }

    private static List<TapeEntry> Tape(DatasetFile file)
    {
        int count = (int)file.Quotes;
        var (times, instruments, bids, asks, trusts) = (new long[count], new int[count], new long[count], new long[count], new byte[count]);
        file.ReadTape(DatasetFormat.QuoteTime, 0, times.AsSpan());
        file.ReadTape(DatasetFormat.QuoteInstrument, 0, instruments.AsSpan());
        file.ReadTape(DatasetFormat.QuoteBid, 0, bids.AsSpan());
        file.ReadTape(DatasetFormat.QuoteAsk, 0, asks.AsSpan());
        file.ReadTape(DatasetFormat.QuoteTrust, 0, trusts.AsSpan());
        return [.. Enumerable.Range(0, count).Select(i => new TapeEntry(times[i], instruments[i], bids[i], asks[i], (BookTrust)trusts[i]))];
    }

    private static List<(long, int, ulong)> AllRows(DatasetFile file)
    {
        var rows = new List<(long, int, ulong)>();
        using var block = new FeatureRowBlock(file.Rows.Head.Contract.Count);
        for (long start = 0; file.Rows.Read(start, block) is > 0 and var count; start += count)
        {
            for (int i = 0; i < count; i++)
            {
                rows.Add((block.Times[i], block.Instruments[i], RowDigest.Of(block.Row(i))));
            }
        }

        return rows;
    }

    private readonly struct Collected(List<(long Time, int Instrument, byte Trust, float[] Row)> rows) : IRowHandler
    {
        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row) => rows.Add((stamp.Time, stamp.Instrument, (byte)stamp.Trust, row.ToArray()));
    }
}
