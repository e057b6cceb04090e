using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

[TestFixture]
internal sealed class NamespaceTests
{
    private const string Book = "engine/Engine/Books/X.cs";

    [TestCase(Book, "namespace Engine;\nclass X;")]
    [TestCase(Book, "namespace Engine.Books\n{\n    namespace Inner { class X; }\n}")]
    [TestCase(Book, "class X;")]
    [TestCase(Book, "namespace Engine.Books;\nclass Engine;")]
    [TestCase(Book, "namespace Engine.Books;\nclass X { enum Engine { A } }")]
    [TestCase(Book, "namespace Engine.Books;\ndelegate void Engine(int a);")]
    [TestCase("engine/Engine/Pipeline.cs", "namespace Engine.Pipeline;\nclass X;")]
    [TestCase("engine/Engine/Features/Families/X.cs", "namespace Engine.Features;\nclass X;")]
    public void It_catches(string path, string text) => Assert.That(NamespaceCheck.Check(path, text).Count(), Is.EqualTo(1));

    [TestCase(Book, "using System;\n\nnamespace Engine.Books;\n\n// class Engine\ninternal sealed class X { Engine.Core.Y F() => new Engine.Core.Y(); }")]
    [TestCase(Book, "namespace Engine.Books;\nclass EngineLimits { string s = \"class Engine\"; }")]
    [TestCase("engine/Engine/Pipeline.cs", "namespace Engine;\nclass X;")]
    [TestCase("engine/Engine/Features/Families/X.cs", "namespace Engine.Features.Families;\nclass X;")]
    [TestCase("tools/Engine.Lab/Program.cs", "return Run(args);\nclass Local;")]
    [TestCase("feeds/Engine.Feeds/AssemblyInfo.cs", "using System;\n[assembly: InternalsVisibleTo(\"X\")]")]
    public void It_lets_pass(string path, string text) => Assert.That(NamespaceCheck.Check(path, text), Is.Empty);

    [Test]
    public void The_trees_namespaces_are_its_folders() => Tree.AssertTidy(Tree.Sources.SelectMany(f => NamespaceCheck.Check(f.Path, f.Text!)));
}
