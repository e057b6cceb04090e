namespace Engine.Tidy.Tests.CSharp;

[TestFixture]
internal sealed class CodeTextTests
{
    [TestCase("a // hidden", "a")]
    [TestCase("a /* hidden\n hidden */ b", "a b")]
    [TestCase("/// <summary>hidden</summary>\na", "a")]
    [TestCase("a \"hidden \\\" hidden\" b", "a b")]
    [TestCase("a @\"hidden \\\" b", "a b")]
    [TestCase("a @\"hidden \"\" hidden\" b", "a b")]
    [TestCase("a \"\"\"hidden \"\" hidden\n// hidden\"\"\" b", "a b")]
    [TestCase("a $\"hidden {b} hidden {{hidden}}\" c", "a b c")]
    [TestCase("a $\"{b[\"hidden\"]}hidden\" c", "a b[ ] c")]
    [TestCase("a $\"{new { b }}\" c", "a new { b } c")]
    [TestCase("a $$\"\"\"{hidden} {{b}} hidden\"\"\" c", "a b c")]
    [TestCase("a $@\"hidden {b} \\\" c", "a b c")]
    [TestCase("a '\"' b", "a b")]
    [TestCase("a '\\'' b", "a b")]
    [TestCase("a '{' b", "a b")]
    [TestCase("a\n  #region it's hidden\nb", "a b")]
    [TestCase("a \"\" b", "a b")]
    [TestCase("a @class b", "a @class b")]
    public void Only_code_stays(string source, string expected)
    {
        string code = CodeText.Of(source);
        Assert.Multiple(() =>
        {
            Assert.That(string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), Is.EqualTo(expected));
            Assert.That(code, Has.Length.EqualTo(source.Length));
            Assert.That(code.Count(c => c == '\n'), Is.EqualTo(source.Count(c => c == '\n')));
        });
    }
}
