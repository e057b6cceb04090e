using Engine.Training.Canaries;
using Engine.Training.Datasets;
using Engine.Training.Labels;
using Engine.Training.Splits;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Splits;

/// <summary>Leaks planted in the files of a data set.</summary>
public class DayCanaryTests
{
    private const string Label = "return_1s";

    private SimulatedDays _days = null!;
    private string _capture = "";
    private string _clean = "";
    private SplitFile _split = null!;

    [OneTimeSetUp]
    public void Make()
    {
        _days = new SimulatedDays();
        _capture = _days.Capture(5, 3_000);
        string next = _days.Capture(6, 3_000);
        _clean = _days.Dataset("clean", SimulatedDays.Options(), _capture, next);
        var definition = new LabelDefinition { Kind = LabelKind.Return, Horizon = new LabelHorizon(1_000_000_000, 0) };
        foreach (DatasetDay day in DatasetManifest.Read(_clean).Days)
        {
            LabelWriter.Add(Path.Combine(_clean, day.FileName), Label, definition, false, 0, new LabelSummary(definition.Kind));
        }

        var plan = new SplitPlan
        {
            Kind = SplitKind.Explicit, Rounds = [new SplitRound("split", [SplitRange.Of("2026-01-05")], [SplitRange.Of("2026-01-06")], [])],
        };
        _split = SplitFile.Make(plan, TrainingDataLoader.Load(_clean, Label), "test");
    }

    [OneTimeTearDown]
    public void Remove() => _days.Dispose();

    [Test]
    public void A_clean_set_passes()
    {
        Assert.That(Files(_clean), Is.Empty);
        Assert.That(SplitChecks.Rounds(_split, TrainingDataLoader.Load(_clean, Label)), Is.Empty);
    }

    [Test]
    public void A_column_from_the_future_cannot_come_out_of_the_engine()
    {
        // Each row's first feature becomes what it will be ten rows on: a window around the row, not before it.
        string folder = Planted("future", path => PlantedDay.ChangeFeatures(path, (features, width) =>
        {
            for (int row = 0; row + 10 < features.Length / width; row++)
            {
                features[row * width] = features[(row + 10) * width];
            }
        }, fixesHash: true));
        IReadOnlyList<Leak> found = Files(folder, unchecked_: [LeakKind.ChangedData]);
        Assert.That(found.Select(l => l.Kind), Is.EqualTo(new[] { LeakKind.FutureWindow }));
        Assert.That(found[0].Where, Does.Contain("2026-01-05.h5: row ").And.Contain("feature ask_distance_level0"));
        Assert.That(Files(folder, unchecked_: [LeakKind.FutureWindow, LeakKind.ChangedData]), Is.Empty, "unseen where nobody looks");
        Assert.That(SplitChecks.Rounds(_split, Load(folder), [LeakKind.ChangedData]), Is.Empty, "nor is it seen in the rows alone");
    }

    [Test]
    public void Only_as_much_of_the_captures_is_read_as_was_asked_for()
    {
        string folder = Planted("late", path => PlantedDay.ChangeFeatures(path, (features, width) => features[^1] += 1, fixesHash: true));
        Assert.That(Files(folder, rows: 50, unchecked_: [LeakKind.ChangedData]), Is.Empty);
        Assert.That(Files(folder, unchecked_: [LeakKind.ChangedData]).Single().Kind, Is.EqualTo(LeakKind.FutureWindow));
    }

    [Test]
    public void Changed_rows_are_not_what_their_hash_says()
    {
        string folder = Planted("changed", path => PlantedDay.ChangeFeatures(path, (features, width) => features[(7 * width) + 2] = 0.5f, fixesHash: false));
        Assert.That(Files(folder, withCapture: false).Single().Kind, Is.EqualTo(LeakKind.ChangedData));
        Assert.That(Files(folder, withCapture: false, unchecked_: [LeakKind.ChangedData]), Is.Empty);
    }

    [Test]
    public void A_changed_tape_is_not_what_its_hash_says()
    {
        string folder = Planted("tape", path => PlantedFile.ChangeTape(path, bids =>
        {
            for (int i = bids.Length / 2; i < bids.Length; i++)
            {
                bids[i] += bids[i] == DatasetFormat.Absent ? 0 : 10_000_000;
            }
        }));
        Leak[] found = [.. Files(folder, withCapture: false)];
        Assert.That(found.Select(l => l.Kind), Does.Contain(LeakKind.ChangedData).And.Contain(LeakKind.WrongLabel));
        Assert.That(found[0].What, Does.Contain("the hash over its tape"));
    }

