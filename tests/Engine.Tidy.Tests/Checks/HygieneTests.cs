using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

[TestFixture]
internal sealed class HygieneTests
{
    // In two pieces, so that this file is tidy itself.
    private static readonly string[] s_bad =
    [
        "see /wo" + "rk/main\n", "cd \"/ro" + "ot/x\"\n", "/tm" + "p/wt/x\n", "/ho" + "me/me/x\n",
        "ht" + "tps://registry.npmjs.org/x\n", "ht" + "tps://api.nuget.org/v3/index.json\n", "ht" + "tp://deb.debian.org/debian\n",
        "// TO" + "DO: later\n", "FIX" + "ME\n", "HA" + "CK\n", "throw new NotImplemented" + "Exception();\n",
        "x \ny\n", "x\r\ny\n", "no line end", "x\uFFFD\n",
    ];

    [TestCaseSource(nameof(s_bad))]
    public void It_catches(string text) => Assert.That(HygieneCheck.Check("a.md", text), Is.Not.Empty);

    [Test]
    public void Tabs_are_caught_in_source_alone()
    {
        Assert.That(HygieneCheck.Check("a.cs", "\tx\n"), Is.Not.Empty);
        Assert.That(HygieneCheck.Check("a.sln", "\tx\n"), Is.Empty);
    }

    [TestCase("")]
    [TestCase("plain\n")]
    [TestCase("artifacts/work/x, $native/work/x, ./root/x and /tmp/x\n")]
    [TestCase("the package is on https://www.nuget.org/packages/NUnit\n")]
    [TestCase("a Hackney carriage, todo lists\n")]
    public void It_lets_pass(string text) => Assert.That(HygieneCheck.Check("a.cs", text), Is.Empty);

    [Test]
    public void Size_is_bounded()
    {
        Assert.That(HygieneCheck.CheckSize("a.bin", HygieneCheck.MaxBytes + 1), Is.Not.Empty);
        Assert.That(HygieneCheck.CheckSize("a.bin", HygieneCheck.MaxBytes), Is.Empty);
    }

    [Test]
    public void The_trees_texts_are_clean() =>
        Tree.AssertTidy(Tree.Files.Where(f => f.Text is not null).SelectMany(f => HygieneCheck.Check(f.Path, f.Text!)));

    [Test]
    public void The_trees_files_are_small() => Tree.AssertTidy(Tree.Files.SelectMany(f => HygieneCheck.CheckSize(f.Path, f.Bytes)));
}
