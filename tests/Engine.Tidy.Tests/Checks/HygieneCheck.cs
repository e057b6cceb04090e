using System.Text.RegularExpressions;
using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

/// <summary>What every text file keeps, and what belongs on no public page. (Patterns are written so as not to match themselves.)</summary>
internal static class HygieneCheck
{
    /// <summary>The most bytes of a file.</summary>
    public const long MaxBytes = 5_000_000;

    private static readonly (Regex Regex, string What)[] s_banned =
    [
        (Make(@"(?<![\w.~-])/(?:wor[k]|roo[t]|hom[e])/"), "an absolute path of one machine"),
        (Make(@"/tm[p]/wt\b"), "an absolute path of one machine"),
        (Make(@"https?[:]//\S*\b(?:registry\.npmjs\.org|(?:api|www)\.nuget\.org/(?:api|v3)|api\.nuget\.org|deb\.debian\.org|pypi\.org|proxy\.golang\.org)"),
            "the address of a package registry"),
        (Make(@"\b(?:TOD[O]|FIXM[E]|HAC[K]|XX[X])\b"), "a note of unfinished work"),
        (Make(@"\bNotImplemente[d]Exception\b"), "unfinished work"),
        (Make(@"[ \t]+\r?$"), "white space at the end of a line"),
        (Make(@"\r"), "a carriage return; lines end with \\n"),
    ];

    private static readonly Regex s_tab = Make(@"\t");

    /// <summary>Findings in one text file.</summary>
    public static IEnumerable<Finding> Check(string path, string text)
    {
        foreach ((Regex regex, string what) in s_banned)
        {
            foreach (Match match in regex.Matches(text))
            {
                yield return new Finding(path, Finding.LineOf(text, match.Index), $"{what}: `{match.Value.Trim()}`");
            }
        }

        if (path.EndsWith(".cs", StringComparison.Ordinal) && s_tab.Match(text) is { Success: true } tab)
        {
            yield return new Finding(path, Finding.LineOf(text, tab.Index), "a tab; indent with spaces");
        }

        if (text.Length > 0 && text[^1] != '\n')
        {
            yield return new Finding(path, 0, "no line end at the end of the file");
        }

        if (text.Contains('\uFFFD', StringComparison.Ordinal))
        {
            yield return new Finding(path, Finding.LineOf(text, text.IndexOf('\uFFFD', StringComparison.Ordinal)), "not UTF-8");
        }
    }

    /// <summary>Findings in the size of one file.</summary>
    public static IEnumerable<Finding> CheckSize(string path, long bytes)
    {
        if (bytes > MaxBytes)
        {
            yield return new Finding(path, 0, $"{bytes} bytes; the most is {MaxBytes}");
        }
    }

    private static Regex Make(string pattern) => new(pattern, RegexOptions.CultureInvariant | RegexOptions.Multiline);
}
