using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

[TestFixture]
internal sealed class UnsafeTests
{
    private const string Product = "engine/Engine.Core/Memory/NativeBuffer.cs";

    [TestCase("public unsafe class X;")]
    [TestCase("// safe enough\npublic unsafe class X;")]
    [TestCase("public unsafe class X;\n// SAFETY:\n")]
    public void It_catches(string text) => Assert.That(UnsafeCheck.Check(Product, text).Count(), Is.EqualTo(1));

    [TestCase(Product, "public unsafe class X { // SAFETY\n    // SAFETY: the index is masked.\n}")]
    [TestCase(Product, "// Nothing unsafe here\npublic class X;")]
    [TestCase("tests/Engine.TestKit/X.cs", "public unsafe class X;")]
    public void It_lets_pass(string path, string text) => Assert.That(UnsafeCheck.Check(path, text), Is.Empty);

    [Test]
    public void The_tree_says_why_it_is_safe() => Tree.AssertTidy(Tree.Sources.SelectMany(f => UnsafeCheck.Check(f.Path, f.Text!)));
}
