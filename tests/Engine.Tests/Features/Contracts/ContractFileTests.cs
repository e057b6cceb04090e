using System.Text;
using Engine.Features;
using Engine.Features.Contracts;

namespace Engine.Tests.Features.Contracts;

/// <summary>Contracts by name and by path, and those that models carry.</summary>
public sealed class ContractFileTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("engine-contracts-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, true);

    [Test]
    public void A_name_that_comes_with_the_engine_is_never_a_file()
    {
        foreach (string name in ContractDefinition.Names)
        {
            Assert.That(ContractDefinition.Load(name).Name, Is.EqualTo(name));
            Assert.That(Encoding.UTF8.GetString(ContractTexts.BuiltIn(name)), Does.Contain($"\"{name}\""));
        }

        string path = Write("small", """{ "name": "mine", "families": ["health"] }""");
        Assert.That(ContractDefinition.Load(path).Name, Is.EqualTo("mine"), "by its path it is a file, whatever its ending");
    }

    [Test]
    public void A_file_that_cannot_be_had_is_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Refusal("defalt"), Is.EqualTo("there is no feature contract 'defalt'; there are default, small, bitmex, snapshot, or name a .json file"));
            Assert.That(Refusal(""), Does.StartWith("there is no feature contract ''; there are default"));
            Assert.That(Refusal("/nowhere/mine.json"), Is.EqualTo("/nowhere/mine.json does not exist; check the path"));
            Assert.That(Refusal("/nowhere/mi\0ne.json"), Does.EndWith("does not exist; check the path"));
            string folder = Directory.CreateDirectory(Path.Combine(_folder, "a.json")).FullName;
            Assert.That(Refusal(folder), Is.EqualTo($"{folder} is a folder; name a contract's file in it"));
            string taken = Write("b.json", """{ "name": "small", "families": ["health"] }""");
            Assert.That(Refusal(taken), Is.EqualTo($"{taken}: name is 'small', which comes with the engine; give it another"));
            string huge = Write("c.json", new string(' ', (10 << 20) + 1));
            Assert.That(Refusal(huge), Is.EqualTo($"{huge}: is longer than 1,048,576 bytes; this is no contract"));
            Assert.That(Refusal("/dev/zero"), Is.EqualTo("/dev/zero: is longer than 1,048,576 bytes; this is no contract"));
        });
    }

    [TestCase("feature 1: 'b' is of family 'other', which this engine does not have; it has ask_distance, ", "trust health 0", "b other 0")]
    [TestCase("feature 2: 'staleness' is of family 'health' again; a family's features are neighbours", "trust health 0", "spread imbalance 0", "staleness health 0")]
    [TestCase("feature 0: 'r' and its neighbours of family 'return': a window is 5 ns; windows are whole milliseconds, 1 to 3600000", "r return 5")]
    [TestCase("feature 0: 'r' and its neighbours of family 'return': it has 0 windows; it must have 1 to 16", "r return 0")]
    public void A_models_contract_that_no_file_could_say_is_refused(string words, params string[] features)
    {
        FeatureSpec[] specs = [.. features.Select(f => f.Split(' ')).Select(f => new FeatureSpec(f[0], f[1], long.Parse(f[2]), "bps"))];
        var refused = Assert.Throws<ContractException>(() => ContractDefinition.Of(new FeatureContract("t", specs, "every-event")));
        Assert.That(refused.Message, Does.StartWith($"its {words}"));
        refused = Assert.Throws<ContractException>(() => ContractDefinition.Of(new FeatureContract("t", specs, "now-and-then")));
        Assert.That(refused.Message, Is.EqualTo("its sampling 'now-and-then' is none of every-event, every-N, grid-MS"));
    }

    private static string? Refusal(string nameOrPath) => Assert.Throws<ContractException>(() => ContractDefinition.Load(nameOrPath))?.Message;

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
