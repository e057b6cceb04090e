namespace Engine.Tidy.Tests.Checks;

/// <summary>Which project may refer to which, and the order of the engine's stages: the design, as a table.</summary>
internal static class Layers
{
    /// <summary>The library whose namespaces are those of no other project.</summary>
    public const string EngineLibrary = "Engine";

    /// <summary>The stages of <see cref="EngineLibrary"/> in flow order; none knows a later one.</summary>
    public static readonly string[] Stages = ["Books", "Features", "Inference", "Signals", "Recording"];

    private static readonly Dictionary<string, string[]> s_allowed = new(StringComparer.Ordinal)
    {
        ["Engine.Core"] = [],
        ["Engine.Feeds"] = ["Engine.Core"],
        ["Engine"] = ["Engine.Core"],
        ["Engine.Host"] = ["Engine.Core", "Engine.Feeds", "Engine"],
        ["Engine.Training"] = ["Engine.Core", "Engine.Feeds", "Engine"],
        ["Engine.Simulator"] = ["Engine.Core"],
        ["Engine.Lab"] = ["Engine.Core", "Engine.Feeds", "Engine", "Engine.Training", "Engine.Simulator"],
        ["Engine.Bench"] = ["Engine.Core", "Engine.Feeds", "Engine", "Engine.Training", "Engine.Simulator"],
        ["Engine.Latency"] = ["Engine.Core", "Engine.Feeds", "Engine", "Engine.Training", "Engine.Simulator"],
        ["Engine.Fuzz"] = ["Engine.Core", "Engine.Feeds", "Engine", "Engine.TestKit"],
        ["Engine.TestKit"] = ["Engine.Core", "Engine.Feeds", "Engine"],
        ["Engine.Tidy.Tests"] = [],
    };

    /// <summary>Whether the design places a project.</summary>
    public static bool IsKnown(string project) => s_allowed.ContainsKey(project) || IsTest(project);

    /// <summary>Whether the design lets a project know another: tests know everything but each other.</summary>
    public static bool MayUse(string project, string other)
    {
        if (project == other)
        {
            return true;
        }

        return s_allowed.TryGetValue(project, out string[]? allowed) ? allowed.Contains(other) : IsTest(project) && !IsTest(other);
    }

    /// <summary>The project that owns a namespace or a name in one: the longest project name that begins it.</summary>
    public static string Owner(string qualifiedName, IEnumerable<string> projects) =>
        projects.Where(p => qualifiedName == p || qualifiedName.StartsWith(p + ".", StringComparison.Ordinal))
            .MaxBy(p => p.Length) ?? EngineLibrary;

    private static bool IsTest(string project) => project.EndsWith(".Tests", StringComparison.Ordinal);
}
