using System.Text.RegularExpressions;
using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

/// <summary>Links in Markdown to files of the repository name files that are there.</summary>
internal static class LinkCheck
{
    private static readonly Regex s_code = new(@"^(?<fence>```|~~~).*?^\k<fence>|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline);

    private static readonly Regex s_link = new(
        @"\]\(\s*<?(?<target>[^)\s>]+)>?[^)]*\)|^\s*\[[^\]\n]+\]:\s*(?<target>\S+)", RegexOptions.Multiline | RegexOptions.CultureInvariant);

    private static readonly Regex s_elsewhere = new(@"^(?:[a-z][a-z0-9+.-]*:|#)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    /// <summary>Findings in one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="exists">Whether a path from the root is there.</param>
    public static IEnumerable<Finding> Check(string path, string text, Func<string, bool> exists)
    {
        string prose = s_code.Replace(text, match => Regex.Replace(match.Value, @"[^\n]", " "));
        foreach (Match match in s_link.Matches(prose))
        {
            string target = match.Groups["target"].Value;
            if (s_elsewhere.IsMatch(target))
            {
                continue;
            }

            string? file = Resolve(path, Uri.UnescapeDataString(target.Split('#', '?')[0]));
            if (file is null || !exists(file))
            {
                yield return new Finding(path, Finding.LineOf(prose, match.Groups["target"].Index), $"the link `{target}` leads nowhere");
            }
        }
    }

    /// <summary>A path from the root; null when it leaves the repository.</summary>
    private static string? Resolve(string from, string target)
    {
        var parts = new List<string>(target.StartsWith('/') ? [] : from.Split('/')[..^1]);
        foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                if (parts.Count == 0)
                {
                    return null;
                }

                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}
