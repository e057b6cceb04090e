using Engine.Core.Hdf5;
using Engine.Training.Datasets;
using Engine.Training.Labels;
using Engine.Training.Splits;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Datasets;

public class DatasetBuilderTests
{
    private SimulatedDays _days = null!;
    private string _first = "";
    private string _second = "";

    [OneTimeSetUp]
    public void Make()
    {
        _days = new SimulatedDays();
        _first = _days.Capture(5, 1_500);
        _second = _days.Capture(6, 1_500);
    }

    [OneTimeTearDown]
    public void Remove() => _days.Dispose();

    [Test]
    public void Finished_days_are_kept_and_unfinished_ones_made_anew()
    {
        DatasetOptions options = SimulatedDays.Options();
        string folder = _days.PathOf("resumed");
        BuiltDay made = new DatasetBuilder(folder, options, false).Add([_first]);
        byte[] bytes = File.ReadAllBytes(Path.Combine(folder, "2026-01-05.h5"));

        // As a kill leaves it: a file under its working name, and one whose end was not written.
        File.WriteAllBytes(Path.Combine(folder, "2026-01-06.h5.partial"), bytes[..5_000]);
        var again = new DatasetBuilder(folder, options, false);
        Assert.That((again.Add([_first]).IsKept, again.Add([_second]).IsKept), Is.EqualTo((true, false)));
        Assert.That(File.ReadAllBytes(Path.Combine(folder, "2026-01-05.h5")), Is.EqualTo(bytes));
        Assert.That(Directory.GetFiles(folder).Select(Path.GetFileName).Order(), Is.EqualTo(new[] { "2026-01-05.h5", "2026-01-06.h5", "dataset.json" }));
        DatasetManifest manifest = DatasetManifest.Read(folder);
        Assert.That(manifest.Days.Select(d => d.Id), Is.EqualTo(new[] { "2026-01-05", "2026-01-06" }));
        Assert.That(manifest.Days[0], Is.EqualTo(made.Day with { Captures = manifest.Days[0].Captures }));
        Assert.That(manifest.Days[0].Captures, Is.EqualTo(made.Day.Captures));

        File.Delete(Path.Combine(folder, DatasetManifest.FileName));
        File.WriteAllBytes(Path.Combine(folder, "2026-01-06.h5"), bytes[..5_000]);
        var third = new DatasetBuilder(folder, options, false);
        Assert.That((third.Add([_first]).IsKept, third.Add([_second]).IsKept), Is.EqualTo((true, false)), "the files themselves say what they are");
        Assert.That(DatasetManifest.Read(folder).Days.Select(d => d.RowsHash), Is.EqualTo(manifest.Days.Select(d => d.RowsHash)));
    }

    [Test]
    public void Equal_captures_and_labels_make_equal_files()
    {
        byte[][] made = [.. Enumerable.Range(0, 2).Select(i =>
        {
            string folder = _days.Dataset($"equal{i}", SimulatedDays.Options() with { Deflate = 1 }, _first);
            Label(folder, "d", new LabelDefinition { Kind = LabelKind.Direction, Horizon = new LabelHorizon(0, 5), DeadZone = 0.0001 });
            return File.ReadAllBytes(Path.Combine(folder, "2026-01-05.h5"));
        })];
        Assert.That(made[1], Is.EqualTo(made[0]));
    }

    [Test]
    public void What_was_made_otherwise_is_refused_unless_it_may_be_replaced()
    {
        string folder = _days.Dataset("other", SimulatedDays.Options(), _first);
        DatasetOptions other = SimulatedDays.Options("grid-200");
        Assert.That(() => new DatasetBuilder(folder, other, false), Throws.TypeOf<DatasetException>().With.Message.Contains("made otherwise"));
        string copy = Path.Combine(_days.PathOf("elsewhere"), "2026-01-05.pcap");
        Directory.CreateDirectory(_days.PathOf("elsewhere"));
        File.Copy(_second, copy);
        Assert.That(
            () => new DatasetBuilder(folder, SimulatedDays.Options(), false).Add([copy]), Throws.TypeOf<DatasetException>().With.Message.Contains("other captures"));

        var replacing = new DatasetBuilder(folder, other, true);
        Assert.That(replacing.Add([_first]).IsKept, Is.False);
        Assert.That(DatasetManifest.Read(folder).Configuration, Does.Contain("grid-200"));
    }

    [Test]
    public void A_damaged_manifest_is_said_to_be_one()
    {
        string folder = _days.Dataset("damaged", SimulatedDays.Options(), _first);
        string path = Path.Combine(folder, DatasetManifest.FileName);
        string text = File.ReadAllText(path);
        foreach (string damage in (string[])["", "{", "[]", "{}", text.Replace("grid-100", "grid-101", StringComparison.Ordinal), text.Replace("\"2026-01-05\"", "\"../x\"", StringComparison.Ordinal)])
        {
            File.WriteAllText(path, damage);
            Assert.That(() => DatasetManifest.Read(folder), Throws.TypeOf<DatasetException>().With.Property(nameof(DatasetException.IsData)).True, damage);
        }
    }

