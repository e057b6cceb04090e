using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

[TestFixture]
internal sealed class FileLengthTests
{
    // A file that must be longer is named here with its reason: `.With("path", "reason")`.
    private static readonly AllowList s_allowed = new();

    [TestCase(FileLengthCheck.MaxLines + 1, 1)]
    [TestCase(FileLengthCheck.MaxLines, 0)]
    [TestCase(0, 0)]
    public void Lines_are_bounded(int lines, int findings) =>
        Assert.That(FileLengthCheck.Check("a.cs", string.Concat(Enumerable.Repeat("x\n", lines))).Count(), Is.EqualTo(findings));

    [Test]
    public void An_allowance_excuses_its_file_alone()
    {
        AllowList list = new AllowList().With("a.cs", "because");
        Assert.That(
            list.Apply([new Finding("a.cs", 0, "long"), new Finding("b.cs", 0, "long")]).Select(f => f.Path), Is.EqualTo(["b.cs"]));
    }

    [Test]
    public void A_stale_allowance_is_a_finding() =>
        Assert.That(new AllowList().With("a.cs", "because").Apply([]).Single().Message, Does.Contain("stale").And.Contain("because"));

    [Test]
    public void An_allowance_needs_a_reason() => Assert.That(() => new AllowList().With("a.cs", " "), Throws.ArgumentException);

    [Test]
    public void The_trees_files_are_short() =>
        Tree.AssertTidy(s_allowed.Apply(Tree.Sources.SelectMany(f => FileLengthCheck.Check(f.Path, f.Text!))));
}
