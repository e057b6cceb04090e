using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

[TestFixture]
internal sealed class LinkTests
{
    private static readonly string[] s_there = ["ARCHITECTURE.md", "tools/samples/README.md", "tools/samples", "a b.md"];

    [TestCase("README.md", "[x](MISSING.md)")]
    [TestCase("README.md", "![x](docs/x.png \"Title\")")]
    [TestCase("README.md", "[x](MISSING.md#part)")]
    [TestCase("README.md", "[x]\n\n[x]: MISSING.md")]
    [TestCase("README.md", "[x](../ARCHITECTURE.md)")]
    [TestCase("tools/samples/README.md", "[x](ARCHITECTURE.md)")]
    public void It_catches(string path, string text) => Assert.That(LinkCheck.Check(path, text, s_there.Contains).Count(), Is.EqualTo(1));

    [TestCase("README.md", "[x](ARCHITECTURE.md), [y](ARCHITECTURE.md#part), [z](./tools/samples/README.md), [s](tools/samples/)")]
    [TestCase("README.md", "[x](https://example.org/x) [y](#part) [z](mailto:a@example.org) [w](a%20b.md)")]
    [TestCase("README.md", "```\n[x](MISSING.md)\n```\nand `[x](MISSING.md)`")]
    [TestCase("tools/samples/README.md", "[x](../../ARCHITECTURE.md) [y](/ARCHITECTURE.md)")]
    public void It_lets_pass(string path, string text) => Assert.That(LinkCheck.Check(path, text, s_there.Contains), Is.Empty);

    [Test]
    public void The_trees_links_lead_somewhere() =>
        Tree.AssertTidy(Tree.Files.Where(f => f.Path.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(f => LinkCheck.Check(f.Path, f.Text!, Tree.Exists)));

    [TestCase("README.md")]
    public void The_front_page_exists(string path) => Assert.That(Tree.Exists(path), Is.True, $"{path} is missing at the repository's root.");
}
