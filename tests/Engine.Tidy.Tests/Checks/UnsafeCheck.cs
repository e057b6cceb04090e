using System.Text.RegularExpressions;
using Engine.Tidy.Tests.CSharp;
using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

/// <summary>Outside tests, a file with the modifier `unsafe` says in a `// SAFETY:` comment why it is safe.</summary>
internal static class UnsafeCheck
{
    private static readonly Regex s_unsafe = new(@"\bunsafe\b", RegexOptions.CultureInvariant);
    private static readonly Regex s_safety = new(@"^\s*// SAFETY: \S", RegexOptions.CultureInvariant | RegexOptions.Multiline);

    /// <summary>Findings in one file.</summary>
    public static IEnumerable<Finding> Check(string path, string text)
    {
        if (path.StartsWith("tests/", StringComparison.Ordinal))
        {
            yield break;
        }

        string code = CodeText.Of(text);
        Match found = s_unsafe.Match(code);
        if (found.Success && !s_safety.IsMatch(text))
        {
            yield return new Finding(path, Finding.LineOf(code, found.Index), "`unsafe` without a `// SAFETY:` comment in the file");
        }
    }
}
