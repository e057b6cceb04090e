using System.Text.RegularExpressions;
using Engine.Tidy.Tests.CSharp;
using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

/// <summary>
/// A namespace is the project and the folder; no type is called `Engine`. A file that declares no type (top-level statements,
/// assembly attributes) needs no namespace.
/// </summary>
internal static class NamespaceCheck
{
    private static readonly Regex s_delegate = new(@"\bdelegate\s[^(]*\bEngine\s*[<(]", RegexOptions.CultureInvariant);

    /// <summary>Findings in one file.</summary>
    public static IEnumerable<Finding> Check(string path, string text)
    {
        string expected = string.Join('.', path.Split('/')[1..^1]);
        bool topLevel = path.EndsWith("/Program.cs", StringComparison.Ordinal);
        foreach (Declaration declaration in DeclarationScanner.Scan(text))
        {
            switch (declaration.Kind)
            {
                case DeclarationKind.Namespace when declaration.Name != expected || declaration.InNamespace:
                    yield return new Finding(path, declaration.Line, $"namespace {declaration.Name}; its folder asks for {expected}");
                    break;
                case DeclarationKind.Type or DeclarationKind.Interface or DeclarationKind.Enum when declaration.Name == "Engine":
                case DeclarationKind.Member when s_delegate.IsMatch(declaration.Name):
                    yield return new Finding(path, declaration.Line, "no type is called `Engine`: the name is the root namespace's");
                    break;
                case DeclarationKind.Type or DeclarationKind.Interface or DeclarationKind.Enum when !declaration.InNamespace && !topLevel:
                    yield return new Finding(path, declaration.Line, $"{declaration.Name} is in no namespace; its folder asks for {expected}");
                    break;
            }
        }
    }
}