    [TestCase("a/2026-01-05.pcap.gz", "2026-01-05")]
    [TestCase("x.itch", "x.itch")]
    [TestCase("rec.PCAPNG", "rec")]
    public void A_day_is_called_like_its_first_capture(string capture, string expected) => Assert.That(DatasetBuilder.IdOf([capture]), Is.EqualTo(expected));

    [TestCase("-")]
    [TestCase(".pcap")]
    [TestCase("..")]
    public void What_gives_no_name_is_refused(string capture) => Assert.That(() => DatasetBuilder.IdOf([capture]), Throws.TypeOf<DatasetException>());

    [Test]
    public void Training_data_has_the_rows_of_the_days_by_time()
    {
        string folder = _days.Dataset("loaded", SimulatedDays.Options("grid-100"), _second, _first);
        Label(folder, "r", new LabelDefinition { Kind = LabelKind.Return, Horizon = new LabelHorizon(500_000_000, 0) });
        TrainingData data = TrainingDataLoader.Load(folder, "r");
        Assert.That(data.DayIds, Is.EqualTo(new[] { "2026-01-05", "2026-01-06" }));
        Assert.That(data.Times, Is.Ordered);
        Assert.That(data.Rows, Is.EqualTo(DatasetManifest.Read(folder).Rows));
        Assert.That(data.Features.Length, Is.EqualTo(data.Rows * data.Columns));
        var random = new Engine.Core.Numerics.SeededRandom(1);
        using DatasetFile day = DatasetFile.Open(Path.Combine(folder, "2026-01-06.h5"));
        using var block = new Engine.Recording.Hdf5.FeatureRowBlock(data.Columns);
        for (int n = 0; n < 50; n++)
        {
            int start = random.Next((int)day.Rows.Rows);
            day.Rows.Read(start, block);
            string symbol = day.Rows.Symbols[block.Instruments[0]];
            int row = Enumerable.Range(0, data.Rows).Single(r => data.Times[r] == block.Times[0] && data.Symbols[data.Instruments[r]] == symbol);
            var (label, end) = (new float[1], new long[1]);
            day.ReadLabel("r", start, label, end);
            Assert.That(data.Row(row).ToArray(), Is.EqualTo(block.Row(0).ToArray()));
            Assert.That((data.Labels[row], data.Ends[row], data.DayIds[data.Days[row]]), Is.EqualTo((label[0], end[0], "2026-01-06")));
        }

        Assert.That(TrainingDataLoader.Load(folder, "r", ["2026-01-06"]).Rows, Is.EqualTo(day.Rows.Rows));
        Assert.That(TrainingDataLoader.Load(folder, "r", null, withFeatures: false).Features.Length, Is.Zero);
        Assert.That(() => TrainingDataLoader.Load(folder, "x"), Throws.TypeOf<DatasetException>().With.Message.Contains("has no label x (it has: r)"));
        Assert.That(() => TrainingDataLoader.Load(folder, "r", ["no"]), Throws.TypeOf<DatasetException>().With.Message.Contains("no day 'no'"));
    }

    [Test]
    public void A_label_is_added_once_and_replaced_only_on_demand()
    {
        string folder = _days.Dataset("labelled", SimulatedDays.Options(), _first);
        string path = Path.Combine(folder, "2026-01-05.h5");
        var definition = new LabelDefinition { Kind = LabelKind.MaxAbs, Horizon = new LabelHorizon(500_000_000, 0) };
        var (first, second) = (new LabelSummary(definition.Kind), new LabelSummary(definition.Kind));
        Assert.That(LabelWriter.Add(path, "loud", definition, false, 0, first), Is.False);
        byte[] bytes = File.ReadAllBytes(path);
        Assert.That(LabelWriter.Add(path, "loud", definition, false, 0, second), Is.True);
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(bytes));
        Assert.That(second.ToJson(), Is.EqualTo(first.ToJson()), "the distribution is told either way");
        Assert.That(first.Labelled, Is.GreaterThan(100));

        LabelDefinition other = definition with { Kind = LabelKind.MaxUp };
        Assert.That(() => LabelWriter.Add(path, "loud", other, false, 0, new LabelSummary(other.Kind)), Throws.TypeOf<DatasetException>());
        Assert.That(LabelWriter.Add(path, "loud", other, true, 4, new LabelSummary(other.Kind)), Is.False);
        LabelWriter.Add(path, "more", definition, false, 0, new LabelSummary(definition.Kind));
        using DatasetFile file = DatasetFile.Open(path);
        Assert.That(file.LabelNames(), Is.EqualTo(new[] { "loud", "more" }));
        Assert.That((file.LabelDefinition("loud"), file.LabelDefinition("more")), Is.EqualTo((other.CanonicalJson, definition.CanonicalJson)));
        Assert.That(DayChecks.Label(file, "loud"), Is.Null);
        Assert.That(file.ComputeRowsHash(), Is.EqualTo(file.RowsHash), "labels leave the rows alone");
        Assert.That(() => Hdf5File.OpenRead(path + ".partial"), Throws.InstanceOf<IOException>(), "nothing is left behind");
    }

    private static void Label(string folder, string name, LabelDefinition definition)
    {
        foreach (DatasetDay day in DatasetManifest.Read(folder).Days)
        {
            LabelWriter.Add(Path.Combine(folder, day.FileName), name, definition, false, 0, new LabelSummary(definition.Kind));
        }
    }
}
