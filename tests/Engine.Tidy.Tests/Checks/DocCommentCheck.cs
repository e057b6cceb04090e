using Engine.Tidy.Tests.CSharp;
using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

/// <summary>In product projects every public type and member, enum members included, has a `///` comment.</summary>
internal static class DocCommentCheck
{
    /// <summary>Findings in one file.</summary>
    public static IEnumerable<Finding> Check(string path, string text) =>
        !IsProduct(path)
            ? []
            : DeclarationScanner.Scan(text)
                .Where(d => d.IsPublic && !d.HasDocs)
                .Select(d => new Finding(path, d.Line, $"`{d.Name}` is public and has no `///` comment"));

    private static bool IsProduct(string path) => path.Split('/')[0] is "engine" or "feeds" or "gpu" or "tools";
}
