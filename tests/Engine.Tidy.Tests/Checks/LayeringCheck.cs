using System.Text.RegularExpressions;
using System.Xml.Linq;
using Engine.Tidy.Tests.CSharp;
using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

/// <summary>References between projects, in project files and in the names that source uses, follow <see cref="Layers"/>.</summary>
internal static class LayeringCheck
{
    private static readonly Regex s_name = new(@"(?<![\w.])Engine(?:\.[A-Z]\w*)+", RegexOptions.CultureInvariant);

    /// <summary>The name of a project, or of the project around a source file; null for a path outside projects.</summary>
    public static string? ProjectOf(string path) => path.Split('/') is [_, string project, _, ..] ? project : null;

    /// <summary>Findings in one project file.</summary>
    public static IEnumerable<Finding> CheckProject(string path, string text)
    {
        string project = Path.GetFileNameWithoutExtension(path);
        if (path.Split('/') is not [_, string folder, _] || folder != project)
        {
            yield return new Finding(path, 0, "a project lies in group/Name/Name.csproj");
        }

        if (!Layers.IsKnown(project))
        {
            yield return new Finding(path, 0, "the layering table does not place this project");
            yield break;
        }

        foreach (XElement reference in XDocument.Parse(text).Descendants("ProjectReference"))
        {
            string included = (reference.Attribute("Include")?.Value ?? "").Replace('\\', '/');
            string other = Path.GetFileNameWithoutExtension(included);
            if (!Layers.MayUse(project, other))
            {
                yield return new Finding(path, 0, $"{project} must not refer to {other}");
            }
        }
    }

    /// <summary>Findings in the names that one source file uses.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="projects">Names of all projects.</param>
    public static IEnumerable<Finding> CheckSource(string path, string text, IReadOnlyCollection<string> projects)
    {
        if (ProjectOf(path) is not { } project)
        {
            yield break;
        }

        string code = CodeText.Of(text);
        int stage = project == Layers.EngineLibrary ? Array.IndexOf(Layers.Stages, path.Split('/')[2]) : -1;
        foreach (Match match in s_name.Matches(code))
        {
            string other = Layers.Owner(match.Value, projects);
            if (!Layers.MayUse(project, other))
            {
                yield return new Finding(path, Finding.LineOf(code, match.Index), $"`{match.Value}`: {project} must not know {other}");
            }
            else if (stage >= 0 && other == Layers.EngineLibrary && Array.IndexOf(Layers.Stages, match.Value.Split('.')[1]) > stage)
            {
                yield return new Finding(path, Finding.LineOf(code, match.Index), $"`{match.Value}`: a stage must not know a later one");
            }
        }
    }

    /// <summary>Projects that the solution lacks.</summary>
    public static IEnumerable<Finding> CheckSolution(string solution, IEnumerable<string> projectPaths) =>
        projectPaths.Where(path => !solution.Contains($"\"{path.Replace('/', '\\')}\"", StringComparison.Ordinal))
            .Select(path => new Finding(path, 0, "is not in Engine.sln"));
}
