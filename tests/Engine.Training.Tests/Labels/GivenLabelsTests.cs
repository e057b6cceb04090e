using System.Globalization;
using System.Text;
using Engine.Core.Numerics;
using Engine.Recording.Hdf5;
using Engine.TestKit;
using Engine.Training.Canaries;
using Engine.Training.Datasets;
using Engine.Training.Labels;
using Engine.Training.Splits;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Labels;

/// <summary>Labels from a file, joined to rows by symbol and time.</summary>
public class GivenLabelsTests
{
    private const string Name = "told";
    private const long Span = 50_000_000;

    private SimulatedDays _days = null!;
    private string[] _captures = [];

    [OneTimeSetUp]
    public void Make()
    {
        _days = new SimulatedDays();
        _captures = [_days.Capture(5, 1_500), _days.Capture(6, 1_500)];
    }

    [OneTimeTearDown]
    public void Remove() => _days.Dispose();

    [Test]
    public void Each_meets_the_last_row_of_its_symbol_and_time_as_a_naive_join_has_it([ValueSource(nameof(SomeSeeds))] ulong seed)
    {
        string folder = _days.Dataset(FormattableString.Invariant($"join-{seed}"), SimulatedDays.Options("every-event"), _captures);
        var random = new SeededRandom(seed);
        DatasetDay[] days = [.. DatasetManifest.Read(folder).Days];
        var told = new Dictionary<(string Symbol, long Time), (float Value, long End)>();
        foreach (DatasetDay day in days)
        {
            foreach ((string symbol, long time, byte _) in Rows(Path.Combine(folder, day.FileName)).Where(_ => random.Chance(0.2)))
            {
                // Some a nanosecond beside every row, some of a symbol that has no rows.
                long at = time + (random.Chance(0.2) ? 1 : 0);
                told[(random.Chance(0.1) ? "NONE" : symbol, at)] = ((float)random.NextNormal(), at + random.Next(5_000));
            }
        }

        string csv = Csv(FormattableString.Invariant($"told-{seed}"), told);
        GivenLabels given = GivenLabels.Read([csv]);
        LabelDefinition definition = LabelDefinition.Of(given);
        var summary = new LabelSummary(LabelKind.Given);
        int met = 0, shared = 0;
        foreach (DatasetDay day in days)
        {
            string path = Path.Combine(folder, day.FileName);
            Assert.That(LabelWriter.Add(path, Name, definition, false, 0, summary, given), Is.False);
            (string Symbol, long Time, byte Trust)[] rows = [.. Rows(path)];
            using DatasetFile file = DatasetFile.Open(path);
            var (values, ends) = (new float[rows.Length], new long[rows.Length]);
            file.ReadLabel(Name, 0, values, ends);
            for (int row = 0; row < rows.Length; row++)
            {
                (string symbol, long time, byte trust) = rows[row];
                bool isLast = !rows.Skip(row + 1).Any(r => r.Symbol == symbol && r.Time == time);
                bool isTold = told.TryGetValue((symbol, time), out (float Value, long End) label) && isLast;
                Assert.That((values[row], ends[row]), Is.EqualTo((isTold && trust == 0 ? label.Value : float.NaN, isTold ? label.End : time)), $"seed {seed}, {day.Id}, row {row}");
                met += isTold ? 1 : 0;
                shared += isLast ? 0 : 1;
            }

            Assert.That(DayChecks.Label(file, Name), Is.Null);
        }

        Assert.That((met, shared), Is.EqualTo((summary.Labelled + summary.Count(MissingCause.OwnBook), shared)));
        Assert.That(met, Is.GreaterThan(100).And.LessThan(told.Count), "most meet a row, and some do not");
        Assert.That(shared, Is.GreaterThan(0), "some rows share a time");
        Assert.That(LabelDefinition.Parse(definition.CanonicalJson), Is.EqualTo(definition));
        Assert.That(definition.Horizon.Nanos, Is.EqualTo(told.Max(t => t.Value.End - t.Key.Time)));
    }

