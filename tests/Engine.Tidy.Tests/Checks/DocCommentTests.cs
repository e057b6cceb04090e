using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

[TestFixture]
internal sealed class DocCommentTests
{
    private const string Product = "feeds/Engine.Feeds/X.cs";
    private const string Open = "namespace A;\n/// <summary>X.</summary>\npublic class X\n{\n";

    [TestCase("namespace A;\npublic class X;")]
    [TestCase("namespace A;\n// No.\npublic readonly record struct X(int A);")]
    [TestCase("namespace A;\n/// <summary>X.</summary>\n\npublic class X;")]
    [TestCase("namespace A;\n/// <summary>X.</summary>\npublic enum X { A }")]
    [TestCase("namespace A;\n/// <summary>X.</summary>\npublic interface X { void M(); }")]
    [TestCase("namespace A;\npublic delegate void X(int a);")]
    [TestCase(Open + "public int F;\n}")]
    [TestCase(Open + "[Attr]\npublic int P { get; set; }\n}")]
    [TestCase(Open + "public override string ToString() => \"\";\n}")]
    [TestCase(Open + "public X() { }\n}")]
    [TestCase(Open + "public static unsafe extern int M(byte* a);\n}")]
    public void It_catches(string text) => Assert.That(DocCommentCheck.Check(Product, text).Count(), Is.EqualTo(1));

    [TestCase(Product, Open + "/// <summary>M.</summary>\n[Attr(1)]\n[Other]\npublic int M() { int x = 1; return x; }\n}")]
    [TestCase(Product, Open + "/// <inheritdoc/>\npublic int P { get; } = 3;\nprivate int _f; int _g; void IX.M() { }\n}")]
    [TestCase(Product, "namespace A;\ninternal class X\n{\n    public int F;\n}")]
    [TestCase(Product, "return 0;")]
    [TestCase("bench/Engine.Bench/X.cs", "namespace A;\npublic class X;")]
    [TestCase("tests/Engine.Tests/X.cs", "namespace A;\npublic class X;")]
    public void It_lets_pass(string path, string text) => Assert.That(DocCommentCheck.Check(path, text), Is.Empty);

    [Test]
    public void The_trees_public_surface_is_documented() => Tree.AssertTidy(Tree.Sources.SelectMany(f => DocCommentCheck.Check(f.Path, f.Text!)));
}