    [Test]
    public void A_row_at_another_place_of_the_tape_has_other_labels_and_is_found()
    {
        void Later(long[] places) => places[40] += 3;
        string folder = Planted("place", path => PlantedFile.ChangePlaces(path, Later, fixesHash: false));
        Assert.That(Files(folder, withCapture: false).Select(l => l.Kind), Does.Contain(LeakKind.ChangedData));
        folder = Planted("fixedplace", path => PlantedFile.ChangePlaces(path, Later, fixesHash: true));
        Leak leak = Files(folder, unchecked_: [LeakKind.ChangedData, LeakKind.WrongLabel]).Single();
        Assert.That((leak.Kind, leak.Where), Is.EqualTo((LeakKind.FutureWindow, leak.Where)));
        Assert.That(leak.Where, Does.EndWith("2026-01-05.h5: row 40"));
        Assert.That(leak.What, Does.Contain("entries of the tape behind it"));
        Assert.That(Files(folder, rows: 40, unchecked_: [LeakKind.ChangedData, LeakKind.WrongLabel]), Is.Empty, "it is the next one");
    }

    [Test]
    public void A_day_that_says_it_goes_on_longer_is_found()
    {
        string folder = Planted("longer", path => PlantedFile.ChangeEnd(path, long.MaxValue));
        Assert.That(Files(folder, withCapture: false).Single(), Has.Property(nameof(Leak.Kind)).EqualTo(LeakKind.ChangedData).And.Property(nameof(Leak.What)).Contains("over its tape"));
        PlantedFile.FixQuotesHash(Path.Combine(folder, "2026-01-05.h5"));
        Assert.That(Files(folder, withCapture: false), Is.Empty, "its own hash knows nothing");
        Leak leak = Files(folder).Single();
        Assert.That((leak.Kind, leak.What), Is.EqualTo((LeakKind.ChangedData, leak.What)));
        Assert.That(leak.What, Does.Contain("and the captures make"));
        Assert.That(Files(folder, unchecked_: [LeakKind.ChangedData]), Is.Empty);
    }

    [TestCase(3, TestName = "A_label_of_rows_to_come")]
    [TestCase(-3, TestName = "A_label_that_is_known_already")]
    public void A_shifted_label_is_not_what_the_tape_makes(int shift)
    {
        string folder = Planted($"shifted{shift}", path => PlantedDay.ChangeLabel(
            path, Label, values => [.. values.Select((_, i) => values[Math.Clamp(i + shift, 0, values.Length - 1)])]));
        Leak leak = Files(folder, withCapture: false).Single();
        Assert.That(leak.Kind, Is.EqualTo(LeakKind.WrongLabel));
        Assert.That(leak.Where, Does.Contain("label return_1s, row "));
        Assert.That(Files(folder, withCapture: false, unchecked_: [LeakKind.WrongLabel]), Is.Empty);
    }

    [Test]
    public void A_day_of_another_contract_is_named()
    {
        string folder = Planted("contract", _ => { });
        File.Delete(Path.Combine(folder, "2026-01-05.h5"));
        string other = _days.Dataset("snapshot", SimulatedDays.Options(contract: "snapshot"), _capture);
        File.Copy(Path.Combine(other, "2026-01-05.h5"), Path.Combine(folder, "2026-01-05.h5"));
        Assert.That(
            SplitChecks.Files(folder, _split, new Dictionary<string, IReadOnlyList<string>>(), 1, [LeakKind.WrongLabel]).Select(l => l.Kind),
            Is.EqualTo(new[] { LeakKind.ContractMismatch, LeakKind.ChangedData }));
    }

    [Test]
    public void Other_captures_are_refused()
    {
        using DatasetFile file = DatasetFile.Open(Path.Combine(_clean, "2026-01-05.h5"));
        Assert.That(() => DayChecks.Rows(file, [_days.PathOf("2026-01-06.pcap")]), Throws.TypeOf<DatasetException>().With.Message.Contains("was made from 2026-01-05.pcap"));
    }

    private static TrainingData Load(string folder)
    {
        // A planted file with a hash of its own is not the one that the manifest describes: its rows are taken as somebody would who wrote that too.
        string path = Path.Combine(folder, DatasetManifest.FileName);
        DatasetManifest manifest = DatasetManifest.Read(folder);
        foreach (DatasetDay day in manifest.Days)
        {
            using DatasetFile file = DatasetFile.Open(Path.Combine(folder, day.FileName));
            File.WriteAllText(path, File.ReadAllText(path).Replace(day.RowsHash, file.RowsHash, StringComparison.Ordinal));
        }

        return TrainingDataLoader.Load(folder, Label);
    }

    private IReadOnlyList<Leak> Files(string folder, long rows = long.MaxValue, bool withCapture = true, LeakKind[]? unchecked_ = null)
    {
        var captures = new Dictionary<string, IReadOnlyList<string>>();
        if (withCapture)
        {
            captures["2026-01-05"] = [_capture];
        }

        return SplitChecks.Files(folder, _split, captures, rows, unchecked_);
    }

    /// <summary>A copy of the clean set whose first day is changed.</summary>
    private string Planted(string name, Action<string> plant)
    {
        string folder = Directory.CreateDirectory(_days.PathOf(name)).FullName;
        foreach (string file in Directory.GetFiles(_clean))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        plant(Path.Combine(folder, "2026-01-05.h5"));
        return folder;
    }
}