    [Test]
    public void A_label_that_is_not_what_was_given_is_found_and_so_is_another_file()
    {
        string folder = _days.Dataset("leaky", SimulatedDays.Options("every-event"), _captures[0]);
        string path = Path.Combine(folder, "2026-01-05.h5");
        var told = Rows(path).DistinctBy(r => (r.Symbol, r.Time)).Index().Where(r => r.Index % 7 == 0)
            .ToDictionary(r => (r.Item.Symbol, r.Item.Time), r => ((float)(r.Index % 2), r.Item.Time + Span));
        GivenLabels given = GivenLabels.Read([Csv("leaky", told)]);
        LabelWriter.Add(path, Name, LabelDefinition.Of(given), false, 0, new LabelSummary(LabelKind.Given), given);
        Assert.That(Label(path), Is.Null);

        // Its span is that of the purge: a row of train before the end of a label of valid is taken away.
        TrainingData data = TrainingDataLoader.Load(folder, Name);
        int[] labelled = [.. Enumerable.Range(0, data.Rows).Where(r => !float.IsNaN(data.Labels[r]))];
        Assert.That(labelled, Has.Length.GreaterThan(100).And.All.Matches<int>(r => data.Ends[r] == data.Times[r] + Span));
        long cut = data.Times[labelled[labelled.Length / 2]];
        var plan = new SplitPlan
        {
            Kind = SplitKind.Explicit, Purges = false, Rounds = [new SplitRound("x", [SplitRange.Of(0, cut)], [SplitRange.Of(cut, long.MaxValue)], [])],
        };
        Assert.That(SplitMaker.Apply(plan with { Purges = true }, data)[0].Purged, Is.GreaterThan(0));
        Assert.That(
            SplitMaker.Apply(plan, data).SelectMany(r => LeakChecks.Run(new LeakCheckInput { Data = data, Part = r.Part })).Select(l => l.Kind), Is.EqualTo(new[] { LeakKind.SpanOverlap }));
        string kept = Path.Combine(folder, Name + ".labels.csv");
        string text = File.ReadAllText(kept);
        File.WriteAllText(kept, text.Replace(",1,", ",0,", StringComparison.Ordinal));
        Assert.That(Label(path), Has.Property(nameof(Leak.Kind)).EqualTo(LeakKind.WrongLabel).And.Property(nameof(Leak.What)).Contains("and those kept are"));
        File.WriteAllText(kept, text);
        PlantedDay.ChangeLabel(path, Name, values => [.. values.Skip(7), .. values.Take(7)]);
        Assert.That(Label(path), Has.Property(nameof(Leak.Kind)).EqualTo(LeakKind.WrongLabel).And.Property(nameof(Leak.What)).Contains("and what was given makes it"));
        File.Delete(kept);
        Assert.That(() => Label(path), Throws.TypeOf<DatasetException>().With.Message.Contains("is missing, and label told was made from it"));
    }

    [Test]
    public void A_column_of_texts_becomes_one_and_zero()
    {
        string path = _days.PathOf("texts.csv");
        File.WriteAllText(path, "# {\"truth\":\"spoof\"}\ntime_ns,symbol,class,end_ns\n20,B,spoof,25\n10,B,honest,11\n5,A,spoof,9\n");
        GivenLabels given = GivenLabels.Read([path], "class", "spoof");
        Assert.That(given.TryFind("B", 20, out GivenLabel label), Is.True);
        Assert.That((given.Count, given.LongestNanos, label), Is.EqualTo((3, 5L, new GivenLabel("B", 20, 1, 25))));
        Assert.That(given.TryFind("B", 10, out label) && label.Value == 0);
        Assert.That((given.TryFind("B", 15, out _), given.TryFind("C", 10, out _), given.TryFind("A", 20, out _)), Is.EqualTo((false, false, false)));
        given.Keep(_days.Folder, "texts");
        Assert.That(File.ReadAllText(_days.PathOf("texts.labels.csv")), Is.EqualTo("time_ns,symbol,value,end_ns\n5,A,1,9\n10,B,0,11\n20,B,1,25\n"));
        Assert.That(GivenLabels.ReadKept(_days.Folder, "texts").Hash, Is.EqualTo(given.Hash));
    }

