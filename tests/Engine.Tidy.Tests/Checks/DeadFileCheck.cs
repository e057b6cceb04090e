using System.Text.RegularExpressions;
using System.Xml.Linq;
using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

/// <summary>Files that nothing compiles, samples that nothing describes, package versions that nothing uses.</summary>
internal static class DeadFileCheck
{
    private static readonly Regex s_never = new(@"^\s*#if\s+(?:false|0|NEVER)\b", RegexOptions.CultureInvariant | RegexOptions.Multiline);
    private static readonly Regex s_output = new(@"^(?:\$\(DefaultItemExcludes\)|\.?/?(?:bin|obj)/.*)$", RegexOptions.CultureInvariant);

    /// <summary>Source that one build file (csproj, props, targets) leaves out.</summary>
    public static IEnumerable<Finding> CheckBuildFile(string path, string text)
    {
        foreach (XElement element in XDocument.Parse(text).Descendants())
        {
            string left = element.Name.LocalName switch
            {
                "Compile" => element.Attribute("Remove")?.Value ?? "",
                "DefaultItemExcludes" => element.Value,
                _ => "",
            };
            foreach (string pattern in left.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (!s_output.IsMatch(pattern.Replace('\\', '/')))
                {
                    yield return new Finding(path, 0, $"leaves `{pattern}` out of the build: what is not compiled is deleted");
                }
            }

            if (element.Name.LocalName is "EnableDefaultCompileItems" or "EnableDefaultItems" && element.Value.Trim() == "false")
            {
                yield return new Finding(path, 0, $"{element.Name.LocalName} is off: files could lie there uncompiled");
            }
        }
    }

    /// <summary>Findings in one source file: below no project, or with a part that never compiles.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="projectFolders">Folders of all projects, each ending with a slash.</param>
    public static IEnumerable<Finding> CheckSource(string path, string text, IEnumerable<string> projectFolders)
    {
        if (!projectFolders.Any(folder => path.StartsWith(folder, StringComparison.Ordinal)))
        {
            yield return new Finding(path, 0, "no project compiles it");
        }

        foreach (Match match in s_never.Matches(text))
        {
            yield return new Finding(path, Finding.LineOf(text, match.Index + match.Length), $"`{match.Value.Trim()}` never compiles");
        }
    }

    /// <summary>Samples that their README does not name.</summary>
    /// <param name="readme">The README's text.</param>
    /// <param name="samples">Paths from the README's folder.</param>
    public static IEnumerable<Finding> CheckSamples(string readme, IEnumerable<string> samples) =>
        samples.Where(sample => !Regex.IsMatch(readme, $@"(?<![\w.-]){Regex.Escape(sample)}(?![\w-]|\.\w)"))
            .Select(sample => new Finding("tools/samples/" + sample, 0, "tools/samples/README.md does not name it"));

    /// <summary>
    /// Package versions that no project uses. Those behind a comment with the word "Pinned" hold packages of packages.
    /// </summary>
    public static IEnumerable<Finding> CheckPackages(string path, string text, IEnumerable<string> buildFiles)
    {
        var used = buildFiles.SelectMany(file => XDocument.Parse(file).Descendants("PackageReference"))
            .Select(reference => reference.Attribute("Include")?.Value ?? "")
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (XElement group in XDocument.Parse(text).Descendants("ItemGroup"))
        {
            bool pinned = false;
            foreach (XNode node in group.Nodes())
            {
                pinned |= node is XComment comment && comment.Value.Contains("Pinned", StringComparison.Ordinal);
                if (!pinned && node is XElement version && version.Attribute("Include")?.Value is { } package && !used.Contains(package))
                {
                    yield return new Finding(path, 0, $"{package}: no project uses it");
                }
            }
        }
    }
}
