namespace Engine.Tidy.Tests.Files;

/// <summary>One thing that is not tidy.</summary>
/// <param name="Path">The file, from the root, with forward slashes.</param>
/// <param name="Line">1-based; 0 for the file as a whole.</param>
/// <param name="Message">What is wrong, and what is asked for.</param>
internal readonly record struct Finding(string Path, int Line, string Message)
{
    /// <summary>The form that editors jump to: `path:line: message`.</summary>
    public override string ToString() => Line > 0 ? $"{Path}:{Line}: {Message}" : $"{Path}: {Message}";

    /// <summary>The line of an offset.</summary>
    public static int LineOf(string text, int offset) => text.AsSpan(0, offset).Count('\n') + 1;
}