    [TestCase("", "no labels")]
    [TestCase("time_ns,symbol,value\n", "line 1: the head has no column end_ns; it has time_ns, symbol, value")]
    [TestCase("time_ns,symbol,value,end_ns\n1,A,2", "line 2: 3 cells, and the head has 4; was the file cut?")]
    [TestCase("time_ns,symbol,value,end_ns\n1,A,NaN,2", "line 2: time_ns 1, symbol 'A', value NaN")]
    [TestCase("time_ns,symbol,value,end_ns\n1,A,2,2\n1.5,A,1,2", "line 3: time_ns 1.5")]
    [TestCase("time_ns,symbol,value,end_ns\n1,,1,2", "symbol ''")]
    [TestCase("time_ns,symbol,value,end_ns\n3,A,1,2", "line 2: it ends at 2: at or after its time 3")]
    [TestCase("time_ns,symbol,value,end_ns\n-9223372036854775808,A,1,9223372036854775807", "at most a week later")]
    [TestCase("time_ns,symbol,value,end_ns\n3,A,1,4\n2,A,1,3\n3,A,1,4", "two labels of A at 3")]
    [TestCase("time_ns,symbol,value,end_ns\n3,A,1,3", "no label looks beyond its own time")]
    public void What_is_no_file_of_labels_is_refused(string text, string expected)
    {
        string path = _days.PathOf("wrong.csv");
        File.WriteAllText(path, text);
        Assert.That(() => GivenLabels.Read([path]), Throws.TypeOf<DatasetException>().With.Message.Contains(expected).And.Property(nameof(DatasetException.IsData)).True);
    }

    [Test]
    public void A_line_may_be_so_long_and_no_longer()
    {
        string path = _days.PathOf("long.csv");
        const string Begins = "3,A,1,4,";
        File.WriteAllText(path, "time_ns,symbol,value,end_ns,remark\n" + Begins + new string('x', GivenLabels.MaxLine - Begins.Length));
        Assert.That(GivenLabels.Read([path]).Count, Is.EqualTo(1));
        File.AppendAllText(path, "x");
        Assert.That(() => GivenLabels.Read([path]), Throws.TypeOf<DatasetException>().With.Message.EqualTo($"{path}, line 2: more than 65,536 characters"));
    }

    [Test]
    public void Labels_that_all_days_share_are_read_once()
    {
        string folder = _days.Dataset("shared", SimulatedDays.Options(), _days.Capture(8), _days.Capture(9));
        string[] days = [Path.Combine(folder, "2026-01-08.h5"), Path.Combine(folder, "2026-01-09.h5")];
        (string symbol, long time, byte _) = Rows(days[0]).First();
        GivenLabels given = GivenLabels.Read([Csv("shared", new() { [(symbol, time)] = (1, time + 1) })]);
        foreach (string day in days)
        {
            LabelWriter.Add(day, Name, LabelDefinition.Of(given), false, 0, new LabelSummary(LabelKind.Given), given);
        }

        int reads = 0;
        var kept = new Lazy<GivenLabels>(() => (++reads, GivenLabels.ReadKept(folder, Name)).Item2);
        foreach (string day in days)
        {
            using DatasetFile file = DatasetFile.Open(day);
            Assert.That(DayChecks.Label(file, Name, kept), Is.Null);
        }

        Assert.That(reads, Is.EqualTo(1));
    }

    private static IEnumerable<ulong> SomeSeeds() => Seeds.Take(2);

    private static Leak? Label(string path)
    {
        using DatasetFile file = DatasetFile.Open(path);
        return DayChecks.Label(file, Name);
    }

    private static IEnumerable<(string Symbol, long Time, byte Trust)> Rows(string path)
    {
        using DatasetFile file = DatasetFile.Open(path);
        using var block = new FeatureRowBlock(file.Rows.Head.Contract.Count);
        var rows = new List<(string, long, byte)>();
        for (int start = 0; file.Rows.Read(start, block) is > 0 and var count; start += count)
        {
            rows.AddRange(Enumerable.Range(0, count).Select(i => (file.Rows.Symbols[block.Instruments[i]], block.Times[i], block.Trusts[i])));
        }

        return rows;
    }

    private string Csv(string name, Dictionary<(string Symbol, long Time), (float Value, long End)> told)
    {
        var text = new StringBuilder("end_ns,symbol,time_ns,value,remark\n");
        foreach (((string symbol, long time), (float value, long end)) in told)
        {
            text.Append(CultureInfo.InvariantCulture, $"{end},{symbol},{time},{value:R},none\n");
        }

        string path = _days.PathOf(name + ".csv");
        File.WriteAllText(path, text.ToString());
        return path;
    }
}
