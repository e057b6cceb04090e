using System.Text;
using Engine.Training.Datasets;
using Engine.Training.Splits;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Splits;

public class SplitFileTests
{
    private SimulatedDays _folder = null!;

    [SetUp]
    public void Make() => _folder = new SimulatedDays();

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void A_split_comes_back_from_its_file_with_the_same_rows()
    {
        TrainingData data = InMemoryRows.Make(1);
        foreach (SplitPlan plan in Plans(data))
        {
            SplitFile made = SplitFile.Make(plan, data, "test+1");
            SplitFile read = SplitFile.Read(Write(made.ToJson()));
            Assert.That(read.Hash, Is.EqualTo(made.Hash));
            Assert.That(Encoding.UTF8.GetString(read.ToJson()), Is.EqualTo(Encoding.UTF8.GetString(made.ToJson())));
            IReadOnlyList<SplitPart> parts = read.Parts(data);
            foreach ((SplitPart part, SplitRows expected) in parts.Zip(SplitMaker.Apply(plan, data)))
            {
                Assert.That((part.Id, part.Train, part.Valid, part.Test), Is.EqualTo((expected.Part.Id, expected.Part.Train, expected.Part.Valid, expected.Part.Test)));
            }
        }
    }

    [Test]
    public void Two_builds_that_split_alike_give_the_same_hash_and_other_rows_another()
    {
        TrainingData data = InMemoryRows.Make(1);
        SplitPlan plan = Plans(data)[0];
        string hash = SplitFile.Make(plan, data, "test+1").Hash;
        Assert.That(SplitFile.Make(plan, data, "test+2").Hash, Is.EqualTo(hash), "models name the split that they were trained on, and must not depend on a build");
        Assert.That(SplitFile.Make(plan, InMemoryRows.Make(1, rowsPerDay: 300), "test+1").Hash, Is.Not.EqualTo(hash));
    }

    [Test]
    public void A_changed_file_is_refused()
    {
        TrainingData data = InMemoryRows.Make(1);
        string text = Encoding.UTF8.GetString(SplitFile.Make(Plans(data)[0], data, "test").ToJson());
        foreach ((string from, string to) in (ReadOnlySpan<(string, string)>)
            [("\"embargo_ns\": 5", "\"embargo_ns\": 6"), ("\"purge\": true", "\"purge\": false"), ("\"day-1\"", "\"day-2\""), ("\"train\": 7", "\"train\": 8"), ("engine-split", "other"), ("{", "[")])
        {
            string changed = text.Replace(from, to, StringComparison.Ordinal);
            Assert.That(changed, Is.Not.EqualTo(text), from);
            Assert.That(() => SplitFile.Read(Write(Encoding.UTF8.GetBytes(changed))), Throws.TypeOf<DatasetException>().With.Property(nameof(DatasetException.IsData)).True, from);
        }
    }

    [TestCase(1)]
    [TestCase(3)]
    public void Another_version_is_refused_and_says_what_to_do(int version)
    {
        TrainingData data = InMemoryRows.Make(1);
        string text = Encoding.UTF8.GetString(SplitFile.Make(Plans(data)[0], data, "test").ToJson());
        string other = text.Replace("\"format_version\": 2", $"\"format_version\": {version}", StringComparison.Ordinal);
        Assert.That(other, Is.Not.EqualTo(text));
        Assert.That(() => SplitFile.Read(Write(Encoding.UTF8.GetBytes(other))), Throws.TypeOf<DatasetException>()
            .With.Message.Contains($"of version {version}, and 2 is read here; make it again with lab split").And.Property(nameof(DatasetException.IsData)).True);
    }

    [Test]
    public void Other_data_than_it_was_made_over_is_named()
    {
        TrainingData data = InMemoryRows.Make(1);
        SplitFile split = SplitFile.Make(Plans(data)[0], data, "test");
        Assert.That(split.Difference(data), Is.Null);
        TrainingData other = InMemoryRows.Make(1);
        other.Labels[5] = float.NaN;
        Assert.That(split.Difference(other), Does.Contain("Train ="));
        Assert.That(() => split.Parts(other), Throws.TypeOf<DatasetException>());
        Assert.That(split.Difference(InMemoryRows.Make(1, days: 5)), Does.StartWith("days "));
    }

    private static SplitPlan[] Plans(TrainingData data) =>
    [
        new()
        {
            Kind = SplitKind.Explicit, EmbargoNanos = 5 * InMemoryRows.Second,
            Rounds = [new SplitRound("split", [SplitRange.Of("day-0"), SplitRange.Of("day-1")], [SplitRange.Of(data.Times[800], data.Times[1_000])], [SplitRange.Of("day-3")])],
        },
        SplitPlanner.KFold(data, 5, [SplitRange.Of("day-3")]),
        SplitPlanner.WalkForward(data, 3, true, []),
    ];

    private string Write(byte[] bytes)
    {
        string path = _folder.PathOf("split.json");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
