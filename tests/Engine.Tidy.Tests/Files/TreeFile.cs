namespace Engine.Tidy.Tests.Files;

/// <summary>A file of the tree.</summary>
/// <param name="Path">From the root, with forward slashes.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Text">Its text; null for a binary file.</param>
internal sealed record TreeFile(string Path, long Bytes, string? Text)
{
    /// <summary>Whether it is C# source.</summary>
    public bool IsSource => Path.EndsWith(".cs", StringComparison.Ordinal);

    /// <summary>Whether it is a project.</summary>
    public bool IsProject => Path.EndsWith(".csproj", StringComparison.Ordinal);
}
